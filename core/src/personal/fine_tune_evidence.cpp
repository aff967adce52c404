#include "personal/fine_tune_evidence.h"

#include <algorithm>
#include <utility>

#include "smartsynch/decide/combined_logits.h"

namespace smartsynch {

FineTuneEvidence::FineTuneEvidence(const FineTuneTask& task, const FineTuneRows& rows,
                                   const FineTuneOptions& options)
    : rows_(rows),
      weights_{task.instant_memory, task.full_memory},
      has_open_set_(task.has_open_set) {
  if (!options.with_memory) return;
  for (const Tier tier : {Tier::kInstant, Tier::kFull}) {
    const TierRows& of_tier = rows_.Of(tier);
    for (std::size_t fold = 0; fold < options.folds; ++fold) {
      ExemplarMemory memory(rows_.categories);
      for (std::size_t r = rows_.base_rows; r < rows_.size(); ++r) {
        if (rows_.folds[r] == fold || of_tier.input == 0) continue;
        memory.Add(static_cast<std::size_t>(rows_.labels[r]), of_tier.directions[r]);
      }
      memory.Finish();
      memories_[tier == Tier::kInstant ? 0 : 1].push_back(std::move(memory));
    }
  }
}

void FineTuneEvidence::Write(Tier tier, std::size_t row, std::span<const TunedCategory> categories,
                             std::span<float> out) const {
  const std::size_t t = tier == Tier::kInstant ? 0 : 1;
  const TierRows& rows = rows_.Of(tier);
  if (rows.input == 0) return;
  const std::vector<float>& base = rows.base[row];
  if (memories_[t].empty()) {
    for (std::size_t c = 0; c < categories.size(); ++c) {
      const std::vector<std::size_t>& indexes = categories[c].base_indexes;
      out[c] = indexes.empty() ? 0.0F : base[indexes.front()];
    }
    out.back() = base.back();
    return;
  }
  const Scores scores = Calibrate({base, {}, {}}, PlainCalibration(has_open_set_));
  const std::vector<CategoryEvidence> evidence =
      memories_[t][rows_.folds[row]].Query(rows.directions[row]);
  std::vector<FusedCategory> fused;
  for (std::size_t c = 0; c < categories.size(); ++c) {
    fused.push_back({categories[c].base_indexes, evidence[c]});
  }
  const FusedLogits logits = FuseLogits(scores, fused, weights_[t]);
  std::copy(logits.logits.begin(), logits.logits.end(), out.begin());
  out.back() = NoveltyLogOdds(logits.novelty);
}

}  // namespace smartsynch
