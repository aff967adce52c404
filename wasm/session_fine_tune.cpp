// The part of Session that has to do with fine-tuning; the training itself is a module of its own
// (fine_tune_module.cpp).
#include <utility>

#include "marshal.h"
#include "session.h"
#include "smartsynch/personal/fine_tune_task.h"

namespace smartsynch::wasm {

using emscripten::val;

val Session::FineTuneTask() const {
  if (!personal_) return NotLoaded();
  const Result<smartsynch::FineTuneTask> task = MakeFineTuneTask(*personal_);
  if (!task) return Failure(task.error());
  return Success(ToUint8Array(SerializeFineTuneTask(*task, heads_file_)));
}

val Session::TaughtSince(double sequence) const {
  if (!personal_) return NotLoaded();
  double count = 0.0;
  for (const FeedbackEvent* event : personal_->log().Effective()) {
    const bool is_later = static_cast<double>(event->sequence) > sequence;
    count += is_later && IsAboutTask(event->kind) ? 1.0 : 0.0;
  }
  const std::vector<FeedbackEvent>& events = personal_->log().events();
  val answer = val::object();
  answer.set("count", count);
  answer.set("last", events.empty() ? 0.0 : static_cast<double>(events.back().sequence));
  return Success(answer);
}

val Session::UseHeads(const std::string& heads) {
  if (!personal_) return NotLoaded();
  std::optional<TunedHeads> parsed;
  if (!heads.empty()) {
    Result<TunedHeads> read = ParseTunedHeads(heads);
    if (!read) return Failure(read.error());
    parsed = std::move(*read);
  }
  const Status status = Change().UseHeads(std::move(parsed));
  if (!status) return Failure(status.error());
  heads_file_ = heads;
  return ModelInfo();
}

}  // namespace smartsynch::wasm
