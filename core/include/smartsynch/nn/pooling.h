// Mean pooling over tokens, then L2 normalisation, as sentence-transformers does for MiniLM.
#pragma once

#include <cstddef>

namespace smartsynch {

// `hidden`: [tokens, dimension], the rows of real tokens only (padding comes after and is left out
// by the caller). Writes `dimension` values with Euclidean norm one; all zero when there is no
// token or the mean is zero. A hidden value that is not finite makes some of the result not a
// number, which the classifier refuses. Sums run in token order in double, so the result is the
// same on every host.
void MeanPoolNormalize(const float* hidden, std::size_t tokens, std::size_t dimension, float* out);

}  // namespace smartsynch
