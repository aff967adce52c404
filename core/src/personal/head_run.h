// Training of one tier's linear head: multinomial logistic regression on top of given logits, by
// mini-batches in an order that the seed fixes, so that it can be cut into slices anywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "smartsynch/base/random.h"
#include "smartsynch/learn/loss.h"
#include "smartsynch/learn/optimizer.h"
#include "smartsynch/personal/fine_tune.h"
#include "smartsynch/personal/tuned_heads.h"

namespace smartsynch {

class HeadRun {
 public:
  // `x`: [all rows, input] of length one; `offsets`: [all rows, outputs], what the head adds to,
  // a value that it leaves alone last;
  // both, `labels` and `weights` must outlive the run. `rows`: those to train on.
  HeadRun(std::size_t input, std::size_t outputs, const std::vector<float>& x,
          std::vector<float> offsets, const std::vector<int>& labels,
          const std::vector<float>& weights, std::vector<std::size_t> rows,
          const FineTuneOptions& options);

  bool finished() const { return step_ == steps_; }
  std::size_t steps() const { return steps_; }

  // One mini-batch.
  void Step();

  // Weights and bias only.
  TunedTier Head() const;

 private:
  const std::vector<float>& x_;
  std::vector<float> offsets_;
  const std::vector<int>& labels_;
  const std::vector<float>& row_weights_;
  std::vector<std::size_t> rows_;
  FineTuneOptions options_;
  std::size_t input_;
  std::size_t outputs_;
  std::size_t steps_ = 0;
  std::size_t step_ = 0;
  Random random_;
  LossOptions loss_;
  std::vector<float> weights_;
  std::vector<float> bias_;
  AdamW weight_optimizer_;
  AdamW bias_optimizer_;
};

}  // namespace smartsynch
