// Fits calibration and thresholds on held-out predictions: logits of samples the heads were not
// trained on. Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <vector>

#include "smartsynch/decide/calibration.h"
#include "smartsynch/decide/decision_policy.h"

namespace smartsynch {

// Logits of the heads for samples held out of their training, [rows, outputs] with the open-set
// logit last.
struct HeldOutLogits {
  std::size_t outputs = 0;
  std::vector<float> dense;  // empty: calibrate without the dense head (the instant tier)
  std::vector<float> lexical;
  std::vector<int> labels;             // category index or kOpenSetLabel
  std::vector<float> weights;          // per sample
  std::vector<std::size_t> data_rows;  // which row of the training data each is; for reports
  std::vector<float> token;            // empty: there is no token head
  // One a row, from centres that were found without it (decide/category_centres.h); empty: the
  // logits say how novel a row is.
  std::vector<float> novelty = {};
};

// One row's logits.
HeadLogits LogitsOf(const HeldOutLogits& held_out, std::size_t row);

// Its scores.
Scores ScoresOf(const HeldOutLogits& held_out, std::size_t row, const Calibration& calibration);

// Minimises the weighted cross-entropy over the heads' weights (kept non-negative), and, when there
// are open-set samples, that of the novelty over its parameters, by Newton's method.
// Without any sample of a category the defaults are returned.
Calibration FitCalibration(const HeldOutLogits& held_out);

struct ThresholdOptions {
  // Wanted share of automatic selections that are right, counting an open-set sample that is
  // selected as wrong.
  double precision = 0.95;
  // How surely: the precision promised is the lower end of Wilson's one-sided interval (Wilson
  // 1927) at this many standard deviations; 1.645 is 95 %. 0 takes the plain share.
  double z = 1.645;
  // The share of the titles met in use that belong to no category, whatever it is among the
  // samples: these are weighted so. Half, for nothing is known of a new board, and on task lists
  // that mix work and private life it is more than the training data hold. At least 0, which takes
  // the samples as they are, and below 1.
  double open_share = 0.5;
  // At most this share of the samples that do have a category may be answered with "new".
  double false_new = 0.02;
};

// The thresholds that select most often while keeping the promise on the held-out samples. When no
// threshold keeps it, auto_confidence is above 1 and nothing is ever selected.
DecisionThresholds FitThresholds(const HeldOutLogits& held_out, const Calibration& calibration,
                                 const ThresholdOptions& options);

}  // namespace smartsynch
