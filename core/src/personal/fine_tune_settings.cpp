#include "personal/fine_tune_settings.h"

#include <algorithm>
#include <array>

#include "smartsynch/nn/math.h"

namespace smartsynch {
namespace {

// Steps of a tenth or so; finer ones move no decision.
constexpr std::array<float, 15> kFactors = {0.5F, 0.55F, 0.6F, 0.66F, 0.73F, 0.8F,  0.9F, 1.0F,
                                            1.1F, 1.2F,  1.3F, 1.45F, 1.6F,  1.75F, 2.0F};

// As if there were one category, so that the novelty alone is fitted.
Calibration FitNoveltyAlone(const HeldOutLogits& all) {
  HeldOutLogits novelty;
  novelty.outputs = 2;
  novelty.labels = all.labels;
  novelty.weights = all.weights;
  for (std::size_t r = 0; r < all.labels.size(); ++r) {
    novelty.labels[r] = std::min(all.labels[r], 0);
    novelty.dense.push_back(0.0F);
    novelty.dense.push_back(all.dense[(r + 1) * all.outputs - 1]);
  }
  return FitCalibration(novelty);
}

}  // namespace

double SettingsFit::LossAt(float factor) const {
  const std::size_t categories = held_out_.outputs - 1;
  double loss = 0.0;
  for (std::size_t r = 0; r < held_out_.labels.size(); ++r) {
    if (held_out_.labels[r] < 0) continue;
    const float* z = held_out_.dense.data() + r * held_out_.outputs;
    const float highest = *std::max_element(z, z + categories);
    float sum = 0.0F;
    for (std::size_t c = 0; c < categories; ++c) sum += Exp(factor * (z[c] - highest));
    const float label = z[static_cast<std::size_t>(held_out_.labels[r])];
    loss += static_cast<double>(Log(sum) - factor * (label - highest));
  }
  return loss;
}

void SettingsFit::Step(TunedTier& tier) {
  if (tried_ < kFactors.size()) {
    const double loss = LossAt(kFactors[tried_]);
    if (tried_ == 0 || loss < best_loss_) {
      best_loss_ = loss;
      best_factor_ = kFactors[tried_];
    }
    ++tried_;
    return;
  }
  tier.calibration = FitNoveltyAlone(held_out_);
  tier.calibration.dense_weight = best_factor_;
  tier.calibration.lexical_weight = 0.0F;
  tier.calibration.token_weight = 0.0F;
  tier.thresholds = FitThresholds(held_out_, tier.calibration, {});
  finished_ = true;
}

}  // namespace smartsynch
