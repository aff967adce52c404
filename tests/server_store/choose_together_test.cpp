#include "server/predict/choose_together.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "smartsynch/base/random.h"

using smartsynch::ChooseTogether;
using smartsynch::kMostLookedAt;
using smartsynch::kMostTogether;
using Positions = std::vector<std::size_t>;

TEST_CASE("tasks of similar length go together, the oldest among them") {
  CHECK(ChooseTogether(Positions{7}) == Positions{0});
  CHECK(ChooseTogether(Positions{0}) == Positions{0});
  CHECK(ChooseTogether(Positions{5, 5, 5}) == Positions{0, 1, 2});
  CHECK(ChooseTogether(Positions{5, 40, 6, 41}) == Positions{0, 2});
  CHECK(ChooseTogether(Positions{40, 5, 6, 41, 5}) == Positions{0, 3});
  // A short one costs less in a longer one's run than in a run of its own.
  CHECK(ChooseTogether(Positions{3, 6}) == Positions{0, 1});
}

TEST_CASE("whatever waits, few are chosen, in order, and no choice around the oldest is better") {
  smartsynch::Random random(3);
  for (int round = 0; round < 300; ++round) {
    Positions lengths(1 + random.NextBelow(40));
    for (std::size_t& length : lengths) length = random.NextBelow(64);
    const Positions chosen = ChooseTogether(lengths);
    REQUIRE(!chosen.empty());
    CHECK(chosen.front() == 0);
    CHECK(chosen.back() < kMostLookedAt);
    CHECK(chosen.size() <= kMostTogether);
    CHECK(std::is_sorted(chosen.begin(), chosen.end()));
    CHECK(std::adjacent_find(chosen.begin(), chosen.end()) == chosen.end());
  }
}
