// Calibration and thresholds of one fine-tuned tier, fitted on held-out logits in small steps.
#pragma once

#include <cstddef>
#include <utility>

#include "smartsynch/learn/calibrate.h"
#include "smartsynch/personal/tuned_heads.h"

namespace smartsynch {

class SettingsFit {
 public:
  // `held_out.dense`: the sums that the heads are part of, the novelty's log-odds last.
  explicit SettingsFit(HeldOutLogits held_out) : held_out_(std::move(held_out)) {}

  bool finished() const { return finished_; }
  // One pass over the rows: tries a factor for the logits; the last fits the rest and writes it.
  void Step(TunedTier& tier);

 private:
  double LossAt(float factor) const;

  HeldOutLogits held_out_;
  std::size_t tried_ = 0;
  float best_factor_ = 1.0F;
  double best_loss_ = 0.0;
  bool finished_ = false;
};

}  // namespace smartsynch
