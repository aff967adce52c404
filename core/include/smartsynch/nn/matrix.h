// Dense products whose bits do not depend on the host: for each output element the inner index
// ascends, and only different outputs are computed side by side, so a compiler may vectorise across
// outputs and threads may split them, but no sum is ever reordered. All matrices are row-major.
// Thread safety: pure functions.
#pragma once

#include <cstddef>

namespace smartsynch {

// c[m, n] = a[m, k] * b[k, n] (+ c, when `accumulate`). c must not overlap a or b.
void MatMul(const float* a, const float* b, float* c, std::size_t m, std::size_t k, std::size_t n,
            bool accumulate = false);

// c[m, n] = a[k, m] transposed * b[k, n]: the same bits as transposing first. No overlap either.
void MatMulTransposed(const float* a, const float* b, float* c, std::size_t m, std::size_t k,
                      std::size_t n);

// out[columns, rows] = in[rows, columns] transposed. They must not overlap.
void Transpose(const float* in, float* out, std::size_t rows, std::size_t columns);

}  // namespace smartsynch
