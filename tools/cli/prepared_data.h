// What `prepare` reads and finds, and how it is reported.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/engine.h"
#include "smartsynch/learn/dataset.h"
#include "smartsynch/learn/disagreements.h"
#include "smartsynch/learn/duplicates.h"
#include "smartsynch/learn/near_duplicates.h"

namespace smartsynch {

// Samples and the file that each came from.
struct SourcedSamples {
  std::vector<Sample> samples;
  std::vector<std::string> files;  // by sample
};

// Texts that are trained on and evaluated on. Indices: of the prepared samples, then of `data`.
struct EvaluationOverlap {
  SourcedSamples data;
  std::vector<std::pair<std::size_t, std::size_t>> exact;  // by the second
  std::vector<std::pair<std::size_t, std::size_t>> similar;
  std::vector<double> similarity;  // of `similar`
};

// What needs the sentence encoder.
struct EmbeddingFindings {
  std::vector<NearDuplicate> near;  // without pairs of one text or listed as similar
  std::vector<Disagreement> disagreements;
  std::vector<std::string> categories;  // of the labels in `disagreements`
  float threshold = 0.0F;
  std::size_t folds = 0;
};

// All samples, those of the categories first; an open-set sample's category is empty.
struct PreparedData {
  SourcedSamples data;
  std::size_t categorised = 0;
  std::size_t malformed = 0;
  DuplicateReport duplicates;
  std::vector<std::size_t> redundant;
  std::size_t crowded_openings = 0;
  std::size_t train = 0;
  std::size_t validation = 0;
  std::optional<EvaluationOverlap> overlap;
  std::optional<EmbeddingFindings> embedding;

  double OpeningShare(const Opening& opening) const;
  // Disagreements and near-duplicates of one category are opinions, no problems.
  std::size_t Problems() const;
};

// Equal texts and texts that share many words (learn/duplicates.h), between the two.
EvaluationOverlap FindEvaluationOverlap(const std::vector<Sample>& prepared,
                                        SourcedSamples evaluation);

struct EmbeddingChecks {
  EngineOptions engine;
  float threshold = 0.95F;
  DisagreementOptions validation;
};

// Embeds every sample; progress on standard error. Fails as the encoder does and with kCancelled.
Result<EmbeddingFindings> CheckEmbeddings(const PreparedData& prepared,
                                          const EmbeddingChecks& checks);

nlohmann::ordered_json PreparedToJson(const PreparedData& prepared);
std::string PreparedToText(const nlohmann::ordered_json& report);

}  // namespace smartsynch
