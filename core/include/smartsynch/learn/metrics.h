// How good a model's answers are: accuracy, F1, calibration error, automatic selection and open-set
// detection, from gold labels and predictions alone (it knows nothing of models).
//
//   Result<Metrics> metrics = ComputeMetrics(categories, judged);
//   if (metrics) Show(metrics->accuracy, metrics->macro_f1);
//
// Definitions. A row is *known* when its gold label is one of `categories`, else *open-set*. The
// row's answer is `top`, the best category, whatever the decision was.
//   accuracy, per class, confusion   on known rows; macro_f1 is the plain mean of the classes' f1
//   auto-select                      precision: right / selected over all rows (an open-set row
//                                    that is selected is wrong); coverage: selected known / known
//   ece                              expected calibration error (Guo et al. 2017,
//                                    arXiv:1706.04599) of `confidence` on known rows, 15 bins of
//                                    equally many rows ordered by (confidence, right)
//   open_set                         open-set rows are the positive class, scored by `novelty`:
//                                    area under the ROC curve (ties count half), and the share of
//                                    known rows flagged when 95 % of the open-set rows are
// Sums run in a fixed order in double, so the same rows give the same bits. Thread safety: pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "smartsynch/base/status.h"
#include "smartsynch/decide/decision_policy.h"

namespace smartsynch {

// One prediction beside the truth.
struct JudgedPrediction {
  std::string gold;  // the row's label; open-set when no category has this name
  std::string top;   // the best category; empty when the model suggested none
  DecisionKind decision = DecisionKind::kSuggest;
  double confidence = 0;  // of `top`, 0..1
  double novelty = 0;     // 0..1
};

struct ClassMetrics {
  std::string category;
  double precision = 0;  // 0 when the class was never answered
  double recall = 0;     // 0 when the class has no row
  double f1 = 0;
  std::size_t support = 0;  // rows with this gold label
};

struct Interval {
  double low = 0;
  double high = 0;
};

struct OpenSetMetrics {
  double auroc = 0;
  double fpr95 = 0;
};

// A value is absent where there is nothing to divide by.
struct Metrics {
  std::size_t known = 0;     // rows
  std::size_t open_set = 0;  // rows
  std::optional<double> accuracy;
  std::optional<double> macro_f1;
  std::vector<ClassMetrics> per_class;  // in the order of `categories`
  // [gold][answer] in the order of `categories`, with one more column: no answer.
  std::vector<std::vector<std::size_t>> confusion;
  std::optional<double> auto_precision;
  std::optional<double> auto_coverage;
  std::optional<double> proposed_new_open_set;  // share of open-set rows with decision "new"
  std::optional<double> proposed_new_known;     // share of known rows with decision "new"
  std::optional<double> ece;
  std::optional<Interval> ece_interval;  // 95 %, bootstrap over the known rows
  std::optional<OpenSetMetrics> open_set_detection;
};

struct MetricsOptions {
  std::size_t bootstrap_samples = 1000;  // 0: no interval
  std::uint64_t seed = 1;                // of the bootstrap
};

// Fails with kInvalidArgument when `categories` is empty or holds a name twice, or when a
// confidence or novelty is not finite (naming the row).
Result<Metrics> ComputeMetrics(std::span<const std::string> categories,
                               std::span<const JudgedPrediction> rows,
                               const MetricsOptions& options = {});

}  // namespace smartsynch
