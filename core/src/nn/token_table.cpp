#include "smartsynch/nn/token_table.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace smartsynch {
namespace {

// Sign and low three bits of a code in half a byte.
float LowCode(std::int8_t byte) {
  const int half = byte & 15;
  return static_cast<float>(half < 8 ? half : half - 16);
}
float HighCode(std::int8_t byte) {
  const int half = (byte >> 4) & 15;
  return static_cast<float>(half < 8 ? half : half - 16);
}

// Eight binary digits: a float's other sixteen mantissa bits are zero.
float Shorten(float scale) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &scale, sizeof bits);
  bits = (bits + 0x8000U) & 0xFFFF0000U;
  std::memcpy(&scale, &bits, sizeof bits);
  return scale;
}

}  // namespace

void TokenTable::Embed(std::span<const std::int32_t> ids, float* out) const {
  std::vector<float> sums(dimension, 0.0F);
  const std::size_t bytes = RowBytes();
  for (const std::int32_t id : ids) {
    const auto row = static_cast<std::size_t>(id);
    if (id < 0 || row >= scale.size() || scale[row] == 0.0F) continue;
    const float factor = scale[row];
    const std::int8_t* code = codes.data() + row * bytes;
    if (bits == 8) {
      for (std::size_t d = 0; d < dimension; ++d) sums[d] += factor * static_cast<float>(code[d]);
    } else {
      for (std::size_t b = 0; b < bytes; ++b) {
        sums[2 * b] += factor * LowCode(code[b]);
        sums[2 * b + 1] += factor * HighCode(code[b]);
      }
    }
  }
  double squares = 0.0;
  for (const float sum : sums) squares += static_cast<double>(sum) * static_cast<double>(sum);
  const double norm = std::sqrt(squares);
  for (std::size_t d = 0; d < dimension; ++d) {
    out[d] = norm == 0.0 ? 0.0F : static_cast<float>(static_cast<double>(sums[d]) / norm);
  }
}

void TokenTable::SetRow(std::size_t row, const float* values) {
  const auto finite = [&](std::size_t d) { return std::isfinite(values[d]) ? values[d] : 0.0F; };
  const auto most = static_cast<float>(HighestCode());
  float largest = 0.0F;
  for (std::size_t d = 0; d < dimension; ++d) largest = std::max(largest, std::fabs(finite(d)));
  float best_scale = 0.0F;
  double best_error = -1.0;
  // Fewer codes gain more from cutting off the rare large values.
  for (int step = 0; step < 8; ++step) {
    const float candidate = Shorten(largest * (1.0F - 0.08F * static_cast<float>(step)) / most);
    if (!(candidate > 0.0F)) break;
    double error = 0.0;
    for (std::size_t d = 0; d < dimension; ++d) {
      const float code = std::clamp(std::nearbyint(finite(d) / candidate), -most, most);
      const auto difference = static_cast<double>(finite(d) - code * candidate);
      error += difference * difference;
    }
    if (best_error >= 0.0 && error >= best_error) continue;
    best_error = error;
    best_scale = candidate;
  }
  scale[row] = best_scale;
  std::int8_t* bytes = codes.data() + row * RowBytes();
  std::fill_n(bytes, RowBytes(), std::int8_t{0});
  if (best_scale == 0.0F) return;
  for (std::size_t d = 0; d < dimension; ++d) {
    const auto code =
        static_cast<int>(std::clamp(std::nearbyint(finite(d) / best_scale), -most, most));
    if (bits == 8) {
      bytes[d] = static_cast<std::int8_t>(code);
    } else {
      const unsigned half = static_cast<unsigned>(code) & 15U;
      const auto old = static_cast<unsigned char>(bytes[d / 2]);
      bytes[d / 2] = static_cast<std::int8_t>(d % 2 == 0 ? half : (old | half << 4U));
    }
  }
}

void TokenTable::GetRow(std::size_t row, float* out) const {
  const std::int8_t* bytes = codes.data() + row * RowBytes();
  for (std::size_t d = 0; d < dimension; ++d) {
    float code = static_cast<float>(bytes[bits == 8 ? d : d / 2]);
    if (bits != 8) code = d % 2 == 0 ? LowCode(bytes[d / 2]) : HighCode(bytes[d / 2]);
    out[d] = scale[row] * code;
  }
}

}  // namespace smartsynch
