#include "smartsynch/learn/optimizer.h"

#include <cmath>

namespace smartsynch {
namespace {
constexpr float kBeta1 = 0.9F;
constexpr float kBeta2 = 0.999F;
constexpr float kEpsilon = 1e-8F;
}  // namespace

void AdamW::Step(std::vector<float>& parameters, const std::vector<float>& gradient,
                 float learning_rate, float weight_decay) {
  first_moment.resize(parameters.size(), 0.0F);
  second_moment.resize(parameters.size(), 0.0F);
  beta1_power *= kBeta1;
  beta2_power *= kBeta2;
  const float first_correction = 1.0F / (1.0F - beta1_power);
  const float second_correction = 1.0F / (1.0F - beta2_power);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const float g = gradient[i];
    first_moment[i] = kBeta1 * first_moment[i] + (1.0F - kBeta1) * g;
    second_moment[i] = kBeta2 * second_moment[i] + (1.0F - kBeta2) * (g * g);
    const float step = (first_moment[i] * first_correction) /
                       (std::sqrt(second_moment[i] * second_correction) + kEpsilon);
    parameters[i] -= learning_rate * (step + weight_decay * parameters[i]);
  }
}

void AdaGrad::Step(std::vector<float>& parameters, std::size_t index, float gradient,
                   float learning_rate) {
  squared_sum[index] += gradient * gradient;
  parameters[index] -= learning_rate * gradient / (std::sqrt(squared_sum[index]) + kEpsilon);
}

}  // namespace smartsynch
