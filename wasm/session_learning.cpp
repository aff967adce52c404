#include "session_learning.h"

#include <utility>

#include "marshal.h"

namespace smartsynch::wasm {
namespace {

using emscripten::val;

val LineOrFailure(const Result<FeedbackEvent>& event) {
  return event ? Success(val(ToJsonLine(*event))) : Failure(event.error());
}

val LineOf(const Session& session, std::uint64_t sequence) {
  for (const FeedbackEvent& event : session.personal()->log().events()) {
    if (event.sequence == sequence) return Success(val(ToJsonLine(event)));
  }
  return Failure({ErrorCode::kNotFound, "there is no such event", "sequence"});
}

val Adopt(Session& session, Result<FeedbackLog> log) {
  if (session.personal() == nullptr) return NotLoaded();
  if (!log) return Failure(log.error());
  session.Change().Load(std::move(*log));
  return session.ModelInfo();
}

}  // namespace

val Record(Session& session, const std::string& line) {
  if (session.personal() == nullptr) return NotLoaded();
  Result<FeedbackEvent> event = ParseEventLine(line);
  if (!event) return Failure(event.error());
  return LineOrFailure(session.Change().Record(std::move(*event)));
}

val AddCategory(Session& session, const std::string& name, double time_ms) {
  if (session.personal() == nullptr) return NotLoaded();
  const Result<FeedbackEvent> event =
      session.Change().AddCategory(name, static_cast<std::int64_t>(ToCount(time_ms)));
  if (!event) return Failure(event.error());
  val answer = ToObject(Category{event->category_id, event->name});
  answer.set("line", ToJsonLine(*event));
  return Success(answer);
}

val Undo(Session& session, double sequence, double time_ms) {
  if (session.personal() == nullptr) return NotLoaded();
  return LineOrFailure(
      session.Change().Undo(ToCount(sequence), static_cast<std::int64_t>(ToCount(time_ms))));
}

val FindCategory(const Session& session, const std::string& id_or_name) {
  if (session.personal() == nullptr) return NotLoaded();
  const Result<Category> category = session.personal()->FindCategory(id_or_name);
  return category ? Success(ToObject(*category)) : Failure(category.error());
}

val EmbedEvent(Session& session, double sequence, const val& hidden, std::size_t tokens) {
  if (session.personal() == nullptr) return NotLoaded();
  const Result<std::vector<float>> embedding = session.Pooled(hidden, tokens);
  if (!embedding) return Failure(embedding.error());
  const Status status = session.Change().SetEmbedding(ToCount(sequence), *embedding);
  return status ? LineOf(session, ToCount(sequence)) : Failure(status.error());
}

val FillIn(Session& session, const std::string& line) {
  if (session.personal() == nullptr) return NotLoaded();
  const Result<FeedbackEvent> event = ParseEventLine(line);
  if (!event) return Failure(event.error());
  if (event->encoder_sha256 != session.personal()->base().model().encoder_sha256) {
    return Failure({ErrorCode::kIncompatible,
                    "the event's embedding was made by the encoder " + event->encoder_sha256 +
                        ", expected " + session.personal()->base().model().encoder_sha256,
                    "encoder_sha256"});
  }
  const Status status = session.Change().SetDirection(event->sequence, event->embedding);
  return status ? LineOf(session, event->sequence) : Failure(status.error());
}

val EventsWithoutEmbedding(const Session& session) {
  if (session.personal() == nullptr) return NotLoaded();
  const std::vector<std::uint64_t> missing = session.personal()->EventsWithoutEmbedding();
  val list = val::array();
  std::size_t i = 0;
  for (const FeedbackEvent& event : session.personal()->log().events()) {
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

val Log(const Session& session) {
  return session.personal() != nullptr ? Success(val(session.personal()->log().ToJsonLines()))
                                       : NotLoaded();
}

val ExportUserData(const Session& session) {
  return session.personal() != nullptr ? Success(val(ToUserData(session.personal()->log())))
                                       : NotLoaded();
}

val LoadLog(Session& session, const std::string& lines) {
  return Adopt(session, FeedbackLog::FromJsonLines(lines));
}

val LoadLogFrom(Session& session, const std::string& lines, const std::string& snapshot) {
  if (session.personal() == nullptr) return NotLoaded();
  Result<FeedbackLog> log = FeedbackLog::FromJsonLines(lines);
  if (!log) return Failure(log.error());
  return Success(val(session.Change().Load(std::move(*log), snapshot)));
}

val NeedsSnapshot(const Session& session) {
  return session.personal() != nullptr ? Success(val(session.personal()->NeedsSnapshot()))
                                       : NotLoaded();
}

val TakeSnapshot(Session& session) {
  if (session.personal() == nullptr) return NotLoaded();
  return Success(ToUint8Array(session.personal()->TakeSnapshot()));
}

val ImportUserData(Session& session, const std::string& text) {
  return Adopt(session, FromUserData(text));
}

val ForgetTask(Session& session, const std::string& task_id) {
  if (session.personal() == nullptr) return NotLoaded();
  return Success(val(static_cast<double>(session.Change().ForgetTask(task_id))));
}

}  // namespace smartsynch::wasm
