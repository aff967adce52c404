// Calibrated probabilities from the heads' logits. Each head's logits are weighted and summed (a
// product of experts, Hinton 2002; with one head the weight is the inverse of the temperature of
// Guo et al. 2017, arXiv:1706.04599), then softmax gives the categories' probabilities and a
// logistic function of the open-set logits gives the novelty. All parameters are fitted on held-out
// folds (learn/calibrate.h). Thread safety: plain values and pure functions.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace smartsynch {

struct Calibration {
  float dense_weight = 1.0F;    // weight of the dense head's category logits; 0 in the instant tier
  float lexical_weight = 1.0F;  // weight of the lexical head's category logits
  bool has_open_set = false;    // the heads were trained with open-set samples
  float open_dense_weight = 0.0F;
  float open_lexical_weight = 0.0F;
  float open_bias = 0.0F;
  float token_weight = 0.0F;  // weight of the token head's category logits; 0 without a token table
  float open_token_weight = 0.0F;
};

// The heads' logits of one task: categories + 1 each, the open-set logit last. Those whose weights
// are zero may be left empty.
struct HeadLogits {
  std::span<const float> dense = {};
  std::span<const float> lexical = {};
  std::span<const float> token = {};
};

struct Scores {
  std::vector<float> probabilities;  // one per category, summing to one
  float novelty = 0.0F;              // 0..1; without open-set training: 1 - highest probability
};

// Logits and parameters must be finite; then every score is, however large they are.
Scores Calibrate(const HeadLogits& logits, const Calibration& calibration);

}  // namespace smartsynch
