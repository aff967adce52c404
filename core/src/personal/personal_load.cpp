// How PersonalClassifier takes up a log, from its beginning or from a snapshot.
#include <utility>

#include "smartsynch/personal/personal_classifier.h"
#include "smartsynch/personal/snapshot.h"

namespace smartsynch {

bool PersonalClassifier::Load(FeedbackLog log, std::string_view snapshot) {
  champion_.Use({});
  challenger_.Use({});
  experiment_.reset();
  log_ = std::move(log);
  features_.clear();
  snapshot_events_ = 0;
  Result<Snapshot> found = ParseSnapshot(snapshot, log_, base_.model());
  if (!found) {
    Replay();
    return false;
  }
  snapshot_events_ = found->events;
  state_ = std::move(found->state);
  // An undo replays what the snapshot holds; these texts need not be read for it.
  for (const Exemplar& exemplar : state_.exemplars()) {
    features_[exemplar.sequence] = {exemplar.key, exemplar.instant};
  }
  ReplayAfter(log_.events()[snapshot_events_ - 1].sequence);
  return true;
}

std::string PersonalClassifier::TakeSnapshot() {
  snapshot_events_ = log_.events().size();
  return SerializeSnapshot(state_, log_, base_.model());
}

bool PersonalClassifier::NeedsSnapshot() const {
  return log_.events().size() >= snapshot_events_ + kEventsPerSnapshot;
}

}  // namespace smartsynch
