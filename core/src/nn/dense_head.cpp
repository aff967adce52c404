#include "smartsynch/nn/dense_head.h"

#include <algorithm>

#include "smartsynch/nn/matrix.h"

namespace smartsynch {

void DenseHead::Forward(const float* embeddings, std::size_t rows, float* logits) const {
  std::vector<float> activations(rows * hidden);
  for (std::size_t r = 0; r < rows; ++r) {
    std::copy(b1.begin(), b1.end(), activations.begin() + static_cast<std::ptrdiff_t>(r * hidden));
    std::copy(b2.begin(), b2.end(), logits + r * outputs);
  }
  MatMul(embeddings, w1.data(), activations.data(), rows, input, hidden, /*accumulate=*/true);
  for (float& value : activations) value = std::max(value, 0.0F);
  MatMul(activations.data(), w2.data(), logits, rows, hidden, outputs, /*accumulate=*/true);
}

}  // namespace smartsynch
