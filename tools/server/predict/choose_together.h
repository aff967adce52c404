// Which of the tasks that wait go through the encoder together. In one run of the graph every text
// is padded to the longest, and the run itself costs about as much as kRunTokens tokens; so the
// ones chosen are of similar length, the oldest among them, such that their run saves the largest
// share of what runs of their own would cost. Nobody waits longer than it takes to become the
// oldest.
//
//   std::vector<std::size_t> chosen = ChooseTogether({5, 40, 6, 41});   // {0, 2}
//
// Thread safety: a pure function.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace smartsynch {

// Measured on one thread of an AMD EPYC: 0.068 ms a token, 1.0 ms a run.
inline constexpr std::size_t kRunTokens = 15;
// More in one run, or more to choose from, is hardly faster and lets the oldest wait.
inline constexpr std::size_t kMostTogether = 8;
inline constexpr std::size_t kMostLookedAt = 24;

// `lengths`: tokens of each, the oldest first; not empty. Gives positions, ascending, 0 the first.
std::vector<std::size_t> ChooseTogether(std::span<const std::size_t> lengths);

}  // namespace smartsynch
