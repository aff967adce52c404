// Forward and backward pass of the dense head, written side by side; checked against finite
// differences in the tests. Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "smartsynch/learn/loss.h"
#include "smartsynch/nn/dense_head.h"

namespace smartsynch {

// Same shapes as in DenseHead.
struct DenseGradient {
  std::vector<float> w1;
  std::vector<float> b1;
  std::vector<float> w2;
  std::vector<float> b2;
};

// `embeddings`: [labels.size(), head.input]. `dropout_mask`: [labels.size(), head.hidden], each
// hidden unit's factor (0, or 1 / keep probability); empty means no dropout. Returns the loss and
// fills `gradient`.
float DenseLossAndGradient(const DenseHead& head, const float* embeddings,
                           std::span<const int> labels, std::span<const float> weights,
                           std::span<const float> dropout_mask, const LossOptions& options,
                           DenseGradient& gradient);

}  // namespace smartsynch
