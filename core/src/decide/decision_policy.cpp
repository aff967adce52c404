#include "smartsynch/decide/decision_policy.h"

#include <algorithm>
#include <numeric>

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
  std::vector<std::size_t> order(probabilities.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return probabilities[a] > probabilities[b];
  });
  const std::size_t count =
      std::min(order.size(), std::max<std::size_t>(thresholds.suggestions, 1));
  for (std::size_t i = 0; i < count; ++i) {
    decision.ranking.push_back({order[i], probabilities[order[i]]});
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
