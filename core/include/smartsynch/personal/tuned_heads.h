// What fine-tuning on the device learns (personal/fine_tune.h): for each tier one linear head over
// its embedding, which adds to what base model and exemplar memory say of every category. All
// weights zero change nothing, and the base's own weights never change, so what the heads can spoil
// is bounded. They take 50 kB for 25 categories.
//
//   logits[c] = FuseLogits(...)[c]                                  // base and memory
//             + token_share * (instant head of the token embedding)[c]
//             + (full head of the sentence embedding)[c]            // in the full tier
//
// A model's token head has another weight in each tier; token_share is their quotient, so that the
// same two heads can be written into a model file (personal/fold_heads.h).
// Thread safety: plain values and pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "smartsynch/base/status.h"
#include "smartsynch/decide/calibration.h"
#include "smartsynch/decide/decision_policy.h"
#include "smartsynch/engine/classifier.h"
#include "smartsynch/personal/exemplar_memory.h"

namespace smartsynch {

// A category as the heads know it. `base_indexes` is empty for one that the user added.
struct TunedCategory {
  std::string id;
  std::vector<std::size_t> base_indexes;
  bool operator==(const TunedCategory&) const = default;
};

struct TunedTier {
  std::size_t input = 0;       // of the embedding; 0: this tier stays as it is without heads
  std::vector<float> weights;  // [input, categories]
  std::vector<float> bias;     // [categories]
  // Of the sums above, which stand for the dense head's logits, and of the novelty's log-odds,
  // which stand for its open-set logit.
  Calibration calibration;
  DecisionThresholds thresholds;
};

struct TunedHeads {
  std::string base_version;         // of the model that they add to
  std::string parent;               // version they were compared with and replace
  std::uint64_t last_sequence = 0;  // of the newest event that they were trained on
  std::vector<TunedCategory> categories;
  float token_share = 0.0F;
  TunedTier instant;
  TunedTier full;
  std::string version;  // first 16 hexadecimal digits of the bytes' SHA-256; set by ParseTunedHeads
};

// Adds share * (x * weights + bias) to the logits of the head's categories. An embedding of another
// length adds nothing.
void AddHead(const TunedTier& head, std::span<const float> x, float share, std::span<float> logits);

// What the heads say of their categories in a tier. `embedding` is looked at in the full tier only;
// both embeddings have length one or are zero.
std::vector<float> HeadsLogits(const TunedHeads& heads, Tier tier,
                               std::span<const float> token_embedding,
                               std::span<const float> embedding);

// The log-odds of a novelty within 0..1, bounded to 15 either way.
float NoveltyLogOdds(float novelty);

// Sharpens or softens what the heads were added to: `fused` after the addition.
void ApplyCalibration(const Calibration& calibration, FusedLogits& fused);

// Safetensors (models/FORMAT.md). The same heads give the same bytes.
std::string SerializeTunedHeads(const TunedHeads& heads);

// Fails with kInvalidModel (damaged, what and where), kUnsupportedVersion (another format version).
Result<TunedHeads> ParseTunedHeads(std::string_view bytes);

}  // namespace smartsynch
