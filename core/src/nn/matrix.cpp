#include "smartsynch/nn/matrix.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "smartsynch/nn/wide_vectors.h"

namespace smartsynch {
namespace {

// a[i * row + p * step] is the factor of output row i at inner index p.
struct Factors {
  const float* values;
  std::size_t row;
  std::size_t step;
};

// A tile of outputs stays in registers while the inner index runs: eight rows where there are 32
// registers, four where there are 16.
template <std::size_t kBytes>
struct Tile {
  static constexpr std::size_t kRows = kBytes == 64 ? 8 : 4;
  static constexpr std::size_t kVectors = 2;
  static constexpr std::size_t kLanes = kBytes / sizeof(float);
  static constexpr std::size_t kColumns = kVectors * kLanes;
  // NOLINTNEXTLINE(modernize-use-using): GCC takes the attribute of a dependent size here alone.
  typedef float Vector __attribute__((vector_size(kBytes)));
};

// `b` has kColumns floats a row, `c` n.
template <std::size_t kBytes>
SMARTSYNCH_ALWAYS_INLINE void MultiplyTile(const Factors& a, const float* b, float* c,
                                           std::size_t k, std::size_t n) {
  using Shape = Tile<kBytes>;
  using Vector = typename Shape::Vector;
  // Copied by single vectors: a whole array whose address is taken would live in memory.
  Vector sums[Shape::kRows][Shape::kVectors];
  for (std::size_t i = 0; i < Shape::kRows; ++i) {
    for (std::size_t j = 0; j < Shape::kVectors; ++j) {
      Vector loaded;
      std::memcpy(&loaded, c + i * n + j * Shape::kLanes, kBytes);
      sums[i][j] = loaded;
    }
  }
  const float* factors = a.values;
  for (std::size_t p = 0; p < k; ++p, b += Shape::kColumns, factors += a.step) {
    Vector row[Shape::kVectors];
    for (std::size_t j = 0; j < Shape::kVectors; ++j) {
      Vector loaded;
      std::memcpy(&loaded, b + j * Shape::kLanes, kBytes);
      row[j] = loaded;
    }
    for (std::size_t i = 0; i < Shape::kRows; ++i) {
      const float factor = factors[i * a.row];
      for (std::size_t j = 0; j < Shape::kVectors; ++j) sums[i][j] += factor * row[j];
    }
  }
  for (std::size_t i = 0; i < Shape::kRows; ++i) {
    for (std::size_t j = 0; j < Shape::kVectors; ++j) {
      const Vector stored = sums[i][j];
      std::memcpy(c + i * n + j * Shape::kLanes, &stored, kBytes);
    }
  }
}

// c[0..n) += a row of a * b. A few steps of the inner index at a time, for each output one after
// the other: what a single row takes, as a prediction has it, is then reading b and not c.
template <std::size_t kBytes>
SMARTSYNCH_ALWAYS_INLINE void MultiplyRow(const Factors& a, const float* b, float* c, std::size_t k,
                                          std::size_t n) {
  using Vector = typename Tile<kBytes>::Vector;
  constexpr std::size_t kLanes = Tile<kBytes>::kLanes;
  constexpr std::size_t kSteps = 4;
  const std::size_t whole_steps = k / kSteps * kSteps;
  const std::size_t whole_columns = n / kLanes * kLanes;
  for (std::size_t p = 0; p < whole_steps; p += kSteps) {
    float factors[kSteps];
    for (std::size_t s = 0; s < kSteps; ++s) factors[s] = a.values[(p + s) * a.step];
    for (std::size_t j = 0; j < whole_columns; j += kLanes) {
      Vector sum;
      std::memcpy(&sum, c + j, kBytes);
      for (std::size_t s = 0; s < kSteps; ++s) {
        Vector loaded;
        std::memcpy(&loaded, b + (p + s) * n + j, kBytes);
        sum += factors[s] * loaded;
      }
      std::memcpy(c + j, &sum, kBytes);
    }
  }
  // What those leave: the last columns, and the last steps.
  for (std::size_t j = 0; j < n; ++j) {
    float sum = c[j];
    for (std::size_t p = j < whole_columns ? whole_steps : 0; p < k; ++p) {
      sum += a.values[p * a.step] * b[p * n + j];
    }
    c[j] = sum;
  }
}

// c += a * b
template <std::size_t kBytes>
SMARTSYNCH_ALWAYS_INLINE void MultiplyKernel(const Factors& a, const float* b, float* c,
                                             std::size_t m, std::size_t k, std::size_t n) {
  using Shape = Tile<kBytes>;
  constexpr std::size_t kColumns = Shape::kColumns;
  const std::size_t whole_rows = m / Shape::kRows * Shape::kRows;
  // A column of tiles reads its part of b once for every tile: copied, it is read in sequence. The
  // last part is filled up with zeros, and its tiles are computed aside.
  std::vector<float> part(whole_rows > 0 ? k * kColumns : 0);
  float aside[Shape::kRows * kColumns];
  for (std::size_t j = 0; whole_rows > 0 && j < n; j += kColumns) {
    const std::size_t columns = std::min(kColumns, n - j);
    if (columns < kColumns) std::fill(part.begin(), part.end(), 0.0F);
    for (std::size_t p = 0; p < k; ++p) {
      std::memcpy(part.data() + p * kColumns, b + p * n + j, columns * sizeof(float));
    }
    for (std::size_t i = 0; i < whole_rows; i += Shape::kRows) {
      const Factors rows = {a.values + i * a.row, a.row, a.step};
      float* out = c + i * n + j;
      if (columns == kColumns) {
        MultiplyTile<kBytes>(rows, part.data(), out, k, n);
        continue;
      }
      std::fill(aside, aside + Shape::kRows * kColumns, 0.0F);
      for (std::size_t r = 0; r < Shape::kRows; ++r) {
        std::memcpy(aside + r * kColumns, out + r * n, columns * sizeof(float));
      }
      MultiplyTile<kBytes>(rows, part.data(), aside, k, kColumns);
      for (std::size_t r = 0; r < Shape::kRows; ++r) {
        std::memcpy(out + r * n, aside + r * kColumns, columns * sizeof(float));
      }
    }
  }
  for (std::size_t i = whole_rows; i < m; ++i) {
    MultiplyRow<kBytes>({a.values + i * a.row, a.row, a.step}, b, c + i * n, k, n);
  }
}

SMARTSYNCH_WIDE_VECTORS(MultiplyKernel, Multiply,
                        (const Factors& a, const float* b, float* c, std::size_t m, std::size_t k,
                         std::size_t n),
                        (a, b, c, m, k, n))

}  // namespace

void MatMul(const float* a, const float* b, float* c, std::size_t m, std::size_t k, std::size_t n,
            bool accumulate) {
  if (!accumulate) std::fill(c, c + m * n, 0.0F);
  Multiply({a, k, 1}, b, c, m, k, n);
}

void MatMulTransposed(const float* a, const float* b, float* c, std::size_t m, std::size_t k,
                      std::size_t n) {
  std::fill(c, c + m * n, 0.0F);
  Multiply({a, 1, m}, b, c, m, k, n);
}

void Transpose(const float* in, float* out, std::size_t rows, std::size_t columns) {
  // In blocks, so that what one row writes to is still near for the next.
  constexpr std::size_t kBlock = 16;
  for (std::size_t r = 0; r < rows; r += kBlock) {
    const std::size_t end = std::min(rows, r + kBlock);
    for (std::size_t c = 0; c < columns; ++c) {
      for (std::size_t i = r; i < end; ++i) out[c * rows + i] = in[i * columns + c];
    }
  }
}

}  // namespace smartsynch
