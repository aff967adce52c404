// FitThresholds: how sure a selection must be.
#include <algorithm>
#include <cmath>
#include <functional>

#include "smartsynch/learn/calibrate.h"

namespace smartsynch {
namespace {

struct ScoredSample {
  float confidence = 0.0F;
  float novelty = 0.0F;
  bool known = false;
  bool right = false;
};

std::vector<ScoredSample> ScoreAll(const HeldOutLogits& h, const Calibration& calibration) {
  std::vector<ScoredSample> samples(h.labels.size());
  for (std::size_t r = 0; r < samples.size(); ++r) {
    const Scores scores = ScoresOf(h, r, calibration);
    const auto best = std::max_element(scores.probabilities.begin(), scores.probabilities.end());
    samples[r].confidence = *best;
    samples[r].novelty = scores.novelty;
    samples[r].known = h.labels[r] >= 0;
    samples[r].right = best - scores.probabilities.begin() == h.labels[r];
  }
  return samples;
}

// The lower end of Wilson's score interval for `right` of `count`.
double WilsonLowerBound(std::size_t right, std::size_t count, double z) {
  const auto n = static_cast<double>(count);
  const double share = static_cast<double>(right) / n;
  const double margin = z * std::sqrt(share * (1.0 - share) / n + z * z / (4.0 * n * n));
  return (share + z * z / (2.0 * n) - margin) / (1.0 + z * z / n);
}

float NewNoveltyThreshold(const std::vector<ScoredSample>& samples, double false_new) {
  std::vector<float> known;
  for (const ScoredSample& s : samples) {
    if (s.known) known.push_back(s.novelty);
  }
  if (known.empty()) return DecisionThresholds{}.new_novelty;
  std::sort(known.begin(), known.end(), std::greater<>());
  const double share = false_new > 0.0 ? std::min(false_new, 1.0) : 0.0;  // 0 also for NaN
  const auto allowed = static_cast<std::size_t>(share * static_cast<double>(known.size()));
  // Just above the first value that would break the allowance.
  return std::nextafter(known[std::min(allowed, known.size() - 1)], 2.0F);
}

}  // namespace

DecisionThresholds FitThresholds(const HeldOutLogits& held_out, const Calibration& calibration,
                                 const ThresholdOptions& options) {
  std::vector<ScoredSample> samples = ScoreAll(held_out, calibration);
  DecisionThresholds best;
  best.new_novelty = NewNoveltyThreshold(samples, options.false_new);
  best.auto_confidence = 2.0F;
  best.auto_novelty = best.new_novelty;
  std::sort(samples.begin(), samples.end(), [](const ScoredSample& a, const ScoredSample& b) {
    return a.confidence > b.confidence;
  });
  std::size_t most_selected = 0;
  constexpr int kNoveltySteps = 20;
  for (int step = 1; step <= kNoveltySteps; ++step) {
    // Never above new_novelty, not even by rounding: there the decision is "new".
    const float novelty =
        std::min(best.new_novelty * static_cast<float>(step) / kNoveltySteps, best.new_novelty);
    std::size_t selected = 0;
    std::size_t right = 0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      if (samples[i].novelty < novelty) {
        ++selected;
        right += samples[i].right ? 1 : 0;
      }
      // A threshold lies between two different confidences, never within a group of equal ones.
      const bool last_of_group =
          i + 1 == samples.size() || samples[i + 1].confidence < samples[i].confidence;
      if (last_of_group && right > most_selected &&
          WilsonLowerBound(right, selected, options.z) >= options.precision) {
        most_selected = right;
        best.auto_confidence = samples[i].confidence;
        best.auto_novelty = novelty;
      }
    }
  }
  return best;
}

}  // namespace smartsynch
