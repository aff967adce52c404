// The heads that one version of the personal model answers with, and where their categories stand
// in what the user taught. They step aside, and the base answers, while a category that they know
// is gone. A classifier has one for what answers, and a second one while an experiment runs.
//
//   AnsweringHeads heads;
//   heads.Use(tuned);
//   heads.Place(state, log.events().empty());    // after every change of either
//   heads.AddTo(logits, Tier::kFull, token_embedding, embedding);
//
// Thread safety: const methods from any number of threads.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "smartsynch/base/status.h"
#include "smartsynch/model/model.h"
#include "smartsynch/personal/personal_state.h"
#include "smartsynch/personal/tuned_heads.h"

namespace smartsynch {

// Fails with kIncompatible, field "heads", for heads of another base model than this one.
Status CheckHeadsFit(const TunedHeads& heads, const Model& model);

class AnsweringHeads {
 public:
  // Call Place() before asking anything else; nothing given: the base answers.
  void Use(std::optional<TunedHeads> heads) { heads_ = std::move(heads); }
  void Place(const PersonalState& state, bool is_untaught);

  // The heads that answer now; null: the base.
  const TunedHeads* Get() const { return answers_ ? &*heads_ : nullptr; }

  // What they know of a tier; null where they leave it as it is.
  const TunedTier* Find(Tier tier) const;

  // Adds what the heads say of a task, and calibrates.
  void AddTo(FusedLogits& logits, Tier tier, std::span<const float> token_embedding,
             std::span<const float> embedding) const;

 private:
  std::optional<TunedHeads> heads_;
  bool answers_ = false;
  std::vector<std::size_t> positions_;  // in the state, of each category that the heads know
};

}  // namespace smartsynch
