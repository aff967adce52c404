// Continuous learning: one run over the feedback of a store. A challenger is trained on the model
// at the root of the active version's lineage and on all its feedback, and judged against the
// active version, the champion, by feedback that the champion has not seen (personal/fine_tune.h).
// The winner is added to the store's versions; winner or not, the run is noted with its reason.
//
//   Result<LearningRun> run = LearnFromStore(*store, options);
//   if (!run) return Retry(run.error());     // nothing was changed
//   run->outcome;                            // "activated", "registered", "refused"
//
// Feedback about categories that neither the root model has nor anybody added is passed over, and
// of much feedback the latest counts: kMaxFeedback events, of which each text is learnt once.
// Thread safety: one run at a time in a process; the store keeps other processes out.
#pragma once

#include <cstddef>
#include <string>

#include "cli/engine.h"
#include "server/store/store.h"
#include "smartsynch/base/status.h"
#include "smartsynch/personal/fine_tune.h"

namespace smartsynch {

inline constexpr std::size_t kMaxFeedback = 50000;

struct LearnOptions {
  EngineOptions engine;  // encoder, vocabulary and token table; its model is not looked at
  FineTuneOptions tuning;
  // Of the root model, as `train --exemplars` writes them; empty: models/base_model/
  // exemplars.safetensors.
  std::string exemplars;
  bool activate = false;  // the winner answers from now on
  // How long a store that is away is waited for once a challenger has been trained.
  int patience_ms = 0;
};

// Fails with kAlreadyExists while another process learns; kNotFound, field "store", when no version
// is active; kIncompatible when the exemplars are another model's; kCancelled; and as the store
// does. Too little feedback is no failure but a refused run.
Result<LearningRun> LearnFromStore(Store& store, const LearnOptions& options);

// Whether there is feedback that no run over the active version has looked at.
Result<bool> HasNewFeedback(Store& store);

}  // namespace smartsynch
