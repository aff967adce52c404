#include "session_fine_tune.h"

#include <utility>

#include "marshal.h"
#include "smartsynch/personal/fine_tune_task.h"

namespace smartsynch::wasm {

using emscripten::val;

val FineTuneTask(const Session& session) {
  if (session.personal() == nullptr) return NotLoaded();
  const Result<smartsynch::FineTuneTask> task = MakeFineTuneTask(*session.personal());
  if (!task) return Failure(task.error());
  return Success(ToUint8Array(SerializeFineTuneTask(*task, session.heads_file())));
}

val TaughtSince(const Session& session, double sequence) {
  if (session.personal() == nullptr) return NotLoaded();
  double count = 0.0;
  for (const FeedbackEvent* event : session.personal()->log().Effective()) {
    const bool is_later = static_cast<double>(event->sequence) > sequence;
    count += is_later && IsAboutTask(event->kind) ? 1.0 : 0.0;
  }
  const std::vector<FeedbackEvent>& events = session.personal()->log().events();
  val answer = val::object();
  answer.set("count", count);
  answer.set("last", events.empty() ? 0.0 : static_cast<double>(events.back().sequence));
  return Success(answer);
}

val UseHeads(Session& session, const std::string& heads) {
  if (session.personal() == nullptr) return NotLoaded();
  std::optional<TunedHeads> parsed;
  if (!heads.empty()) {
    Result<TunedHeads> read = ParseTunedHeads(heads);
    if (!read) return Failure(read.error());
    parsed = std::move(*read);
  }
  const Status status = session.Change().UseHeads(std::move(parsed));
  if (!status) return Failure(status.error());
  session.KeepHeadsFile(heads);
  return session.ModelInfo();
}

}  // namespace smartsynch::wasm
