#include "smartsynch/personal/answering_heads.h"

namespace smartsynch {

Status CheckHeadsFit(const TunedHeads& heads, const Model& model) {
  const auto fits = [](const TunedTier& tier, std::size_t input) {
    return tier.input == 0 || tier.input == input;
  };
  if (heads.base_version == model.version && fits(heads.full, model.dense.input) &&
      fits(heads.instant, model.token_dense.input)) {
    return {};
  }
  return Fail(ErrorCode::kIncompatible,
              "the heads were fine-tuned on the model " + heads.base_version +
                  ", the model loaded is " + model.version,
              "heads");
}

void AnsweringHeads::Place(const PersonalState& state, bool is_untaught) {
  positions_.clear();
  answers_ = heads_.has_value() && !is_untaught;
  for (std::size_t k = 0; answers_ && k < heads_->categories.size(); ++k) {
    const TunedCategory& known = heads_->categories[k];
    const std::size_t index = state.IndexOf(known.id);
    answers_ = index < state.categories().size() &&
               state.categories()[index].base_indexes == known.base_indexes;
    positions_.push_back(index);
  }
}

const TunedTier* AnsweringHeads::Find(Tier tier) const {
  if (!answers_) return nullptr;
  const TunedTier& found = tier == Tier::kInstant ? heads_->instant : heads_->full;
  return found.input > 0 ? &found : nullptr;
}

void AnsweringHeads::AddTo(FusedLogits& logits, Tier tier, std::span<const float> token_embedding,
                           std::span<const float> embedding) const {
  const TunedTier* tuned = Find(tier);
  if (tuned == nullptr) return;
  const std::vector<float> added = HeadsLogits(*heads_, tier, token_embedding, embedding);
  for (std::size_t k = 0; k < added.size(); ++k) logits.logits[positions_[k]] += added[k];
  ApplyCalibration(tuned->calibration, logits);
}

}  // namespace smartsynch
