#include "smartsynch/learn/optimizer.h"

#include <cmath>
#include <cstddef>

#include "smartsynch/nn/wide_vectors.h"

namespace smartsynch {
namespace {
constexpr float kBeta1 = 0.9F;
constexpr float kBeta2 = 0.999F;
constexpr float kEpsilon = 1e-8F;

struct AdamWRates {
  float learning_rate;
  float weight_decay;
  float first_correction;
  float second_correction;
};

template <std::size_t>
SMARTSYNCH_ALWAYS_INLINE void AdamWKernel(const AdamWRates& rates, const float* gradient,
                                          float* first_moment, float* second_moment,
                                          float* parameters, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    const float g = gradient[i];
    first_moment[i] = kBeta1 * first_moment[i] + (1.0F - kBeta1) * g;
    second_moment[i] = kBeta2 * second_moment[i] + (1.0F - kBeta2) * (g * g);
    const float step = (first_moment[i] * rates.first_correction) /
                       (std::sqrt(second_moment[i] * rates.second_correction) + kEpsilon);
    parameters[i] -= rates.learning_rate * (step + rates.weight_decay * parameters[i]);
  }
}

SMARTSYNCH_WIDE_VECTORS(AdamWKernel, UpdateAdamW,
                        (const AdamWRates& rates, const float* gradient, float* first_moment,
                         float* second_moment, float* parameters, std::size_t size),
                        (rates, gradient, first_moment, second_moment, parameters, size))

}  // namespace

void AdamW::Step(std::vector<float>& parameters, const std::vector<float>& gradient,
                 float learning_rate, float weight_decay) {
  first_moment.resize(parameters.size(), 0.0F);
  second_moment.resize(parameters.size(), 0.0F);
  beta1_power *= kBeta1;
  beta2_power *= kBeta2;
  const AdamWRates rates = {learning_rate, weight_decay, 1.0F / (1.0F - beta1_power),
                            1.0F / (1.0F - beta2_power)};
  UpdateAdamW(rates, gradient.data(), first_moment.data(), second_moment.data(), parameters.data(),
              parameters.size());
}

void AdaGrad::Step(std::vector<float>& parameters, std::size_t index, float gradient,
                   float learning_rate) {
  squared_sum[index] += gradient * gradient;
  parameters[index] -= learning_rate * gradient / (std::sqrt(squared_sum[index]) + kEpsilon);
}

}  // namespace smartsynch
