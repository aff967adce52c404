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
      float sum = 0.0F;
      for (std::size_t c = 0; c < categories; ++c) {
        exponentials[c] = Exp(z[c] - highest);
        sum += exponentials[c];
      }
      const float log_sum = highest + Log(sum);
      for (std::size_t c = 0; c < categories; ++c) {
        const bool is_label = c == static_cast<std::size_t>(labels[r]);
        const float target =
            smoothing / static_cast<float>(categories) + (is_label ? 1.0F - smoothing : 0.0F);
        total += weight * target * (log_sum - z[c]);
        g[c] = weight * (exponentials[c] / sum - target);
      }
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
