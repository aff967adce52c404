// Whether a challenger's categories are kept more often than the champion's, by a test that may be
// read after every single feedback: looking early and often costs nothing in false alarms.
//
//   Result<ArmComparison> now = CompareArms({900, 700}, {880, 741});   // shown, accepted
//   if (now && now->verdict == Verdict::kPromote) Activate(challenger);
//
// Method: a mixture sequential probability ratio test (Robbins, "Statistical Methods Related to the
// Law of the Iterated Logarithm", Annals of Mathematical Statistics 41(5), 1970) for two Bernoulli
// streams. Each arm's likelihood is averaged over a uniform prior of its rate; divided by the
// likelihood at any fixed pair of rates this is a martingale that begins at 1 under that pair, so
// by Ville's inequality it ever reaches 1/alpha with probability at most alpha. The interval holds
// every difference for which some pair of rates has not reached it: a confidence sequence, exact
// for any sample size and any interleaving of the arms (compare Turner and Grünwald, "Exact
// Anytime-valid Confidence Intervals for Contingency Tables and Beyond", arXiv:2203.09785).
//
// It assumes that feedbacks are independent within an arm. Many feedbacks of few users are not:
// then count each user's first ones only. Thread safety: pure functions; the same bits everywhere.
#pragma once

#include <cstdint>

#include "smartsynch/base/status.h"

namespace smartsynch {

struct ArmOutcomes {
  std::uint64_t shown = 0;     // feedbacks, at most 2^40
  std::uint64_t accepted = 0;  // of these, the category shown was kept
};

struct SequentialTestOptions {
  double alpha = 0.05;  // bound of the false alarms over all readings together; 0 < alpha < 1
  // The smallest gain in the rate that is worth a change, 0 to 1: the test stops once the interval
  // excludes it.
  double least_gain = 0.01;
  std::uint64_t most_shown = 0;  // both arms together; stop there undecided; 0: no such end
};

enum class Verdict {
  kContinue,  // "continue": the interval still holds both
  kPromote,   // "promote": the challenger's rate is above the champion's
  kStop,      // "stop": a gain of least_gain is excluded, or most_shown is reached
};

const char* VerdictName(Verdict verdict);

struct ArmComparison {
  double difference = 0;  // challenger's rate minus champion's; 0 while one has no feedback
  double low = -1;        // interval of the difference, valid at all readings together
  double high = 1;
  // Natural logarithm of the evidence against equal rates (an e-value); ln(1/alpha) and more means
  // that 0 is outside the interval.
  double log_evidence = 0;
  Verdict verdict = Verdict::kContinue;
};

// Fails with kInvalidArgument when more is accepted than shown or an option is out of range.
Result<ArmComparison> CompareArms(const ArmOutcomes& champion, const ArmOutcomes& challenger,
                                  const SequentialTestOptions& options = {});

// The logarithm of the martingale's smallest value over all pairs of rates that differ by
// `difference` (-1 to 1); ±infinity where no pair explains the outcomes. Outcomes as above.
double LogEvidenceAgainst(double difference, const ArmOutcomes& champion,
                          const ArmOutcomes& challenger);

}  // namespace smartsynch
