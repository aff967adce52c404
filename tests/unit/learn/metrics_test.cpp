#include "smartsynch/learn/metrics.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "smartsynch/base/random.h"

using smartsynch::ComputeMetrics;
using smartsynch::DecisionKind;
using smartsynch::JudgedPrediction;
using smartsynch::Metrics;
using smartsynch::MetricsOptions;
using smartsynch::Random;
using smartsynch::Result;

namespace {

const std::vector<std::string> kClasses = {"A", "B", "C"};

JudgedPrediction Row(std::string gold, std::string top, DecisionKind decision, double confidence,
                     double novelty) {
  return {std::move(gold), std::move(top), decision, confidence, novelty};
}

}  // namespace

TEST_CASE("a small table worked out by hand") {
  const std::vector<JudgedPrediction> rows = {
      Row("A", "A", DecisionKind::kAuto, 0.9, 0.1),     // right, selected
      Row("A", "B", DecisionKind::kAuto, 0.8, 0.2),     // wrong, selected
      Row("B", "B", DecisionKind::kSuggest, 0.6, 0.3),  // right
      Row("B", "", DecisionKind::kSuggest, 0.0, 0.4),   // no answer
      Row("None", "A", DecisionKind::kAuto, 0.9, 0.3),  // open-set, wrongly selected
      Row("", "B", DecisionKind::kNew, 0.5, 0.9),       // open-set, proposed new
  };
  const Result<Metrics> metrics = ComputeMetrics(kClasses, rows);
  REQUIRE(metrics.has_value());
  CHECK(metrics->known == 4);
  CHECK(metrics->open_set == 2);
  CHECK(*metrics->accuracy == 0.5);
  REQUIRE(metrics->per_class.size() == 3);
  CHECK(metrics->per_class[0].precision == 1.0);
  CHECK(metrics->per_class[0].recall == 0.5);
  CHECK(metrics->per_class[0].f1 == doctest::Approx(2.0 / 3.0));
  CHECK(metrics->per_class[0].support == 2);
  CHECK(metrics->per_class[1].precision == 0.5);
  CHECK(metrics->per_class[1].f1 == 0.5);
  CHECK(metrics->per_class[2].f1 == 0.0);
  CHECK(metrics->per_class[2].support == 0);
  CHECK(*metrics->macro_f1 == doctest::Approx((2.0 / 3.0 + 0.5) / 3));
  CHECK(metrics->confusion ==
        std::vector<std::vector<std::size_t>>{{1, 1, 0, 0}, {0, 1, 0, 1}, {0, 0, 0, 0}});
  CHECK(*metrics->auto_precision == doctest::Approx(1.0 / 3.0));
  CHECK(*metrics->auto_coverage == 0.5);
  CHECK(*metrics->proposed_new_open_set == 0.5);
  CHECK(*metrics->proposed_new_known == 0.0);
  // One row a bin: |0 - 0|, |0.6 - 1|, |0.8 - 0|, |0.9 - 1|, averaged.
  CHECK(*metrics->ece == doctest::Approx((0.0 + 0.4 + 0.8 + 0.1) / 4));
  // Open-set 0.3 and 0.9 against 0.1 0.2 0.3 0.4: 2 + a tie of 0.5, and 4, of 8.
  REQUIRE(metrics->open_set_detection.has_value());
  CHECK(metrics->open_set_detection->auroc == doctest::Approx(6.5 / 8));
  CHECK(metrics->open_set_detection->fpr95 == 0.5);
}

TEST_CASE("nothing to divide by is absent, not zero") {
  const Result<Metrics> none = ComputeMetrics(kClasses, {});
  REQUIRE(none.has_value());
  CHECK_FALSE(none->accuracy.has_value());
  CHECK_FALSE(none->macro_f1.has_value());
  CHECK_FALSE(none->auto_precision.has_value());
  CHECK_FALSE(none->auto_coverage.has_value());
  CHECK_FALSE(none->ece.has_value());
  CHECK_FALSE(none->open_set_detection.has_value());

  const std::vector<JudgedPrediction> open = {Row("X", "A", DecisionKind::kNew, 0.5, 0.5)};
  const Result<Metrics> only_open = ComputeMetrics(kClasses, open);
  REQUIRE(only_open.has_value());
  CHECK_FALSE(only_open->accuracy.has_value());
  CHECK(*only_open->proposed_new_open_set == 1.0);

  const std::vector<JudgedPrediction> known = {Row("A", "A", DecisionKind::kSuggest, 0.5, 0.5)};
  const Result<Metrics> only_known = ComputeMetrics(kClasses, known);
  REQUIRE(only_known.has_value());
  CHECK(*only_known->accuracy == 1.0);
  CHECK_FALSE(only_known->auto_precision.has_value());
  CHECK_FALSE(only_known->proposed_new_open_set.has_value());
  CHECK_FALSE(only_known->open_set_detection.has_value());
}

TEST_CASE("bins hold equally many rows") {
  // 30 rows make 15 bins of two; 0.8 with one of two right is off by 0.3 in every bin.
  std::vector<JudgedPrediction> rows;
  for (int i = 0; i < 30; ++i) {
    const double confidence = 0.6 + 0.02 * (i / 2);
    rows.push_back(Row("A", i % 2 == 0 ? "A" : "B", DecisionKind::kSuggest, confidence, 0));
  }
  double expected = 0;
  for (int bin = 0; bin < 15; ++bin) expected += std::abs(0.6 + 0.02 * bin - 0.5) / 15;
  const Result<Metrics> metrics = ComputeMetrics(kClasses, rows);
  REQUIRE(metrics.has_value());
  CHECK(*metrics->ece == doctest::Approx(expected));
}

TEST_CASE("the bootstrap interval holds the error of a calibrated model and depends on its seed") {
  Random random(4);
  std::vector<JudgedPrediction> rows;
  for (int i = 0; i < 400; ++i) {
    const double confidence = 0.4 + 0.6 * static_cast<double>(random.NextFloat());
    const bool right = static_cast<double>(random.NextFloat()) < confidence;
    rows.push_back(Row("A", right ? "A" : "B", DecisionKind::kSuggest, confidence, 0));
  }
  MetricsOptions options;
  options.seed = 7;
  const Result<Metrics> metrics = ComputeMetrics(kClasses, rows, options);
  const Result<Metrics> again = ComputeMetrics(kClasses, rows, options);
  options.seed = 8;
  const Result<Metrics> other = ComputeMetrics(kClasses, rows, options);
  REQUIRE(metrics.has_value());
  CHECK(metrics->ece_interval->low < metrics->ece_interval->high);
  CHECK(metrics->ece_interval->low > 0);
  CHECK(metrics->ece_interval->high < 0.2);
  CHECK(again->ece_interval->low == metrics->ece_interval->low);
  CHECK(again->ece_interval->high == metrics->ece_interval->high);
  CHECK(other->ece_interval->low != metrics->ece_interval->low);
  options.bootstrap_samples = 0;
  CHECK_FALSE(ComputeMetrics(kClasses, rows, options)->ece_interval.has_value());
}

TEST_CASE("input that means nothing is refused by name") {
  const std::vector<JudgedPrediction> rows = {Row("A", "A", DecisionKind::kAuto, 0.5, 0.5)};
  CHECK(ComputeMetrics({}, rows).error().field == "categories");
  CHECK(ComputeMetrics(std::vector<std::string>{"A", "A"}, rows).error().field == "categories");
  std::vector<JudgedPrediction> bad = rows;
  bad.push_back(Row("A", "A", DecisionKind::kAuto, std::numeric_limits<double>::quiet_NaN(), 0));
  CHECK(ComputeMetrics(kClasses, bad).error().field == "rows[1]");
  bad[1] = Row("A", "A", DecisionKind::kAuto, 0, std::numeric_limits<double>::infinity());
  CHECK(ComputeMetrics(kClasses, bad).error().field == "rows[1]");
}
