// What the heads say together before it becomes probabilities: the weighted sums inside Calibrate()
// (decide/calibration.h). Layers that add a head of their own add to these.
//
//   std::vector<float> logits = CombineLogits({dense, lexical, token}, calibration);
//   Scores scores = Calibrate({.dense = logits}, PlainCalibration(calibration.has_open_set));
//
// Thread safety: pure functions.
#pragma once

#include <vector>

#include "smartsynch/decide/calibration.h"

namespace smartsynch {

// [categories + 1]: one a category, the open-set logit with its bias last (0 without open-set
// training). Empty when no head gives two values. Bounded to 1,000,000 either way.
std::vector<float> CombineLogits(const HeadLogits& logits, const Calibration& calibration);

// Takes logits that are combined already, given as the dense head's, as they are.
Calibration PlainCalibration(bool has_open_set);

}  // namespace smartsynch
