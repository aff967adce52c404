#include "smartsynch/learn/curves.h"

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "smartsynch/base/random.h"

using namespace smartsynch;

namespace {

const std::vector<std::string> kNames = {"A", "B"};

JudgedPrediction Row(std::string gold, std::string top, double confidence, double novelty) {
  return {std::move(gold), std::move(top), DecisionKind::kSuggest, confidence, novelty};
}

std::vector<JudgedPrediction> ManyRows(std::size_t count) {
  Random random(5);
  std::vector<JudgedPrediction> rows;
  for (std::size_t i = 0; i < count; ++i) {
    const char* gold = i % 3 == 0 ? "none" : (i % 3 == 1 ? "A" : "B");
    const auto confidence = static_cast<double>(random.NextBelow(50)) / 50;
    JudgedPrediction row = Row(gold, random.NextBelow(3) == 0 ? "A" : "B", confidence,
                               static_cast<double>(random.NextBelow(20)) / 20);
    row.decision = confidence > 0.5 ? DecisionKind::kAuto : DecisionKind::kSuggest;
    rows.push_back(row);
  }
  return rows;
}

}  // namespace

TEST_CASE("coverage curve worked out by hand") {
  const std::vector<JudgedPrediction> rows = {
      Row("A", "A", 0.9, 0), Row("none", "A", 0.8, 0), Row("B", "A", 0.8, 0),
      Row("B", "B", 0.5, 0), Row("B", "", 0.0, 0),
  };
  const std::vector<CoveragePoint> curve = CoverageCurve(kNames, rows);
  REQUIRE(curve.size() == 3);
  CHECK(curve[0].threshold == 0.9);
  CHECK(curve[0].coverage == 0.25);
  CHECK(curve[0].precision == 1.0);
  CHECK(curve[1].coverage == 0.5);
  CHECK(curve[1].precision == doctest::Approx(1.0 / 3.0));
  CHECK(curve[2].coverage == 0.75);  // the row without an answer is never selected
  CHECK(curve[2].precision == 0.5);
  CHECK(CoverageCurve(kNames, {}).empty());
}

TEST_CASE("the bins give the calibration error, the curve's area the AUROC") {
  for (const std::size_t count : {std::size_t{4}, std::size_t{40}, std::size_t{500}}) {
    const std::vector<JudgedPrediction> rows = ManyRows(count);
    const Result<Metrics> metrics = ComputeMetrics(kNames, rows);
    REQUIRE(metrics.has_value());
    double error = 0;
    std::size_t total = 0;
    for (const ReliabilityBin& bin : ReliabilityBins(kNames, rows)) {
      error += static_cast<double>(bin.rows) * std::abs(bin.confidence - bin.accuracy);
      total += bin.rows;
    }
    CHECK(total == metrics->known);
    CHECK(error / static_cast<double>(total) == doctest::Approx(*metrics->ece));
    const std::vector<RocPoint> roc = OpenSetRoc(kNames, rows);
    double area = 0;
    for (std::size_t i = 1; i < roc.size(); ++i) {
      area += (roc[i].false_alarms - roc[i - 1].false_alarms) *
              (roc[i].detected + roc[i - 1].detected) / 2;
    }
    CHECK(area == doctest::Approx(metrics->open_set_detection->auroc));
    CHECK(roc.back().false_alarms == 1.0);
    CHECK(roc.back().detected == 1.0);
  }
}

TEST_CASE("no curve without both kinds of rows") {
  const std::vector<JudgedPrediction> known = {Row("A", "A", 0.9, 0.1)};
  CHECK(OpenSetRoc(kNames, known).empty());
  CHECK(OpenSetRoc(kNames, {}).empty());
  CHECK(ReliabilityBins(kNames, {}).empty());
  CHECK(CoverageCurve(kNames, std::vector{Row("none", "A", 0.9, 0.1)}).empty());
}

TEST_CASE("intervals hold the figure, follow the seed and narrow with more rows") {
  const std::vector<JudgedPrediction> rows = ManyRows(60);
  const std::vector<JudgedPrediction> more = ManyRows(2000);
  const MetricsOptions options{200, 3};
  const Metrics metrics = *ComputeMetrics(kNames, rows);
  const HeadlineIntervals a = *BootstrapHeadlines(kNames, rows, options);
  const HeadlineIntervals b = *BootstrapHeadlines(kNames, rows, options);
  const HeadlineIntervals c = *BootstrapHeadlines(kNames, rows, {200, 4});
  const HeadlineIntervals narrow = *BootstrapHeadlines(kNames, more, options);
  CHECK(a.accuracy->low <= *metrics.accuracy);
  CHECK(a.accuracy->high >= *metrics.accuracy);
  CHECK(a.auroc->low <= metrics.open_set_detection->auroc);
  CHECK(a.auroc->high >= metrics.open_set_detection->auroc);
  CHECK(a.macro_f1->low < a.macro_f1->high);
  CHECK(a.auroc->low == b.auroc->low);
  CHECK((a.auroc->low != c.auroc->low || a.auroc->high != c.auroc->high));
  CHECK(narrow.accuracy->high - narrow.accuracy->low < a.accuracy->high - a.accuracy->low);
  CHECK(!BootstrapHeadlines(kNames, rows, {0, 1})->accuracy);
  CHECK(!BootstrapHeadlines(kNames, {}, options)->accuracy);
  CHECK(!PercentileInterval({}));
  // Rounds that repeat each other say nothing new.
  std::vector<JudgedPrediction> twice = rows;
  twice.insert(twice.end(), rows.begin(), rows.end());
  const HeadlineIntervals d = *BootstrapHeadlines(kNames, twice, options, 2);
  CHECK(d.accuracy->low == doctest::Approx(a.accuracy->low));
  CHECK(d.accuracy->high == doctest::Approx(a.accuracy->high));
  CHECK(!BootstrapHeadlines(kNames, rows, options, 7).has_value());
  CHECK(!BootstrapHeadlines(kNames, rows, options, 0).has_value());
}
