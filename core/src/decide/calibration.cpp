#include "smartsynch/decide/calibration.h"

#include <algorithm>

#include "smartsynch/nn/math.h"

namespace smartsynch {
namespace {

// Beyond this, Exp is 0 or infinite and Sigmoid 0 or 1 anyway.
float Bounded(double x) { return static_cast<float>(std::clamp(x, -200.0, 200.0)); }

}  // namespace

Scores Calibrate(const HeadLogits& logits, const Calibration& calibration) {
  Scores scores;
  const std::size_t outputs =
      std::max({logits.dense.size(), logits.lexical.size(), logits.token.size()});
  if (outputs < 2) {  // no category at all
    scores.novelty = 1.0F;
    return scores;
  }
  // In double, which no product or sum of finite floats leaves.
  const auto combine = [&](float dense, float lexical, float token, std::size_t i) {
    const auto term = [i](float weight, std::span<const float> head) {
      return i < head.size() ? static_cast<double>(weight) * static_cast<double>(head[i]) : 0.0;
    };
    return term(dense, logits.dense) + term(lexical, logits.lexical) + term(token, logits.token);
  };
  const std::size_t categories = outputs - 1;
  std::vector<double> z(categories);
  for (std::size_t c = 0; c < categories; ++c) {
    z[c] =
        combine(calibration.dense_weight, calibration.lexical_weight, calibration.token_weight, c);
  }
  const double highest = *std::max_element(z.begin(), z.end());
  std::vector<float>& p = scores.probabilities;
  p.resize(categories);
  float sum = 0.0F;
  for (std::size_t c = 0; c < categories; ++c) {
    p[c] = Exp(Bounded(z[c] - highest));
    sum += p[c];
  }
  for (float& value : p) value /= sum;
  if (calibration.has_open_set) {
    scores.novelty =
        Sigmoid(Bounded(combine(calibration.open_dense_weight, calibration.open_lexical_weight,
                                calibration.open_token_weight, categories) +
                        static_cast<double>(calibration.open_bias)));
  } else {
    scores.novelty = 1.0F - *std::max_element(p.begin(), p.end());
  }
  return scores;
}

}  // namespace smartsynch
