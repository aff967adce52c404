#include "smartsynch/experiment/sequential_test.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>

#include "smartsynch/base/random.h"

using smartsynch::ArmOutcomes;
using smartsynch::CompareArms;
using smartsynch::LogEvidenceAgainst;
using smartsynch::Random;
using smartsynch::SequentialTestOptions;
using smartsynch::Verdict;

namespace {

const double kThreshold = std::log(1 / 0.05);

// One experiment whose readers look after every single feedback: when was the difference of the
// rates first declared to be other than `truth`? 0: never.
std::size_t FirstAlarm(Random& random, double champion_rate, double challenger_rate, double truth,
                       std::size_t feedbacks) {
  ArmOutcomes champion;
  ArmOutcomes challenger;
  for (std::size_t i = 1; i <= feedbacks; ++i) {
    const bool first = random.NextBelow(2) == 0;
    ArmOutcomes& arm = first ? champion : challenger;
    ++arm.shown;
    if (random.NextFloat() < (first ? champion_rate : challenger_rate)) ++arm.accepted;
    if (LogEvidenceAgainst(truth, champion, challenger) >= kThreshold) return i;
  }
  return 0;
}

double ShareOfAlarms(double champion_rate, double challenger_rate, double truth) {
  constexpr int kExperiments = 200;
  Random random(11);
  int alarms = 0;
  for (int i = 0; i < kExperiments; ++i) {
    alarms += FirstAlarm(random, champion_rate, challenger_rate, truth, 1000) != 0 ? 1 : 0;
  }
  return static_cast<double>(alarms) / kExperiments;
}

}  // namespace

TEST_CASE("without feedback nothing is known") {
  const auto nothing = CompareArms({0, 0}, {0, 0});
  REQUIRE(nothing);
  CHECK(nothing->low == -1);
  CHECK(nothing->high == 1);
  CHECK(nothing->verdict == Verdict::kContinue);
  CHECK(CompareArms({100000, 90000}, {0, 0})->verdict == Verdict::kContinue);
}

TEST_CASE("the evidence agrees with numbers integrated by hand") {
  // One success, one failure: integral of p is 1/2 each; at equal rates 1/2 the likelihood is 1/4.
  CHECK(LogEvidenceAgainst(0, {1, 1}, {1, 0}) == doctest::Approx(0.0).epsilon(1e-12));
  // Ten of ten against none of ten: (1/11)^2 over (1/2)^20.
  CHECK(LogEvidenceAgainst(0, {10, 0}, {10, 10}) ==
        doctest::Approx(20 * std::log(2.0) - 2 * std::log(11.0)).epsilon(1e-12));
  // The best rates that differ by -1 explain ten of ten against none of ten fully.
  CHECK(LogEvidenceAgainst(-1, {10, 10}, {10, 0}) ==
        doctest::Approx(-2 * std::log(11.0)).epsilon(1e-9));
  CHECK(std::isinf(LogEvidenceAgainst(1, {10, 10}, {10, 0})));
  // Against a grid over the champion's rate.
  double best = -1e300;
  for (int i = 1; i < 100000; ++i) {
    const double p = i / 100000.0;
    const double q = p + 0.1;
    if (q >= 1) break;
    best = std::max(
        best, 61 * std::log(p) + 39 * std::log(1 - p) + 75 * std::log(q) + 45 * std::log(1 - q));
  }
  const double mixture = std::lgamma(62.0) + std::lgamma(40.0) - std::lgamma(102.0) +
                         std::lgamma(76.0) + std::lgamma(46.0) - std::lgamma(122.0);
  CHECK(LogEvidenceAgainst(0.1, {100, 61}, {120, 75}) ==
        doctest::Approx(mixture - best).epsilon(1e-6));
}

TEST_CASE("a clear gain promotes, a clear loss stops, a clear nothing stops") {
  const auto gain = CompareArms({2000, 1400}, {2000, 1600});
  CHECK(gain->verdict == Verdict::kPromote);
  CHECK(gain->difference == doctest::Approx(0.1));
  CHECK(gain->low > 0);
  CHECK(gain->high > gain->difference);
  CHECK(gain->log_evidence > kThreshold);
  const auto loss = CompareArms({2000, 1600}, {2000, 1400});
  CHECK(loss->verdict == Verdict::kStop);
  CHECK(loss->high == doctest::Approx(-gain->low).epsilon(1e-9));
  CHECK(CompareArms({30, 21}, {30, 22})->verdict == Verdict::kContinue);
  CHECK(CompareArms({1000000, 700000}, {1000000, 700000})->verdict == Verdict::kStop);
  SequentialTestOptions options;
  options.most_shown = 60;
  CHECK(CompareArms({30, 21}, {30, 22}, options)->verdict == Verdict::kStop);
}

TEST_CASE("the interval ends where the evidence reaches its threshold") {
  for (const double alpha : {0.01, 0.05, 0.2}) {
    SequentialTestOptions options;
    options.alpha = alpha;
    const ArmOutcomes a = {300, 201};
    const ArmOutcomes b = {280, 199};
    const auto comparison = CompareArms(a, b, options);
    REQUIRE(comparison);
    CHECK(LogEvidenceAgainst(comparison->low, a, b) ==
          doctest::Approx(std::log(1 / alpha)).epsilon(1e-9));
    CHECK(LogEvidenceAgainst(comparison->high, a, b) ==
          doctest::Approx(std::log(1 / alpha)).epsilon(1e-9));
  }
}

TEST_CASE("extreme counts stay finite") {
  const std::uint64_t most = std::uint64_t{1} << 40U;
  for (const auto& [a, b] : {std::pair<ArmOutcomes, ArmOutcomes>{{1, 1}, {1, 0}},
                             {{most, most}, {most, 0}},
                             {{most, 0}, {1, 1}},
                             {{most, most}, {most, most}}}) {
    const auto comparison = CompareArms(a, b);
    REQUIRE(comparison);
    CHECK(std::isfinite(comparison->low));
    CHECK(std::isfinite(comparison->high));
    CHECK(comparison->low <= comparison->difference);
    CHECK(comparison->high >= comparison->difference);
  }
}

TEST_CASE("outcomes and options out of range are refused by name") {
  CHECK(CompareArms({1, 2}, {1, 1}).error().field == "champion");
  CHECK(CompareArms({1, 1}, {(std::uint64_t{1} << 40U) + 1, 0}).error().field == "challenger");
  for (const double alpha : {0.0, 1.0, -1.0, std::nan("")}) {
    SequentialTestOptions options;
    options.alpha = alpha;
    CHECK(CompareArms({1, 1}, {1, 1}, options).error().field == "alpha");
  }
  SequentialTestOptions options;
  options.least_gain = std::nan("");
  CHECK(CompareArms({1, 1}, {1, 1}, options).error().field == "least_gain");
}

TEST_CASE("read after every feedback, false alarms stay below alpha") {
  CHECK(ShareOfAlarms(0.7, 0.7, 0) <= 0.05);
  CHECK(ShareOfAlarms(0.95, 0.95, 0) <= 0.05);
  CHECK(ShareOfAlarms(0.5, 0.5, 0) <= 0.05);
  // The interval misses a true difference as seldom.
  CHECK(ShareOfAlarms(0.6, 0.75, 0.15) <= 0.05);
}

TEST_CASE("an effect is found, the larger the sooner") {
  CHECK(ShareOfAlarms(0.6, 0.75, 0) >= 0.8);
  CHECK(ShareOfAlarms(0.5, 0.8, 0) >= 0.99);
}
