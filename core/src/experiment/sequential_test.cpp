#include "smartsynch/experiment/sequential_test.h"

#include <algorithm>
#include <limits>
#include <string>

#include "experiment/log_gamma.h"

namespace smartsynch {
namespace {

constexpr std::uint64_t kMostShown = std::uint64_t{1} << 40U;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Counts {
  double kept = 0;
  double lost = 0;
};

Counts ToCounts(const ArmOutcomes& arm) {
  return {static_cast<double>(arm.accepted), static_cast<double>(arm.shown - arm.accepted)};
}

double Rate(const Counts& counts) {
  const double shown = counts.kept + counts.lost;
  return shown > 0 ? counts.kept / shown : 0;
}

// Logarithm of the likelihood averaged over all rates: the beta function of the counts.
double LogMixture(const Counts& counts) {
  return LogGamma(counts.kept + 1) + LogGamma(counts.lost + 1) -
         LogGamma(counts.kept + counts.lost + 2);
}

double LogLikelihood(const Counts& counts, double rate) {
  // Nothing seen says nothing, also at a rate of 0 or 1.
  const double kept = counts.kept > 0 ? counts.kept * LogOf(rate) : 0;
  const double lost = counts.lost > 0 ? counts.lost * LogOf(1 - rate) : 0;
  return kept + lost;
}

double Slope(double count, double rate) {
  if (count <= 0) return 0;
  return rate > 0 ? count / rate : kInfinity;
}

// The largest likelihood of both arms among rates that differ by `difference`. It is concave in the
// champion's rate, so its slope is bisected.
double LargestLogLikelihood(double difference, const Counts& champion, const Counts& challenger) {
  double low = std::max(0.0, -difference);
  double high = std::min(1.0, 1 - difference);
  for (int i = 0; i < 60; ++i) {
    const double rate = (low + high) / 2;
    const double up = Slope(champion.kept, rate) + Slope(challenger.kept, rate + difference);
    const double down =
        Slope(champion.lost, 1 - rate) + Slope(challenger.lost, 1 - rate - difference);
    (up > down ? low : high) = rate;
  }
  // Where the slope does not change its sign the best rate is at one end.
  double best = -kInfinity;
  for (const double rate : {low, high}) {
    const double other = std::clamp(rate + difference, 0.0, 1.0);
    best = std::max(best, LogLikelihood(champion, rate) + LogLikelihood(challenger, other));
  }
  return best;
}

double LogEvidence(double difference, const Counts& champion, const Counts& challenger) {
  return LogMixture(champion) + LogMixture(challenger) -
         LargestLogLikelihood(difference, champion, challenger);
}

// Between `inside`, which is in the interval, and the end of all differences on its side.
double Bound(double inside, double outside, double threshold, const Counts& champion,
             const Counts& challenger) {
  if (LogEvidence(outside, champion, challenger) < threshold) return outside;
  for (int i = 0; i < 50; ++i) {
    const double middle = (inside + outside) / 2;
    (LogEvidence(middle, champion, challenger) < threshold ? inside : outside) = middle;
  }
  return outside;
}

Status Check(const ArmOutcomes& arm, const char* name) {
  if (arm.accepted <= arm.shown && arm.shown <= kMostShown) return {};
  return Fail(ErrorCode::kInvalidArgument,
              std::string(name) + ": " + std::to_string(arm.accepted) + " accepted of " +
                  std::to_string(arm.shown) + " shown, expected no more, and at most 2^40 shown",
              name);
}

}  // namespace

const char* VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kContinue:
      return "continue";
    case Verdict::kPromote:
      return "promote";
    case Verdict::kStop:
      return "stop";
  }
  return "unknown";
}

double LogEvidenceAgainst(double difference, const ArmOutcomes& champion,
                          const ArmOutcomes& challenger) {
  return LogEvidence(difference, ToCounts(champion), ToCounts(challenger));
}

Result<ArmComparison> CompareArms(const ArmOutcomes& champion, const ArmOutcomes& challenger,
                                  const SequentialTestOptions& options) {
  if (!(options.alpha > 0 && options.alpha < 1)) {
    return Fail(ErrorCode::kInvalidArgument, "alpha is not between 0 and 1", "alpha");
  }
  if (!(options.least_gain >= 0 && options.least_gain <= 1)) {
    return Fail(ErrorCode::kInvalidArgument, "least_gain is not from 0 to 1", "least_gain");
  }
  for (const Status& fine : {Check(champion, "champion"), Check(challenger, "challenger")}) {
    if (!fine) return tl::unexpected(fine.error());
  }
  const Counts a = ToCounts(champion);
  const Counts b = ToCounts(challenger);
  const double threshold = -LogOf(options.alpha);
  ArmComparison comparison;
  if (champion.shown > 0 && challenger.shown > 0) {
    comparison.difference = Rate(b) - Rate(a);
    comparison.low = Bound(comparison.difference, -1, threshold, a, b);
    comparison.high = Bound(comparison.difference, 1, threshold, a, b);
    comparison.log_evidence = LogEvidence(0, a, b);
  }
  const bool spent =
      options.most_shown > 0 && champion.shown + challenger.shown >= options.most_shown;
  if (comparison.low > 0) {
    comparison.verdict = Verdict::kPromote;
  } else if (comparison.high < options.least_gain || spent) {
    comparison.verdict = Verdict::kStop;
  }
  return comparison;
}

}  // namespace smartsynch
