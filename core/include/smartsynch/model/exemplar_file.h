// A few of the samples that a model was trained on, as int8 numbers without text, so that it can be
// fine-tuned on the device without forgetting them. File: safetensors with metadata
// (models/FORMAT.md). Reading trusts nothing; the file belongs to exactly one model.
//
//   Result<BaseExemplars> exemplars = ParseExemplars(bytes);
//   Status fits = CheckExemplars(*exemplars, model);
//
// Thread safety: plain values and pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "smartsynch/base/status.h"
#include "smartsynch/model/model.h"

namespace smartsynch {

inline constexpr int kExemplarFormatVersion = 1;

// One tier's view of the exemplars. The directions are those of the tier's embedding (the sentence
// encoder's, the token table's) with the largest magnitude as 127. The logits are combined
// (decide/combined_logits.h) and come from heads that were trained without the sample: from heads
// that know it one could not learn what they do not know.
struct ExemplarTier {
  std::size_t dimension = 0;            // 0: the tier has no embedding
  std::vector<std::int8_t> directions;  // [rows, dimension]
  std::vector<std::int8_t> logits;      // [rows, categories + 1], the open-set logit last
  std::vector<float> logit_scale;       // [categories + 1]: logit = scale * code
};

// The rows of the first category come first, then those of the second …, the open set's last.
struct BaseExemplars {
  std::string model_version;
  std::vector<std::size_t> counts;  // [categories + 1] rows of each
  ExemplarTier full;
  ExemplarTier instant;

  std::size_t rows() const;
  std::vector<int> Labels() const;  // by row; kOpenSetLabel (-1) for the open set
};

// Rounds combined logits [rows, outputs] to int8 with one scale a column.
void SetLogits(const std::vector<float>& logits, std::size_t outputs, ExemplarTier& tier);
// One row's logits.
std::vector<float> DecodeLogits(const ExemplarTier& tier, std::size_t row);

// The same exemplars give the same bytes. Fails with kInvalidArgument for what ParseExemplars would
// refuse.
Result<std::string> SerializeExemplars(const BaseExemplars& exemplars);

// Fails with kInvalidModel (damaged, what and where), kUnsupportedVersion (another format version).
Result<BaseExemplars> ParseExemplars(std::string_view bytes);

// What a model's exemplars must match.
struct ExemplarFit {
  std::string model_version;
  std::size_t categories = 0;
  std::size_t full_dimension = 0;
  std::size_t instant_dimension = 0;
};

// Fails with kIncompatible when the exemplars were made with another model.
Status CheckExemplars(const BaseExemplars& exemplars, const ExemplarFit& expected);
Status CheckExemplars(const BaseExemplars& exemplars, const Model& model);

}  // namespace smartsynch
