// The personal state at one place of the feedback log, as bytes: loading continues from there
// instead of reading every text again. A snapshot is a convenience, never the truth: it is refused
// when anything that it was made of is another one now, and the whole log is replayed.
//
//   std::string bytes = SerializeSnapshot(personal.state(), personal.log(), model);
//   Result<Snapshot> found = ParseSnapshot(bytes, log, model);
//   // found->state, then the events after the first found->events
//
// It holds directions computed from texts: who deletes a text must delete the snapshot, too. Thread
// safety: plain values and pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "smartsynch/base/status.h"
#include "smartsynch/model/model.h"
#include "smartsynch/personal/feedback_log.h"
#include "smartsynch/personal/personal_state.h"

namespace smartsynch {

// So many events are replayed at most where a snapshot is taken whenever one is due.
inline constexpr std::size_t kEventsPerSnapshot = 500;

struct Snapshot {
  std::size_t events = 0;  // at the log's beginning that the state follows from
  PersonalState state;
};

// `state` must follow from the whole log. The same state and log give the same bytes.
std::string SerializeSnapshot(const PersonalState& state, const FeedbackLog& log,
                              const Model& model);

// Fails with kInvalidData (damaged), kUnsupportedVersion (another format) or kIncompatible: field
// "base" (another model), "log" (its beginning is another one, in an embedding also) or "undoes" (a
// later event undoes one that the state holds).
Result<Snapshot> ParseSnapshot(std::string_view bytes, const FeedbackLog& log, const Model& model);

}  // namespace smartsynch
