// FitThresholds of learn/calibrate.h: the promise is checked by asking the decision policy itself.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "smartsynch/base/random.h"
#include "smartsynch/learn/calibrate.h"

using smartsynch::Calibrate;
using smartsynch::Calibration;
using smartsynch::Decide;
using smartsynch::Decision;
using smartsynch::DecisionKind;
using smartsynch::DecisionThresholds;
using smartsynch::FitThresholds;
using smartsynch::HeldOutLogits;
using smartsynch::Random;
using smartsynch::ThresholdOptions;

namespace {

constexpr std::size_t kThresholdOutputs = 4;
const Calibration kPlain = {0.0F, 1.0F, true, 0.0F, 1.0F, 0.0F};

// The plain share among the samples as they are is promised, without allowance for chance.
ThresholdOptions Plain(double precision, double false_new = 0.02) {
  return {.precision = precision, .z = 0.0, .open_share = 0.0, .false_new = false_new};
}

struct Tally {
  std::size_t selected = 0;
  std::size_t right = 0;
  std::size_t known = 0;
  std::size_t known_as_new = 0;

  double precision() const {
    return selected == 0 ? 1.0 : static_cast<double>(right) / static_cast<double>(selected);
  }
};

Tally Count(const HeldOutLogits& h, const Calibration& calibration, const DecisionThresholds& t) {
  Tally tally;
  for (std::size_t r = 0; r < h.labels.size(); ++r) {
    const auto lexical = std::span<const float>(h.lexical).subspan(r * h.outputs, h.outputs);
    const smartsynch::Scores scores = Calibrate({{}, lexical}, calibration);
    const Decision decision = Decide(scores.probabilities, scores.novelty, t);
    const bool known = h.labels[r] >= 0;
    tally.known += known ? 1 : 0;
    tally.known_as_new += known && decision.kind == DecisionKind::kNew ? 1 : 0;
    if (decision.kind != DecisionKind::kAuto) continue;
    ++tally.selected;
    tally.right +=
        known && decision.ranking[0].category == static_cast<std::size_t>(h.labels[r]) ? 1 : 0;
  }
  return tally;
}

void AddRow(HeldOutLogits& h, int label, const std::vector<float>& logits) {
  h.outputs = kThresholdOutputs;
  h.lexical.insert(h.lexical.end(), logits.begin(), logits.end());
  h.labels.push_back(label);
  h.weights.push_back(1.0F);
}

// Mostly right where sure, often wrong where not; every fourth row is of the open set.
HeldOutLogits Mixed(std::size_t rows, std::uint64_t seed) {
  HeldOutLogits h;
  Random random(seed);
  for (std::size_t row = 0; row < rows; ++row) {
    const int label = row % 4 == 3 ? -1 : static_cast<int>(random.NextBelow(3));
    std::vector<float> logits(kThresholdOutputs);
    for (float& logit : logits) logit = random.NextNormal();
    if (label >= 0) logits[static_cast<std::size_t>(label)] += 2.0F;
    logits[3] += label < 0 ? 1.5F : -1.5F;
    AddRow(h, label, logits);
  }
  return h;
}

}  // namespace

TEST_CASE("the promised precision and the allowance for \"new\" are kept on the samples") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const HeldOutLogits h = Mixed(300, seed);
    for (const double precision : {0.5, 0.8, 0.9, 0.95, 0.99, 1.0}) {
      for (const double false_new : {0.0, 0.02, 0.1, 0.5}) {
        CAPTURE(seed);
        CAPTURE(precision);
        CAPTURE(false_new);
        const DecisionThresholds t = FitThresholds(h, kPlain, Plain(precision, false_new));
        const Tally tally = Count(h, kPlain, t);
        CHECK(tally.precision() >= precision);
        CHECK(static_cast<double>(tally.known_as_new) <=
              false_new * static_cast<double>(tally.known));
        CHECK(t.auto_novelty <= t.new_novelty);
      }
    }
  }
}

TEST_CASE("a lower promise selects more") {
  const HeldOutLogits h = Mixed(400, 7);
  std::size_t before = h.labels.size();
  for (const double precision : {0.5, 0.7, 0.8, 0.9, 0.95, 0.99}) {
    const Tally tally = Count(h, kPlain, FitThresholds(h, kPlain, Plain(precision)));
    CHECK(tally.right <= before);
    before = tally.right;
  }
  CHECK(before > 0);
}

TEST_CASE("no other confidence at the same novelty selects more and keeps the promise") {
  const HeldOutLogits h = Mixed(200, 9);
  const DecisionThresholds t = FitThresholds(h, kPlain, Plain(0.9));
  const std::size_t chosen = Count(h, kPlain, t).right;
  CHECK(chosen > 20);
  for (int step = 0; step <= 1000; ++step) {
    DecisionThresholds other = t;
    other.auto_confidence = static_cast<float>(step) / 1000.0F;
    const Tally tally = Count(h, kPlain, other);
    if (tally.precision() >= 0.9) CHECK(tally.right <= chosen);
  }
}

TEST_CASE("samples of one and the same confidence are judged together") {
  // All are certain, as a saturated softmax is. The open-set sample is told by its novelty alone.
  const std::vector<float> open = {500.0F, 0.0F, 0.0F, 3.0F};
  const std::vector<float> right = {500.0F, 0.0F, 0.0F, -3.0F};
  for (std::size_t place = 0; place < 6; ++place) {
    HeldOutLogits h;
    for (std::size_t r = 0; r < 6; ++r) AddRow(h, r == place ? -1 : 0, r == place ? open : right);
    const Tally tally = Count(h, kPlain, FitThresholds(h, kPlain, Plain(1.0, 0.0)));
    CHECK(tally.right == 5);
    CHECK(tally.selected == 5);
  }
}

TEST_CASE("where no threshold keeps the promise nothing is ever selected") {
  HeldOutLogits h;
  for (int i = 0; i < 10; ++i) AddRow(h, 1, {5.0F, 0.0F, 0.0F, -3.0F});  // always wrong
  const DecisionThresholds t = FitThresholds(h, kPlain, Plain(0.95));
  CHECK(t.auto_confidence > 1.0F);
  CHECK(Count(h, kPlain, t).selected == 0);
  CHECK(Decide(std::vector<float>{1.0F}, 0.0F, t).kind != DecisionKind::kAuto);
  // The surest sample is wrong: no threshold lies above it, so full precision is out of reach.
  AddRow(h, 0, {4.0F, 0.0F, 0.0F, -3.0F});
  CHECK(FitThresholds(h, kPlain, Plain(1.0)).auto_confidence > 1.0F);
}

TEST_CASE("an open-set sample that would be selected counts as wrong") {
  HeldOutLogits h;
  for (int i = 0; i < 9; ++i) AddRow(h, 0, {5.0F, 0.0F, 0.0F, -3.0F});
  AddRow(h, -1, {5.0F, 0.0F, 0.0F, -3.0F});
  CHECK(Count(h, kPlain, FitThresholds(h, kPlain, Plain(0.9))).selected == 10);
  CHECK(Count(h, kPlain, FitThresholds(h, kPlain, Plain(0.91))).selected == 0);
}

TEST_CASE("the promise allows for chance: the lower end of Wilson's interval keeps it") {
  const HeldOutLogits h = Mixed(400, 17);
  for (const double z : {0.0, 1.0, 1.645, 3.0}) {
    const ThresholdOptions options = {.precision = 0.7, .z = z, .open_share = 0.0};
    const Tally tally = Count(h, kPlain, FitThresholds(h, kPlain, options));
    REQUIRE(tally.selected > 0);
    const auto n = static_cast<double>(tally.selected);
    const double share = tally.precision();
    const double lower =
        (share + z * z / (2 * n) - z * std::sqrt(share * (1 - share) / n + z * z / (4 * n * n))) /
        (1 + z * z / n);
    CHECK(lower >= 0.7);
  }
  // Nine of nine right is not yet evidence of 95 %, and many times that is.
  HeldOutLogits few;
  for (int i = 0; i < 9; ++i) AddRow(few, 0, {5.0F, 0.0F, 0.0F, -3.0F});
  CHECK(Count(few, kPlain, FitThresholds(few, kPlain, {})).selected == 0);
  CHECK(Count(few, kPlain, FitThresholds(few, kPlain, Plain(0.95))).selected == 9);
  for (int i = 0; i < 91; ++i) AddRow(few, 0, {5.0F, 0.0F, 0.0F, -3.0F});
  CHECK(Count(few, kPlain, FitThresholds(few, kPlain, {})).selected == 100);
}

TEST_CASE("open-set samples weigh as if they were the share of titles that is reckoned with") {
  // Eighteen are right, and one of two of the open set would be selected. Once these two are half
  // of all titles, each weighs nine: eighteen of twenty-seven.
  HeldOutLogits h;
  for (int i = 0; i < 18; ++i) AddRow(h, 0, {5.0F, 0.0F, 0.0F, -3.0F});
  for (int i = 0; i < 2; ++i) AddRow(h, -1, {5.0F, 0.0F, 0.0F, i == 0 ? -3.0F : 3.0F});
  const auto selected = [&](double precision, double open_share) {
    const ThresholdOptions options = {.precision = precision, .z = 0.0, .open_share = open_share};
    return Count(h, kPlain, FitThresholds(h, kPlain, options)).selected;
  };
  CHECK(selected(18.0 / 19.0, 0.0) == 19);
  CHECK(selected(0.95, 0.0) == 0);
  CHECK(selected(18.0 / 27.0 - 1e-9, 0.5) == 19);
  CHECK(selected(18.0 / 27.0 + 1e-9, 0.5) == 0);
  CHECK(selected(0.94, 0.1) == 19);
  CHECK(selected(0.95, 0.1) == 0);
  // Shares that make no sense leave the samples as they are.
  for (const double bad : {-0.5, 1.0, 7.0, std::numeric_limits<double>::quiet_NaN()}) {
    CHECK(selected(18.0 / 19.0, bad) == 19);
  }
  // The more of them are reckoned with, the less is selected.
  const HeldOutLogits mixed = Mixed(400, 21);
  std::size_t before = mixed.labels.size();
  for (const double share : {0.1, 0.3, 0.5, 0.7, 0.9}) {
    const ThresholdOptions options = {.precision = 0.8, .z = 0.0, .open_share = share};
    const Tally tally = Count(mixed, kPlain, FitThresholds(mixed, kPlain, options));
    CHECK(tally.right <= before);
    before = tally.right;
  }
  CHECK(before > 0);
}

TEST_CASE("weighted samples are worth fewer equal ones where the promise allows for chance") {
  // Among 100 right samples two of the open set are selected, each weighing 25 when 4 are half.
  HeldOutLogits h;
  for (int i = 0; i < 100; ++i) AddRow(h, 0, {5.0F, 0.0F, 0.0F, -3.0F});
  for (int i = 0; i < 4; ++i) AddRow(h, -1, {5.0F, 0.0F, 0.0F, i < 2 ? -3.0F : 3.0F});
  const double n = 150.0 * 150.0 / (100.0 + 2 * 25.0 * 25.0);
  const double share = 100.0 / 150.0;
  const double z = 1.645;
  const double lower =
      (share + z * z / (2 * n) - z * std::sqrt(share * (1 - share) / n + z * z / (4 * n * n))) /
      (1 + z * z / n);
  CHECK(lower < share - 0.1);
  const auto selected = [&](double precision) {
    return Count(h, kPlain, FitThresholds(h, kPlain, {.precision = precision})).selected;
  };
  CHECK(selected(lower - 1e-6) == 102);
  CHECK(selected(lower + 1e-6) == 0);
}

TEST_CASE("without samples, or without known ones, nothing is selected") {
  HeldOutLogits h;
  h.outputs = kThresholdOutputs;
  const DecisionThresholds empty = FitThresholds(h, kPlain, {});
  CHECK(empty.auto_confidence > 1.0F);
  CHECK(empty.new_novelty == DecisionThresholds{}.new_novelty);
  AddRow(h, -1, {5.0F, 0.0F, 0.0F, 3.0F});
  CHECK(FitThresholds(h, kPlain, {}).auto_confidence > 1.0F);
}

TEST_CASE("without open-set training novelty is what the best category leaves") {
  Calibration c = kPlain;
  c.has_open_set = false;
  const HeldOutLogits h = Mixed(300, 11);
  const DecisionThresholds t = FitThresholds(h, c, Plain(0.8, 0.05));
  const Tally tally = Count(h, c, t);
  CHECK(tally.selected > 0);
  CHECK(tally.precision() >= 0.8);
  CHECK(static_cast<double>(tally.known_as_new) <= 0.05 * static_cast<double>(tally.known));
}

TEST_CASE("options out of range are taken as the nearest that make sense") {
  const HeldOutLogits h = Mixed(100, 13);
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  for (const double bad : {-1.0, kNan, 7.0, 1e300, -std::numeric_limits<double>::infinity()}) {
    const DecisionThresholds t = FitThresholds(h, kPlain, Plain(0.9, bad));
    CHECK(std::isfinite(t.new_novelty));
    CHECK(Count(h, kPlain, t).precision() >= 0.9);
    CHECK(std::isfinite(FitThresholds(h, kPlain, Plain(bad)).auto_confidence));
  }
  CHECK(FitThresholds(h, kPlain, Plain(kNan)).auto_confidence > 1.0F);
}
