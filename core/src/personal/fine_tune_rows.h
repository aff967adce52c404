// What a fine-tuning is trained and judged on: base exemplars and the user's, side by side.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "smartsynch/base/status.h"
#include "smartsynch/model/exemplar_file.h"
#include "smartsynch/personal/fine_tune.h"
#include "smartsynch/personal/fine_tune_task.h"

namespace smartsynch {

struct TierRows {
  std::size_t input = 0;                             // 0: the tier is not fine-tuned
  std::vector<float> x;                              // [rows, input], of length one or zero
  std::vector<std::vector<float>> base;              // combined logits of the base model, by row
  std::vector<std::vector<std::int8_t>> directions;  // what the memory compares

  std::span<const float> At(std::size_t row) const {
    return std::span<const float>(x).subspan(row * input, input);
  }
};

// Base exemplars first, without those of categories that are gone, then the user's. Labels are
// positions in the user's categories.
struct FineTuneRows {
  std::size_t categories = 0;
  std::size_t base_rows = 0;
  std::vector<int> labels;
  std::vector<float> weights;
  std::vector<std::size_t> folds;
  std::vector<std::uint64_t> sequences;  // of the event; 0 for a base exemplar
  std::vector<bool> has_full;            // false: the encoder has not run on it yet
  TierRows instant;
  TierRows full;

  std::size_t size() const { return labels.size(); }
  bool Has(Tier tier, std::size_t row) const { return tier == Tier::kInstant || has_full[row]; }
  const TierRows& Of(Tier tier) const { return tier == Tier::kInstant ? instant : full; }
};

// Fails as FineTuner::Create().
Result<FineTuneRows> MakeFineTuneRows(const FineTuneTask& task, const BaseExemplars& exemplars,
                                      const FineTuneOptions& options);

}  // namespace smartsynch
