// Which arm of an experiment a user sees: always the same one, on every host and after every
// restart, without anything being stored.
//
//   const std::vector<WeightedArm> arms = {{"champion", 9}, {"challenger", 1}};
//   std::optional<std::size_t> arm = AssignArm("e1", user_key, arms);   // 0 or 1
//
// Weighted rendezvous hashing (Thaler and Ravishankar, "Using Name-Based Mappings to Increase Hit
// Rates", IEEE/ACM Transactions on Networking 6(1), 1998; weights as in Schindelhauer and
// Schomaker, "Weighted Distributed Hash Tables", SPAA 2005): each arm draws -ln(u) / weight with u
// from a hash of experiment, arm and user; the smallest wins. So raising an arm's weight moves
// users to that arm only, lowering it moves users away from that arm only, and no more of them than
// the new shares need. Thread safety: pure functions; the same bits everywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace smartsynch {

struct WeightedArm {
  std::string name;          // unique in its experiment; renaming an arm moves its users
  std::uint32_t weight = 1;  // relative share of the users; 0: nobody
};

// The index of the user's arm; empty when no arm has a weight. An empty user key is a user like
// any other, so callers without one give a random key of their own.
std::optional<std::size_t> AssignArm(std::string_view experiment_id, std::string_view user_key,
                                     std::span<const WeightedArm> arms);

}  // namespace smartsynch
