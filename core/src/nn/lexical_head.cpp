#include "smartsynch/nn/lexical_head.h"

#include <algorithm>
#include <cmath>

namespace smartsynch {

void LexicalHead::Forward(std::span<const std::uint32_t> features, float* logits) const {
  std::vector<std::int32_t> sums(outputs, 0);
  const std::size_t buckets = std::size_t{1} << bucket_bits;
  std::size_t count = 0;
  for (const std::uint32_t feature : features) {
    if (feature >= buckets) continue;
    ++count;
    const std::int8_t* row = weights.data() + feature * outputs;
    for (std::size_t o = 0; o < outputs; ++o) sums[o] += row[o];
  }
  const float norm = count > 0 ? 1.0F / std::sqrt(static_cast<float>(count)) : 0.0F;
  for (std::size_t o = 0; o < outputs; ++o) {
    logits[o] = static_cast<float>(sums[o]) * (scale[o] * norm);
  }
}

LexicalHead LexicalHead::Quantize(std::size_t bucket_bits, std::size_t outputs,
                                  const std::vector<float>& weights) {
  LexicalHead head;
  head.bucket_bits = bucket_bits;
  head.outputs = outputs;
  head.weights.resize(weights.size());
  head.scale.assign(outputs, 0.0F);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    head.scale[i % outputs] = std::max(head.scale[i % outputs], std::fabs(weights[i]));
  }
  for (float& value : head.scale) value /= 127.0F;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const float scale = head.scale[i % outputs];
    const float steps = scale > 0.0F ? weights[i] / scale : 0.0F;
    // Not a number for a weight that is none: converting that to an integer would be undefined.
    if (!std::isfinite(steps)) continue;
    head.weights[i] = static_cast<std::int8_t>(std::clamp(std::nearbyint(steps), -127.0F, 127.0F));
  }
  return head;
}

}  // namespace smartsynch
