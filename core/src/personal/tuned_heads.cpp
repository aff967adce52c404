#include "smartsynch/personal/tuned_heads.h"

#include <algorithm>

#include "smartsynch/nn/math.h"

namespace smartsynch {

void AddHead(const TunedTier& head, std::span<const float> x, float share,
             std::span<float> logits) {
  if (head.input == 0 || x.size() != head.input) return;
  std::vector<float> sums = head.bias;
  for (std::size_t i = 0; i < head.input; ++i) {
    const float* row = head.weights.data() + i * sums.size();
    for (std::size_t o = 0; o < sums.size(); ++o) sums[o] += x[i] * row[o];
  }
  for (std::size_t o = 0; o < sums.size(); ++o) logits[o] += share * sums[o];
}

std::vector<float> HeadsLogits(const TunedHeads& heads, Tier tier,
                               std::span<const float> token_embedding,
                               std::span<const float> embedding) {
  std::vector<float> logits(heads.categories.size(), 0.0F);
  const bool is_full = tier == Tier::kFull;
  AddHead(heads.instant, token_embedding, is_full ? heads.token_share : 1.0F, logits);
  if (is_full) AddHead(heads.full, embedding, 1.0F, logits);
  return logits;
}

float NoveltyLogOdds(float novelty) {
  constexpr float kMost = 15.0F;
  const float n = std::clamp(novelty, 1e-7F, 1.0F - 1e-7F);
  return std::clamp(Log(n) - Log(1.0F - n), -kMost, kMost);
}

void ApplyCalibration(const Calibration& calibration, FusedLogits& fused) {
  for (float& logit : fused.logits) logit *= calibration.dense_weight;
  if (!calibration.has_open_set) return;
  fused.novelty = Sigmoid(calibration.open_dense_weight * NoveltyLogOdds(fused.novelty) +
                          calibration.open_bias);
}

}  // namespace smartsynch
