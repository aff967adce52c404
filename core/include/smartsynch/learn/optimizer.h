// The two optimizers: AdamW for the dense head, AdaGrad for the lexical head, whose gradients are
// sparse. Thread safety: plain values; one thread at a time.
#pragma once

#include <cstddef>
#include <vector>

namespace smartsynch {

// AdamW (Loshchilov & Hutter 2019, arXiv:1711.05101) with beta1 0.9, beta2 0.999, epsilon 1e-8:
// weight decay is applied to the parameters, not through the gradient.
struct AdamW {
  std::vector<float> first_moment;
  std::vector<float> second_moment;
  // 0.9^steps and 0.999^steps, kept as running products so that no pow() is needed.
  float beta1_power = 1.0F;
  float beta2_power = 1.0F;

  void Step(std::vector<float>& parameters, const std::vector<float>& gradient, float learning_rate,
            float weight_decay);
};

// AdaGrad (Duchi, Hazan & Singer 2011): rare features keep a large step, frequent ones settle.
struct AdaGrad {
  std::vector<float> squared_sum;

  // One parameter; call only for those with a gradient. `squared_sum` must have been given the size
  // of the parameters, all zero.
  void Step(std::vector<float>& parameters, std::size_t index, float gradient, float learning_rate);
};

}  // namespace smartsynch
