#include "smartsynch/learn/split.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <climits>
#include <limits>
#include <map>
#include <vector>

using smartsynch::GroupFolds;
using smartsynch::StratifiedFolds;
using smartsynch::StratifiedHoldout;

namespace {

// 100 of label 0, 40 of label 1, 7 of label -1, one of label 5, interleaved.
std::vector<int> UnevenLabels() {
  std::vector<int> labels;
  for (int i = 0; i < 100; ++i) {
    labels.push_back(0);
    if (i < 40) labels.push_back(1);
    if (i < 7) labels.push_back(-1);
    if (i == 50) labels.push_back(5);
  }
  return labels;
}

std::size_t CountHeldOut(const std::vector<int>& labels, const std::vector<bool>& held_out,
                         int label) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    count += labels[i] == label && held_out[i] ? 1 : 0;
  }
  return count;
}

}  // namespace

TEST_CASE("a holdout takes its share of every label") {
  const std::vector<int> labels = UnevenLabels();
  const std::vector<bool> held_out = StratifiedHoldout(labels, 0.15, 3);
  CHECK(held_out.size() == labels.size());
  CHECK(CountHeldOut(labels, held_out, 0) == 15);
  CHECK(CountHeldOut(labels, held_out, 1) == 6);
  CHECK(CountHeldOut(labels, held_out, -1) == 1);
  CHECK(CountHeldOut(labels, held_out, 5) == 0);
  CHECK(StratifiedHoldout({}, 0.5, 3).empty());
  CHECK(StratifiedHoldout({4}, 1.0, 3) == std::vector<bool>{false});
}

TEST_CASE("a holdout never empties a label, nor leaves one out") {
  const std::vector<int> labels = {0, 0, 1, 1, 1};
  for (const double fraction : {-1.0, 0.0, 0.01, 0.99, 1.0, 7.0}) {
    const std::vector<bool> held_out = StratifiedHoldout(labels, fraction, 1);
    CHECK(CountHeldOut(labels, held_out, 0) == 1);
    const std::size_t of_three = CountHeldOut(labels, held_out, 1);
    CHECK((of_three == 1 || of_three == 2));
  }
}

TEST_CASE("folds share every label evenly and differ in size by at most one") {
  const std::vector<int> labels = UnevenLabels();
  const std::vector<std::size_t> fold = StratifiedFolds(labels, 5, 3);
  std::vector<std::size_t> sizes(5);
  std::vector<std::size_t> of_label_one(5);
  REQUIRE(fold.size() == labels.size());
  for (std::size_t i = 0; i < fold.size(); ++i) {
    REQUIRE(fold[i] < 5);
    ++sizes[fold[i]];
    if (labels[i] == 1) ++of_label_one[fold[i]];
  }
  CHECK(of_label_one == std::vector<std::size_t>(5, 8));
  CHECK(*std::max_element(sizes.begin(), sizes.end()) -
            *std::min_element(sizes.begin(), sizes.end()) <=
        1);
  CHECK(StratifiedFolds(labels, 0, 3) == std::vector<std::size_t>(labels.size(), 0));
  CHECK(StratifiedFolds({}, 5, 3).empty());
}

TEST_CASE("a split is decided by its seed") {
  const std::vector<int> labels = UnevenLabels();
  CHECK(StratifiedFolds(labels, 5, 3) == StratifiedFolds(labels, 5, 3));
  CHECK(StratifiedFolds(labels, 5, 3) != StratifiedFolds(labels, 5, 4));
  CHECK(StratifiedHoldout(labels, 0.2, 3) == StratifiedHoldout(labels, 0.2, 3));
  CHECK(StratifiedHoldout(labels, 0.2, 3) != StratifiedHoldout(labels, 0.2, 4));
}

TEST_CASE("each label is spread over the folds as evenly as can be") {
  const std::vector<int> labels = UnevenLabels();
  for (const std::size_t folds : {2U, 3U, 7U, 10U}) {
    std::map<int, std::vector<std::size_t>> counts;
    const std::vector<std::size_t> fold = StratifiedFolds(labels, folds, 9);
    for (std::size_t i = 0; i < labels.size(); ++i) {
      counts[labels[i]].resize(folds);
      ++counts[labels[i]][fold[i]];
    }
    for (const auto& [label, of_fold] : counts) {
      const auto [fewest, most] = std::minmax_element(of_fold.begin(), of_fold.end());
      CHECK(*most - *fewest <= 1);
    }
  }
}

TEST_CASE("more folds than samples leave some empty; any integer may be a label") {
  CHECK(StratifiedFolds({INT_MIN, INT_MAX, 0}, 5, 1) == std::vector<std::size_t>{0, 2, 1});
  CHECK(StratifiedFolds({3, 3, 3}, 1, 1) == std::vector<std::size_t>{0, 0, 0});
  CHECK(StratifiedHoldout({INT_MIN, INT_MAX}, 0.5, 1) == std::vector<bool>{false, false});
}

TEST_CASE("a holdout's share is rounded, and a share that is not a number is none") {
  const std::vector<int> labels(10, 1);
  const auto count = [&](double fraction) {
    return CountHeldOut(labels, StratifiedHoldout(labels, fraction, 1), 1);
  };
  CHECK(count(0.24) == 2);
  CHECK(count(0.26) == 3);
  CHECK(count(1e300) == 9);
  CHECK(count(std::numeric_limits<double>::infinity()) == 9);
  CHECK(count(-std::numeric_limits<double>::infinity()) == 1);
  CHECK(count(std::numeric_limits<double>::quiet_NaN()) == 1);
}

TEST_CASE("a seed gives these splits, on every host") {
  std::vector<int> labels;
  for (int i = 0; i < 24; ++i) labels.push_back(i % 3 - 1);
  CHECK(StratifiedFolds(labels, 4, 42) == std::vector<std::size_t>{2, 3, 3, 2, 1, 2, 3, 1,
                                                                   1, 0, 2, 0, 1, 0, 3, 3,
                                                                   0, 0, 0, 2, 1, 1, 3, 2});
  CHECK(StratifiedHoldout(labels, 0.25, 42) ==
        std::vector<bool>{false, false, false, false, true, false, false, false,
                          false, true,  false, true,  true, true,  false, false,
                          false, false, false, false, true, false, false, false});
}

TEST_CASE("a group stays in one fold, the largest first in the fold with the fewest samples") {
  CHECK(GroupFolds({7, 7, 7, 4, 2}, 2) == std::vector<std::size_t>{0, 0, 0, 1, 1});
  CHECK(GroupFolds({4, 7, 2, 7, 7}, 2) == std::vector<std::size_t>{1, 0, 1, 0, 0});
  // Of groups equally large the smallest number comes first.
  CHECK(GroupFolds({5, -1, 3}, 3) == std::vector<std::size_t>{2, 0, 1});
  CHECK(GroupFolds({1, 1, 2}, 4) == std::vector<std::size_t>{0, 0, 1});
  CHECK(GroupFolds({INT_MIN, INT_MAX}, 1) == std::vector<std::size_t>{0, 0});
  CHECK(GroupFolds({3, 4}, 0) == std::vector<std::size_t>{0, 0});
  CHECK(GroupFolds({}, 5).empty());
}
