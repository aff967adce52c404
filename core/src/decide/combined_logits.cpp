#include "smartsynch/decide/combined_logits.h"

#include <algorithm>

namespace smartsynch {

std::vector<float> CombineLogits(const HeadLogits& logits, const Calibration& calibration) {
  constexpr double kMost = 1e6;
  const std::size_t outputs =
      std::max({logits.dense.size(), logits.lexical.size(), logits.token.size()});
  if (outputs < 2) return {};
  const auto term = [](float weight, std::span<const float> head, std::size_t i) {
    return i < head.size() ? static_cast<double>(weight) * static_cast<double>(head[i]) : 0.0;
  };
  std::vector<float> combined(outputs, 0.0F);
  for (std::size_t i = 0; i + 1 < outputs; ++i) {
    const double sum = term(calibration.dense_weight, logits.dense, i) +
                       term(calibration.lexical_weight, logits.lexical, i) +
                       term(calibration.token_weight, logits.token, i);
    combined[i] = static_cast<float>(std::clamp(sum, -kMost, kMost));
  }
  if (!calibration.has_open_set) return combined;
  const std::size_t open = outputs - 1;
  const double sum = term(calibration.open_dense_weight, logits.dense, open) +
                     term(calibration.open_lexical_weight, logits.lexical, open) +
                     term(calibration.open_token_weight, logits.token, open) +
                     static_cast<double>(calibration.open_bias);
  combined[open] = static_cast<float>(std::clamp(sum, -kMost, kMost));
  return combined;
}

Calibration PlainCalibration(bool has_open_set) {
  Calibration plain;
  plain.lexical_weight = 0.0F;
  plain.has_open_set = has_open_set;
  plain.open_dense_weight = 1.0F;
  return plain;
}

}  // namespace smartsynch
