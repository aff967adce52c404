#include "smartsynch/nn/math.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

#include "smartsynch/nn/wide_vectors.h"

namespace smartsynch {
namespace {
constexpr double kLog2 = 0.693147180559945309417;
constexpr double kInverseLog2 = 1.442695040888963407360;

// std::bit_cast, which the C++ library of Emscripten 3.1.6 lacks.
template <typename To, typename From>
To BitCast(From value) {
  static_assert(sizeof(To) == sizeof(From));
  To out;
  std::memcpy(&out, &value, sizeof(out));
  return out;
}

// Float has no other answers than 0 below the range and infinity above it.
constexpr float kLowestExponent = -104.0F;
constexpr float kHighestExponent = 89.0F;

constexpr std::size_t kExpLanes = 32;

// Exp() of kExpLanes numbers, step by step as there; without branches, and each step a loop of its
// own, so that a compiler turns it into vectors.
// NOLINTBEGIN(modernize-loop-convert,bugprone-narrowing-conversions): every step is over the lanes.
SMARTSYNCH_ALWAYS_INLINE void ExpLanes(float* x) {
  float within[kExpLanes];
  for (std::size_t i = 0; i < kExpLanes; ++i) {
    within[i] = x[i] > kLowestExponent ? x[i] : kLowestExponent;
  }
  for (std::size_t i = 0; i < kExpLanes; ++i) {
    within[i] = within[i] < kHighestExponent ? within[i] : kHighestExponent;
  }
  int k[kExpLanes];
  double r[kExpLanes];
  for (std::size_t i = 0; i < kExpLanes; ++i) {
    const double scaled = static_cast<double>(within[i]) * kInverseLog2;
    k[i] = static_cast<int>(scaled + (scaled >= 0 ? 0.5 : -0.5));
    r[i] = static_cast<double>(within[i]) - static_cast<double>(k[i]) * kLog2;
  }
  double sum[kExpLanes];
  for (std::size_t i = 0; i < kExpLanes; ++i) sum[i] = 1.0;
  for (int n = 10; n >= 1; --n) {
    for (std::size_t i = 0; i < kExpLanes; ++i)
      sum[i] = 1.0 + r[i] * sum[i] / static_cast<double>(n);
  }
  std::uint64_t exponents[kExpLanes];
  for (std::size_t i = 0; i < kExpLanes; ++i) {
    exponents[i] = static_cast<std::uint64_t>(std::int64_t{k[i]} + 1023) << 52U;
  }
  double powers[kExpLanes];
  std::memcpy(powers, exponents, sizeof powers);
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for (std::size_t i = 0; i < kExpLanes; ++i) {
    float result = static_cast<float>(sum[i] * powers[i]);
    result = x[i] > kHighestExponent ? kInfinity : result;
    result = x[i] < kLowestExponent ? 0.0F : result;
    x[i] = x[i] != x[i] ? x[i] : result;
  }
}
// NOLINTEND(modernize-loop-convert,bugprone-narrowing-conversions)

template <std::size_t>
SMARTSYNCH_ALWAYS_INLINE void ExpKernel(const float* x, float* out, std::size_t size) {
  for (std::size_t i = 0; i < size; i += kExpLanes) {
    float part[kExpLanes] = {};
    const std::size_t bytes = (size - i < kExpLanes ? size - i : kExpLanes) * sizeof(float);
    std::memcpy(part, x + i, bytes);
    ExpLanes(part);
    std::memcpy(out + i, part, bytes);
  }
}

SMARTSYNCH_WIDE_VECTORS(ExpKernel, ExpEach, (const float* x, float* out, std::size_t size),
                        (x, out, size))
}  // namespace

float Exp(float x) {
  if (x != x) return x;
  if (x > kHighestExponent) return std::numeric_limits<float>::infinity();
  if (x < kLowestExponent) return 0.0F;
  // x = k ln 2 + r with |r| <= ln 2 / 2; exp(r) by its Taylor series, whose next term is below
  // 1e-13.
  const double value = static_cast<double>(x);
  const double scaled = value * kInverseLog2;
  const int k = static_cast<int>(scaled >= 0 ? scaled + 0.5 : scaled - 0.5);
  const double r = value - static_cast<double>(k) * kLog2;
  double sum = 1.0;
  for (int n = 10; n >= 1; --n) sum = 1.0 + r * sum / static_cast<double>(n);
  const auto power = BitCast<double>(static_cast<std::uint64_t>(k + 1023) << 52U);
  return static_cast<float>(sum * power);
}

void ExpAll(const float* x, float* out, std::size_t size) { ExpEach(x, out, size); }

float Log(float x) {
  if (x != x || x < 0.0F) return std::numeric_limits<float>::quiet_NaN();
  if (x == 0.0F) return -std::numeric_limits<float>::infinity();
  if (x == std::numeric_limits<float>::infinity()) return x;
  // x = m * 2^e with m in [sqrt(1/2), sqrt(2)); log(m) = 2 atanh((m - 1) / (m + 1)) by its series.
  // Every float is a normal double, so no special case is left.
  const auto bits = BitCast<std::uint64_t>(static_cast<double>(x));
  int exponent = static_cast<int>(bits >> 52U) - 1023;
  auto mantissa = BitCast<double>((bits & 0x000FFFFFFFFFFFFFULL) | 0x3FF0000000000000ULL);
  if (mantissa > 1.4142135623730951) {
    mantissa *= 0.5;
    ++exponent;
  }
  const double z = (mantissa - 1.0) / (mantissa + 1.0);
  const double z2 = z * z;
  double sum = 0.0;
  for (int n = 21; n >= 1; n -= 2) sum = sum * z2 + 1.0 / static_cast<double>(n);
  return static_cast<float>(2.0 * z * sum + static_cast<double>(exponent) * kLog2);
}

float Sigmoid(float x) {
  if (x >= 0.0F) return 1.0F / (1.0F + Exp(-x));
  const float e = Exp(x);
  return e / (1.0F + e);
}

}  // namespace smartsynch
