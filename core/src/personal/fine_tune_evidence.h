// What the heads of a fine-tuning add to: for every row the logits of base model and memory, the
// memory without the row's own fold, as if the row had never been seen.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "personal/fine_tune_rows.h"
#include "smartsynch/personal/exemplar_memory.h"

namespace smartsynch {

class FineTuneEvidence {
 public:
  // `rows` must outlive this and stay where they are.
  FineTuneEvidence(const FineTuneTask& task, const FineTuneRows& rows,
                   const FineTuneOptions& options);

  // [categories + 1]: one logit a category, the novelty's log-odds last. Nothing is written in a
  // tier that is not fine-tuned.
  void Write(Tier tier, std::size_t row, std::span<const TunedCategory> categories,
             std::span<float> out) const;

 private:
  const FineTuneRows& rows_;
  MemoryWeights weights_[2];                 // by tier
  std::vector<ExemplarMemory> memories_[2];  // by tier and fold left out; empty: without memory
  bool has_open_set_ = false;
};

}  // namespace smartsynch
