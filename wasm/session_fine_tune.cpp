// The part of Session that has to do with fine-tuning; the training itself is a module of its own
// (fine_tune_module.cpp).
#include <algorithm>
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
  const std::string bytes = SerializeFineTuneTask(*task, heads_file_);
  const auto* start = reinterpret_cast<const unsigned char*>(bytes.data());
  const val view(emscripten::typed_memory_view(bytes.size(), start));
  return Success(val::global("Uint8Array").new_(view));
}

val Session::TaughtSince(double sequence) const {
  if (!personal_) return NotLoaded();
  double count = 0.0;
  double last = 0.0;
  for (const FeedbackEvent* event : personal_->log().Effective()) {
    const bool is_later = static_cast<double>(event->sequence) > sequence;
    count += is_later && IsAboutTask(event->kind) ? 1.0 : 0.0;
  }
  for (const FeedbackEvent& event : personal_->log().events()) {
    last = std::max(last, static_cast<double>(event.sequence));
  }
  val answer = val::object();
  answer.set("count", count);
  answer.set("last", last);
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
