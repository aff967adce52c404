// Comparing floats by their bits: "equal" in these tests means the same bits, since the core
// promises the same bits on every host.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

#include "smartsynch/base/random.h"

namespace smartsynch::testing {

// std::memcpy, not std::bit_cast, which the C++ library of Emscripten 3.1.6 lacks.
inline std::uint32_t Bits(float value) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}
inline float FromBits(std::uint32_t bits) {
  float value = 0;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

inline std::string_view BytesOf(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

inline bool SameBits(const std::vector<float>& a, const std::vector<float>& b) {
  return BytesOf(a) == BytesOf(b);
}

// How many floats apart; the two zeros are one apart from the smallest number each, and not apart
// from each other.
inline std::int64_t UlpDistance(float a, float b) {
  const auto place = [](float value) {
    const auto magnitude = static_cast<std::int64_t>(Bits(value) & 0x7FFFFFFFU);
    return std::signbit(value) ? -magnitude : magnitude;
  };
  return std::abs(place(a) - place(b));
}

inline std::vector<float> NormalFloats(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<float> values(count);
  for (float& value : values) value = random.NextNormal();
  return values;
}

}  // namespace smartsynch::testing
