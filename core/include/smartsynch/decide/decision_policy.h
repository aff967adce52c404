// From scores to a decision: select the category, suggest some, or propose a new one. A pure
// function, so the whole policy can be read, tested and replayed.
//
//   Decision d = Decide({0.91F, 0.06F, 0.03F}, /*novelty=*/0.1F, {});
//   // d.kind == DecisionKind::kAuto, d.ranking[0].category == 0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace smartsynch {

enum class DecisionKind {
  kAuto,     // confident: the best category may be selected for the user
  kSuggest,  // not sure: show the suggestions
  kNew,      // none of the categories fits: offer to create one
};

// "auto", "suggest", "new": the words of the JSON interface.
const char* DecisionKindName(DecisionKind kind);

// Chosen from data for a promised precision and stored in the model file, per tier.
struct DecisionThresholds {
  float auto_confidence = 0.75F;  // select at this calibrated probability or above …
  float auto_novelty = 0.5F;      // … and only while the novelty is below this
  float new_novelty = 0.8F;       // propose a new category at this novelty or above
  std::size_t suggestions = 3;    // at most this many suggestions; 0 counts as 1
};

struct RankedCategory {
  std::size_t category = 0;  // index into the model's categories
  float confidence = 0.0F;   // calibrated probability, 0..1
};

struct Decision {
  DecisionKind kind = DecisionKind::kSuggest;
  // Best first, at most `suggestions` entries; ties keep the categories' order. Also filled when
  // the kind is kAuto or kNew.
  std::vector<RankedCategory> ranking;
};

// `probabilities`: calibrated, one per category, finite, summing to one. `novelty` in 0..1. With no
// categories the decision is kNew with an empty ranking.
Decision Decide(std::span<const float> probabilities, float novelty,
                const DecisionThresholds& thresholds);

}  // namespace smartsynch
