#include "smartsynch/decide/calibration.h"

#include <algorithm>

#include "smartsynch/nn/math.h"

namespace smartsynch {

Scores Calibrate(std::span<const float> dense, std::span<const float> lexical,
                 const Calibration& calibration) {
  Scores scores;
  const std::size_t outputs = std::max(dense.size(), lexical.size());
  if (outputs < 2) {  // no category at all
    scores.novelty = 1.0F;
    return scores;
  }
  const auto logit = [](std::span<const float> logits, std::size_t i) {
    return i < logits.size() ? logits[i] : 0.0F;
  };
  const std::size_t categories = outputs - 1;
  std::vector<float>& p = scores.probabilities;
  p.resize(categories);
  for (std::size_t c = 0; c < categories; ++c) {
    p[c] =
        calibration.dense_weight * logit(dense, c) + calibration.lexical_weight * logit(lexical, c);
  }
  const float highest = *std::max_element(p.begin(), p.end());
  float sum = 0.0F;
  for (float& value : p) {
    value = Exp(value - highest);
    sum += value;
  }
  for (float& value : p) value /= sum;
  if (calibration.has_open_set) {
    scores.novelty = Sigmoid(calibration.open_dense_weight * logit(dense, categories) +
                             calibration.open_lexical_weight * logit(lexical, categories) +
                             calibration.open_bias);
  } else {
    scores.novelty = 1.0F - *std::max_element(p.begin(), p.end());
  }
  return scores;
}

}  // namespace smartsynch
