#include "smartsynch/nn/pooling.h"

#include <cmath>
#include <vector>

namespace smartsynch {

void MeanPoolNormalize(const float* hidden, std::size_t tokens, std::size_t dimension, float* out) {
  std::vector<double> sums(dimension, 0.0);
  for (std::size_t t = 0; t < tokens; ++t) {
    for (std::size_t d = 0; d < dimension; ++d)
      sums[d] += static_cast<double>(hidden[t * dimension + d]);
  }
  double squares = 0.0;
  for (const double sum : sums) squares += sum * sum;
  // Dividing by the token count first would change nothing: normalisation cancels it.
  const double norm = std::sqrt(squares);
  for (std::size_t d = 0; d < dimension; ++d) {
    out[d] = norm == 0.0 ? 0.0F : static_cast<float>(sums[d] / norm);
  }
}

}  // namespace smartsynch
