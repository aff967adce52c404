// What a single figure hides, drawn as curves: reliability, coverage against precision, the ROC of
// open-set detection; and seeded bootstrap intervals (Efron 1979) for the headline figures. The
// definitions of learn/metrics.h hold here, too.
//
//   for (const CoveragePoint& p : CoverageCurve(categories, rows)) Plot(p.coverage, p.precision);
//
// Rows with a confidence or novelty that is not finite are refused by ComputeMetrics(); call it
// first. Sums run in a fixed order in double. Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "smartsynch/learn/metrics.h"

namespace smartsynch {

// One bin of the reliability diagram: known rows of neighbouring confidence.
struct ReliabilityBin {
  double confidence = 0;  // mean of the bin
  double accuracy = 0;    // share that is right; equal to `confidence` when calibrated
  std::size_t rows = 0;
};

// The 15 bins of equally many rows that the calibration error is computed from; empty ones are
// left out. The error is the sum of rows * |confidence - accuracy| / known rows.
std::vector<ReliabilityBin> ReliabilityBins(std::span<const std::string> categories,
                                            std::span<const JudgedPrediction> rows);

// What selecting every row at `threshold` confidence or above would do.
struct CoveragePoint {
  double threshold = 0;
  double coverage = 0;   // selected known rows / known rows
  double precision = 0;  // right / selected, an open-set row that is selected being wrong
};

// One point for each confidence that occurs, falling; empty without a known row. Rows without an
// answer are never selected.
std::vector<CoveragePoint> CoverageCurve(std::span<const std::string> categories,
                                         std::span<const JudgedPrediction> rows);

struct RocPoint {
  double false_alarms = 0;  // share of known rows at the novelty or above
  double detected = 0;      // share of open-set rows at the novelty or above
};

// From (0, 0) to (1, 1); empty when one of the two kinds has no row. The area under it by
// trapezoids is OpenSetMetrics::auroc.
std::vector<RocPoint> OpenSetRoc(std::span<const std::string> categories,
                                 std::span<const JudgedPrediction> rows);

// 95 % intervals, absent where the figure itself is.
struct HeadlineIntervals {
  std::optional<Interval> accuracy;
  std::optional<Interval> macro_f1;
  std::optional<Interval> auto_precision;
  std::optional<Interval> auto_coverage;
  std::optional<Interval> auroc;
  std::optional<Interval> fpr95;
  std::optional<Interval> ece;
};

// Percentile bootstrap over all rows, known and open-set drawn apart so that their shares stay.
// Without samples (0) every interval is absent.
// `copies` above 1: rows hold the same samples that many times, one round after the other (repeated
// cross-validation); the rounds of a sample are drawn together, for they are not independent. Fails
// as ComputeMetrics() does, and with kInvalidArgument when `copies` does not divide the rows.
Result<HeadlineIntervals> BootstrapHeadlines(std::span<const std::string> categories,
                                             std::span<const JudgedPrediction> rows,
                                             const MetricsOptions& options = {},
                                             std::size_t copies = 1);

// Of `values`, the 2.5 % and 97.5 % quantiles; absent for none.
std::optional<Interval> PercentileInterval(std::vector<double> values);

}  // namespace smartsynch
