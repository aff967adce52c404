#include "smartsynch/base/random.h"

namespace smartsynch {
namespace {
constexpr std::uint64_t kMultiplier = 6364136223846793005ULL;
constexpr std::uint64_t kStream = 0xda3e39cb94b95bdbULL;
}  // namespace

Random::Random(std::uint64_t seed) : increment_((kStream << 1U) | 1U) {
  NextUint32();
  state_ += seed;
  NextUint32();
}

std::uint32_t Random::NextUint32() {
  const std::uint64_t old = state_;
  state_ = old * kMultiplier + increment_;
  const auto xorshifted = static_cast<std::uint32_t>(((old >> 18U) ^ old) >> 27U);
  const auto rotation = static_cast<std::uint32_t>(old >> 59U);
  return (xorshifted >> rotation) | (xorshifted << ((0U - rotation) & 31U));
}

std::uint32_t Random::NextBelow(std::uint32_t bound) {
  if (bound == 0) return 0;
  const std::uint32_t threshold = (0U - bound) % bound;
  for (;;) {
    const std::uint32_t value = NextUint32();
    if (value >= threshold) return value % bound;
  }
}

float Random::NextFloat() { return static_cast<float>(NextUint32() >> 8U) * 0x1.0p-24F; }

float Random::NextNormal() {
  float sum = -6.0F;
  for (int i = 0; i < 12; ++i) sum += NextFloat();
  return sum;
}

}  // namespace smartsynch
