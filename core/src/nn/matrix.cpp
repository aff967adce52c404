#include "smartsynch/nn/matrix.h"

#include <algorithm>
#include <array>

#include "smartsynch/nn/wide_vectors.h"

namespace smartsynch {
namespace {

// A tile of outputs stays in registers while the inner index runs; its width is a whole number of
// vectors on every host (4, 8 or 16 floats).
constexpr std::size_t kTileRows = 4;
constexpr std::size_t kTileColumns = 16;

SMARTSYNCH_ALWAYS_INLINE void MultiplyTile(const float* a, const float* b, float* c, std::size_t k,
                                           std::size_t n) {
  std::array<std::array<float, kTileColumns>, kTileRows> sums;
  for (std::size_t i = 0; i < kTileRows; ++i) {
    for (std::size_t j = 0; j < kTileColumns; ++j) sums[i][j] = c[i * n + j];
  }
  for (std::size_t p = 0; p < k; ++p) {
    const float* row = b + p * n;
    for (std::size_t i = 0; i < kTileRows; ++i) {
      const float factor = a[i * k + p];
      for (std::size_t j = 0; j < kTileColumns; ++j) sums[i][j] += factor * row[j];
    }
  }
  for (std::size_t i = 0; i < kTileRows; ++i) {
    for (std::size_t j = 0; j < kTileColumns; ++j) c[i * n + j] = sums[i][j];
  }
}

SMARTSYNCH_ALWAYS_INLINE void MultiplyEdge(const float* a, const float* b, float* c,
                                           std::size_t rows, std::size_t k, std::size_t columns,
                                           std::size_t n) {
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t p = 0; p < k; ++p) {
      const float factor = a[i * k + p];
      for (std::size_t j = 0; j < columns; ++j) c[i * n + j] += factor * b[p * n + j];
    }
  }
}

// c += a * b
SMARTSYNCH_ALWAYS_INLINE void MultiplyKernel(const float* a, const float* b, float* c,
                                             std::size_t m, std::size_t k, std::size_t n) {
  const std::size_t whole_rows = m / kTileRows * kTileRows;
  const std::size_t whole_columns = n / kTileColumns * kTileColumns;
  for (std::size_t i = 0; i < whole_rows; i += kTileRows) {
    for (std::size_t j = 0; j < whole_columns; j += kTileColumns) {
      MultiplyTile(a + i * k, b + j, c + i * n + j, k, n);
    }
    if (whole_columns < n) {
      MultiplyEdge(a + i * k, b + whole_columns, c + i * n + whole_columns, kTileRows, k,
                   n - whole_columns, n);
    }
  }
  if (whole_rows < m)
    MultiplyEdge(a + whole_rows * k, b, c + whole_rows * n, m - whole_rows, k, n, n);
}

SMARTSYNCH_WIDE_VECTORS(MultiplyKernel, Multiply,
                        (const float* a, const float* b, float* c, std::size_t m, std::size_t k,
                         std::size_t n),
                        (a, b, c, m, k, n))

}  // namespace

void MatMul(const float* a, const float* b, float* c, std::size_t m, std::size_t k, std::size_t n,
            bool accumulate) {
  if (!accumulate) std::fill(c, c + m * n, 0.0F);
  Multiply(a, b, c, m, k, n);
}

void Transpose(const float* in, float* out, std::size_t rows, std::size_t columns) {
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < columns; ++c) out[c * rows + r] = in[r * columns + c];
  }
}

}  // namespace smartsynch
