// The part of Session that learns.
#include <utility>

#include "marshal.h"
#include "session.h"

namespace smartsynch::wasm {
namespace {

using emscripten::val;

val LineOrFailure(const Result<FeedbackEvent>& event) {
  return event ? Success(val(ToJsonLine(*event))) : Failure(event.error());
}

}  // namespace

val Session::Record(const std::string& line) {
  if (!personal_) return NotLoaded();
  Result<FeedbackEvent> event = ParseEventLine(line);
  if (!event) return Failure(event.error());
  return LineOrFailure(Change().Record(std::move(*event)));
}

val Session::AddCategory(const std::string& name, double time_ms) {
  if (!personal_) return NotLoaded();
  const Result<FeedbackEvent> event =
      Change().AddCategory(name, static_cast<std::int64_t>(ToCount(time_ms)));
  if (!event) return Failure(event.error());
  val answer = ToObject(Category{event->category_id, event->name});
  answer.set("line", ToJsonLine(*event));
  return Success(answer);
}

val Session::Undo(double sequence, double time_ms) {
  if (!personal_) return NotLoaded();
  return LineOrFailure(
      Change().Undo(ToCount(sequence), static_cast<std::int64_t>(ToCount(time_ms))));
}

val Session::FindCategory(const std::string& id_or_name) const {
  if (!personal_) return NotLoaded();
  const Result<Category> category = personal_->FindCategory(id_or_name);
  return category ? Success(ToObject(*category)) : Failure(category.error());
}

val Session::LineOf(std::uint64_t sequence) const {
  for (const FeedbackEvent& event : personal_->log().events()) {
    if (event.sequence == sequence) return Success(val(ToJsonLine(event)));
  }
  return Failure({ErrorCode::kNotFound, "there is no such event", "sequence"});
}

val Session::EmbedEvent(double sequence, const val& hidden, std::size_t tokens) {
  if (!personal_) return NotLoaded();
  const Result<std::vector<float>> embedding = Pooled(hidden, tokens);
  if (!embedding) return Failure(embedding.error());
  const Status status = Change().SetEmbedding(ToCount(sequence), *embedding);
  return status ? LineOf(ToCount(sequence)) : Failure(status.error());
}

val Session::FillIn(const std::string& line) {
  if (!personal_) return NotLoaded();
  const Result<FeedbackEvent> event = ParseEventLine(line);
  if (!event) return Failure(event.error());
  if (event->encoder_sha256 != personal_->base().model().encoder_sha256) {
    return Failure({ErrorCode::kIncompatible,
                    "the event's embedding was made by the encoder " + event->encoder_sha256 +
                        ", expected " + personal_->base().model().encoder_sha256,
                    "encoder_sha256"});
  }
  const Status status = Change().SetDirection(event->sequence, event->embedding);
  return status ? LineOf(event->sequence) : Failure(status.error());
}

val Session::EventsWithoutEmbedding() const {
  if (!personal_) return NotLoaded();
  const std::vector<std::uint64_t> missing = personal_->EventsWithoutEmbedding();
  val list = val::array();
  std::size_t i = 0;
  for (const FeedbackEvent& event : personal_->log().events()) {
    if (i == missing.size()) break;
    if (event.sequence != missing[i]) continue;
    val entry = val::object();
    entry.set("sequence", static_cast<double>(event.sequence));
    entry.set("title", event.title);
    entry.set("description", event.description);
    list.set(i++, entry);
  }
  return Success(list);
}

val Session::Log() const {
  return personal_ ? Success(val(personal_->log().ToJsonLines())) : NotLoaded();
}

val Session::ExportUserData() const {
  return personal_ ? Success(val(ToUserData(personal_->log()))) : NotLoaded();
}

val Session::Adopt(Result<FeedbackLog> log) {
  if (!personal_) return NotLoaded();
  if (!log) return Failure(log.error());
  Change().Load(std::move(*log));
  return ModelInfo();
}

val Session::LoadLog(const std::string& lines) { return Adopt(FeedbackLog::FromJsonLines(lines)); }

val Session::LoadLogFrom(const std::string& lines, const std::string& snapshot) {
  if (!personal_) return NotLoaded();
  Result<FeedbackLog> log = FeedbackLog::FromJsonLines(lines);
  if (!log) return Failure(log.error());
  return Success(val(Change().Load(std::move(*log), snapshot)));
}

val Session::NeedsSnapshot() const {
  return personal_ ? Success(val(personal_->NeedsSnapshot())) : NotLoaded();
}

val Session::TakeSnapshot() {
  if (!personal_) return NotLoaded();
  return Success(ToUint8Array(personal_->TakeSnapshot()));
}

val Session::ImportUserData(const std::string& text) { return Adopt(FromUserData(text)); }

val Session::ForgetTask(const std::string& task_id) {
  if (!personal_) return NotLoaded();
  return Success(val(static_cast<double>(Change().ForgetTask(task_id))));
}

}  // namespace smartsynch::wasm
