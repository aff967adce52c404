#include "smartsynch/decide/decision_policy.h"

#include <algorithm>
#include <limits>
#include <vector>

namespace smartsynch {

const char* DecisionKindName(DecisionKind kind) {
  switch (kind) {
    case DecisionKind::kAuto:
      return "auto";
    case DecisionKind::kSuggest:
      return "suggest";
    case DecisionKind::kNew:
      return "new";
  }
  return "suggest";
}

Decision Decide(std::span<const float> probabilities, float novelty,
                const DecisionThresholds& thresholds) {
  Decision decision;
  if (probabilities.empty()) {
    decision.kind = DecisionKind::kNew;
    return decision;
  }
  const std::size_t count =
      std::min(probabilities.size(), std::max<std::size_t>(thresholds.suggestions, 1));
  // Few are looked for, so the rest is not sorted; of equal ones the first comes first.
  std::vector<float> left(probabilities.begin(), probabilities.end());
  for (std::size_t i = 0; i < count; ++i) {
    const auto best = std::max_element(left.begin(), left.end());
    decision.ranking.push_back({static_cast<std::size_t>(best - left.begin()), *best});
    *best = std::numeric_limits<float>::lowest();
  }
  if (novelty >= thresholds.new_novelty) {
    decision.kind = DecisionKind::kNew;
  } else if (decision.ranking.front().confidence >= thresholds.auto_confidence &&
             novelty < thresholds.auto_novelty) {
    decision.kind = DecisionKind::kAuto;
  }
  return decision;
}

}  // namespace smartsynch
