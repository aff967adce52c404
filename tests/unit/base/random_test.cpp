#include "smartsynch/base/random.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <vector>

using smartsynch::Random;

TEST_CASE("the same seed gives the same numbers, another seed others") {
  Random a(7);
  Random b(7);
  Random c(8);
  bool differs = false;
  for (int i = 0; i < 100; ++i) {
    const auto value = a.NextUint32();
    CHECK(value == b.NextUint32());
    differs = differs || value != c.NextUint32();
  }
  CHECK(differs);
}

TEST_CASE("a restored state continues the sequence") {
  Random a(3);
  a.NextUint32();
  const auto state = a.State();
  const auto next = a.NextUint32();
  Random b(99);
  b.Restore(state);
  CHECK(b.NextUint32() == next);
}

TEST_CASE("numbers stay within their bounds and spread evenly") {
  Random random(1);
  std::vector<int> counts(10);
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < 20000; ++i) {
    ++counts[random.NextBelow(10)];
    const float uniform = random.NextFloat();
    CHECK_MESSAGE((uniform >= 0.0F && uniform < 1.0F), uniform);
    const double normal = random.NextNormal();
    sum += normal;
    squares += normal * normal;
  }
  CHECK(*std::min_element(counts.begin(), counts.end()) > 1800);
  CHECK(*std::max_element(counts.begin(), counts.end()) < 2200);
  CHECK(sum / 20000 == doctest::Approx(0.0).epsilon(0.03));
  CHECK(squares / 20000 == doctest::Approx(1.0).epsilon(0.03));
  CHECK(random.NextBelow(0) == 0);
  CHECK(random.NextBelow(1) == 0);
}

TEST_CASE("a shuffle keeps every item") {
  Random random(5);
  std::vector<int> items(50);
  std::iota(items.begin(), items.end(), 0);
  auto shuffled = items;
  random.Shuffle(shuffled);
  CHECK(shuffled != items);
  std::sort(shuffled.begin(), shuffled.end());
  CHECK(shuffled == items);
}
