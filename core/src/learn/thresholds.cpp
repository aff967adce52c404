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

// The weight of an open-set sample, when one with a category weighs 1.
double OpenSetWeight(const std::vector<ScoredSample>& samples, double open_share) {
  const auto known = std::count_if(samples.begin(), samples.end(),
                                   [](const ScoredSample& sample) { return sample.known; });
  const auto open = static_cast<std::ptrdiff_t>(samples.size()) - known;
  if (known == 0 || open == 0 || !(open_share > 0.0 && open_share < 1.0)) return 1.0;
  return open_share / (1.0 - open_share) * static_cast<double>(known) / static_cast<double>(open);
}

struct Selection {
  double weight = 0.0;
  double squares = 0.0;   // of weights
  std::size_t right = 0;  // these have a category, and weigh 1

  void Add(const ScoredSample& sample, double open_weight) {
    const double w = sample.known ? 1.0 : open_weight;
    weight += w;
    squares += w * w;
    right += sample.right ? 1 : 0;
  }
};

// The lower end of Wilson's score interval of the share that is right. Samples of unequal weights
// tell as much as this many equal ones (Kish 1965): the square of their sum by the sum of squares.
double WilsonLowerBound(const Selection& selection, double z) {
  const double n = selection.weight * selection.weight / selection.squares;
  const double share = static_cast<double>(selection.right) / selection.weight;
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
  const double open_weight = OpenSetWeight(samples, options.open_share);
  std::size_t most_selected = 0;
  constexpr int kNoveltySteps = 20;
  for (int step = 1; step <= kNoveltySteps; ++step) {
    // Never above new_novelty, not even by rounding: there the decision is "new".
    const float novelty =
        std::min(best.new_novelty * static_cast<float>(step) / kNoveltySteps, best.new_novelty);
    Selection selection;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      if (samples[i].novelty < novelty) selection.Add(samples[i], open_weight);
      // A threshold lies between two different confidences, never within a group of equal ones.
      const bool last_of_group =
          i + 1 == samples.size() || samples[i + 1].confidence < samples[i].confidence;
      if (last_of_group && selection.right > most_selected &&
          WilsonLowerBound(selection, options.z) >= options.precision) {
        most_selected = selection.right;
        best.auto_confidence = samples[i].confidence;
        best.auto_novelty = novelty;
      }
    }
  }
  return best;
}

}  // namespace smartsynch
