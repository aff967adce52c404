#include "smartsynch/learn/loss.h"

#include <algorithm>
#include <vector>

#include "smartsynch/nn/math.h"

namespace smartsynch {

float ClassificationLoss(const float* logits, std::size_t outputs, std::span<const int> labels,
                         std::span<const float> weights, const LossOptions& options,
                         float* gradient) {
  const std::size_t categories = outputs - 1;
  const std::size_t rows = labels.size();
  std::fill(gradient, gradient + rows * outputs, 0.0F);
  if (rows == 0) return 0.0F;
  const float smoothing = options.label_smoothing;
  std::vector<float> exponentials(categories);
  float total = 0.0F;
  for (std::size_t r = 0; r < rows; ++r) {
    const float* z = logits + r * outputs;
    float* g = gradient + r * outputs;
    const float weight = weights[r] / static_cast<float>(rows);
    if (labels[r] >= 0) {
      const float highest = *std::max_element(z, z + categories);
      for (std::size_t c = 0; c < categories; ++c) exponentials[c] = z[c] - highest;
      ExpAll(exponentials.data(), exponentials.data(), categories);
      float sum = 0.0F;
      for (std::size_t c = 0; c < categories; ++c) sum += exponentials[c];
      const float log_sum = highest + Log(sum);
      // The label's target differs from the others'; each loop does one thing, so that the one
      // whose outputs are apart from each other can be computed side by side.
      const auto label = static_cast<std::size_t>(labels[r]);
      const float rest = smoothing / static_cast<float>(categories);
      const float label_target = rest + (1.0F - smoothing);
      for (std::size_t c = 0; c < categories; ++c) {
        total += weight * (c == label ? label_target : rest) * (log_sum - z[c]);
      }
      for (std::size_t c = 0; c < categories; ++c) g[c] = weight * (exponentials[c] / sum - rest);
      g[label] = weight * (exponentials[label] / sum - label_target);
    }
    if (options.has_open_set) {
      const float logit = z[categories];
      const float target = labels[r] >= 0 ? smoothing / 2 : 1.0F - smoothing / 2;
      // log(1 + exp(-|x|)) + max(x, 0) - x * target, which neither overflows nor loses digits.
      const float magnitude = logit >= 0 ? logit : -logit;
      total += weight * (Log(1.0F + Exp(-magnitude)) + std::max(logit, 0.0F) - logit * target);
      g[categories] = weight * (Sigmoid(logit) - target);
    }
  }
  return total;
}

}  // namespace smartsynch
