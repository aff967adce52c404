// Seeded random numbers that are the same on every platform. The standard library's distributions
// are not (their algorithms are left to each implementation), so the few that are needed live here.
//
// Generator: PCG32 (M. O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good
// Algorithms for Random Number Generation", HMC-CS-2014-0905), XSH-RR variant.
// Thread safety: one thread at a time per object.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace smartsynch {

class Random {
 public:
  explicit Random(std::uint64_t seed);

  std::uint32_t NextUint32();

  // Uniform in [0, bound) without modulo bias; 0 when bound is 0.
  std::uint32_t NextBelow(std::uint32_t bound);

  // Uniform in [0, 1), 24 random bits, exact in float.
  float NextFloat();

  // Approximately standard normal: twelve uniforms summed (Irwin-Hall), so within [-6, 6] and the
  // same bits everywhere, which log and cos are not.
  float NextNormal();

  // Fisher-Yates.
  template <typename T>
  void Shuffle(std::vector<T>& items) {
    for (std::size_t i = items.size(); i > 1; --i) {
      std::swap(items[i - 1], items[NextBelow(static_cast<std::uint32_t>(i))]);
    }
  }

  // For checkpoints: the whole state, and back.
  std::pair<std::uint64_t, std::uint64_t> State() const { return {state_, increment_}; }
  void Restore(std::pair<std::uint64_t, std::uint64_t> state) {
    state_ = state.first;
    increment_ = state.second;
  }

 private:
  std::uint64_t state_ = 0;
  std::uint64_t increment_ = 0;
};

}  // namespace smartsynch
