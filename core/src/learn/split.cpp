#include "smartsynch/learn/split.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "smartsynch/base/random.h"

namespace smartsynch {
namespace {

// Positions of each label, shuffled; ordered by label so that the result depends on nothing else.
std::map<int, std::vector<std::size_t>> ShuffledByLabel(const std::vector<int>& labels,
                                                        std::uint64_t seed) {
  std::map<int, std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < labels.size(); ++i) groups[labels[i]].push_back(i);
  Random random(seed);
  for (auto& [label, members] : groups) random.Shuffle(members);
  return groups;
}

}  // namespace

std::vector<std::size_t> StratifiedFolds(const std::vector<int>& labels, std::size_t folds,
                                         std::uint64_t seed) {
  std::vector<std::size_t> fold_of(labels.size(), 0);
  std::size_t next = 0;
  for (const auto& [label, members] : ShuffledByLabel(labels, seed)) {
    for (const std::size_t member : members) {
      fold_of[member] = next;
      next = next + 1 < folds ? next + 1 : 0;
    }
  }
  return fold_of;
}

std::vector<std::size_t> GroupFolds(const std::vector<int>& groups, std::size_t folds) {
  std::map<int, std::vector<std::size_t>> members;
  for (std::size_t i = 0; i < groups.size(); ++i) members[groups[i]].push_back(i);
  std::vector<const std::vector<std::size_t>*> by_size;
  by_size.reserve(members.size());
  for (const auto& [group, rows] : members) by_size.push_back(&rows);
  std::stable_sort(by_size.begin(), by_size.end(),
                   [](const auto* a, const auto* b) { return a->size() > b->size(); });
  std::vector<std::size_t> fold_of(groups.size(), 0);
  std::vector<std::size_t> sizes(std::max<std::size_t>(folds, 1), 0);
  for (const std::vector<std::size_t>* rows : by_size) {
    const auto smallest = std::min_element(sizes.begin(), sizes.end());
    for (const std::size_t row : *rows) {
      fold_of[row] = static_cast<std::size_t>(smallest - sizes.begin());
    }
    *smallest += rows->size();
  }
  return fold_of;
}

std::vector<bool> StratifiedHoldout(const std::vector<int>& labels, double fraction,
                                    std::uint64_t seed) {
  std::vector<bool> held_out(labels.size(), false);
  const double share = fraction > 0.0 ? std::min(fraction, 1.0) : 0.0;  // 0 also for NaN
  for (const auto& [label, members] : ShuffledByLabel(labels, seed)) {
    if (members.size() < 2) continue;
    const auto wanted =
        static_cast<std::size_t>(std::lround(share * static_cast<double>(members.size())));
    const std::size_t count = std::clamp<std::size_t>(wanted, 1, members.size() - 1);
    for (std::size_t i = 0; i < count; ++i) held_out[members[i]] = true;
  }
  return held_out;
}

}  // namespace smartsynch
