#include "smartsynch/personal/feedback_log.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "model/json_reader.h"
#include "personal/event_json.h"
#include "smartsynch/text/utf8.h"

namespace smartsynch {
namespace {

using nlohmann::json;

constexpr const char* kUserDataFormat = "smartsynch-user-data";
constexpr std::size_t kMaxUserDataNesting =
    kMaxEventNesting + 2;  // the document and its list of events

Error AtEvent(Error error, std::size_t index) {
  const std::string place = "events[" + std::to_string(index) + "]";
  error.field = error.field.empty() ? place : place + "." + error.field;
  return error;
}

// What is written of an event is well-formed, so what is learnt from it must be, too: the log read
// back would otherwise give another state.
void RepairTexts(FeedbackEvent& event) {
  for (std::string* text :
       {&event.model_version, &event.experiment_id, &event.task_id, &event.title,
        &event.description, &event.category_id, &event.name, &event.target_id}) {
    *text = RepairUtf8(*text);
  }
  for (ShownScore& shown : event.shown) shown.category_id = RepairUtf8(shown.category_id);
}

}  // namespace

const FeedbackEvent* FeedbackLog::Find(std::uint64_t sequence) const {
  const auto found = std::lower_bound(
      events_.begin(), events_.end(), sequence,
      [](const FeedbackEvent& event, std::uint64_t value) { return event.sequence < value; });
  return found != events_.end() && found->sequence == sequence ? &*found : nullptr;
}

bool FeedbackLog::IsUndone(std::uint64_t sequence) const {
  return std::any_of(events_.begin(), events_.end(), [&](const FeedbackEvent& event) {
    return event.kind == EventKind::kUndone && event.undoes == sequence;
  });
}

Result<FeedbackEvent> FeedbackLog::Append(FeedbackEvent event) {
  if (events_.size() >= kMaxEvents) {
    return Fail(
        ErrorCode::kResourceExhausted,
        "the feedback log holds " + std::to_string(kMaxEvents) + " events, the most it may");
  }
  if (event.sequence == 0) event.sequence = last_sequence_ + 1;
  if (event.sequence <= last_sequence_) {
    return Fail(ErrorCode::kInvalidArgument,
                "event number " + std::to_string(event.sequence) + " is not above " +
                    std::to_string(last_sequence_),
                "sequence");
  }
  if (event.kind == EventKind::kUndone) {
    const FeedbackEvent* target = Find(event.undoes);
    const auto bad = [&](const char* why) {
      return Fail(ErrorCode::kInvalidArgument, "event " + std::to_string(event.undoes) + why,
                  "undoes");
    };
    if (target == nullptr) return bad(" cannot be undone: there is none of this number");
    if (target->kind == EventKind::kUndone) return bad(" cannot be undone: it undoes another");
    if (IsUndone(event.undoes)) return bad(" was undone before");
  }
  RepairTexts(event);
  last_sequence_ = event.sequence;
  events_.push_back(std::move(event));
  return events_.back();
}

std::vector<const FeedbackEvent*> FeedbackLog::Effective() const {
  std::set<std::uint64_t> undone;
  for (const FeedbackEvent& event : events_) {
    if (event.kind == EventKind::kUndone) undone.insert(event.undoes);
  }
  std::vector<const FeedbackEvent*> effective;
  for (const FeedbackEvent& event : events_) {
    if (event.kind != EventKind::kUndone && undone.count(event.sequence) == 0) {
      effective.push_back(&event);
    }
  }
  return effective;
}

Status FeedbackLog::SetEmbedding(std::uint64_t sequence, std::vector<std::int8_t> embedding,
                                 std::string encoder_sha256) {
  const FeedbackEvent* found = Find(sequence);
  if (found == nullptr) {
    return Fail(ErrorCode::kNotFound, "there is no event number " + std::to_string(sequence),
                "sequence");
  }
  if (!IsAboutTask(found->kind) || embedding.empty() || embedding.size() > kMaxEmbeddingDimension) {
    return Fail(ErrorCode::kInvalidArgument,
                "event " + std::to_string(sequence) + " takes no embedding of " +
                    std::to_string(embedding.size()) + " values",
                "embedding");
  }
  FeedbackEvent& event = events_[static_cast<std::size_t>(found - events_.data())];
  event.embedding = std::move(embedding);
  event.encoder_sha256 = std::move(encoder_sha256);
  return {};
}

std::size_t FeedbackLog::RemoveTask(std::string_view task_id) {
  if (task_id.empty()) return 0;
  std::set<std::uint64_t> gone;
  for (const FeedbackEvent& event : events_) {
    if (event.task_id == task_id) gone.insert(event.sequence);
  }
  const std::size_t before = events_.size();
  std::vector<FeedbackEvent> kept;
  for (FeedbackEvent& event : events_) {
    if (gone.count(event.sequence) > 0 || gone.count(event.undoes) > 0) continue;
    kept.push_back(std::move(event));
  }
  events_ = std::move(kept);
  return before - events_.size();
}

std::string FeedbackLog::ToJsonLines() const {
  std::string lines;
  for (const FeedbackEvent& event : events_) lines += ToJsonLine(event) + "\n";
  return lines;
}

Result<FeedbackLog> FeedbackLog::FromJsonLines(std::string_view lines) {
  FeedbackLog log;
  for (std::size_t number = 1; !lines.empty(); ++number) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    Result<FeedbackEvent> event = ParseEventLine(lines.substr(0, end), number);
    if (!event) return tl::unexpected(event.error());
    const Result<FeedbackEvent> appended = log.Append(std::move(*event));
    if (!appended) {
      const Error& error = appended.error();
      return Fail(error.code == ErrorCode::kInvalidArgument ? ErrorCode::kInvalidData : error.code,
                  "line " + std::to_string(number) + ": " + error.message, error.field);
    }
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  return log;
}

std::string ToUserData(const FeedbackLog& log) {
  std::string text = std::string("{\"format\": \"") + kUserDataFormat +
                     "\", \"version\": " + std::to_string(kUserDataVersion) + ", \"events\": [";
  const char* separator = "\n";
  for (const FeedbackEvent& event : log.events()) {
    text += separator + ToJsonLine(event);
    separator = ",\n";
  }
  return text + "\n]}\n";
}

Result<FeedbackLog> FromUserData(std::string_view text) {
  const auto document = ReadJson(text, kMaxUserDataNesting);
  if (!document) return Fail(ErrorCode::kInvalidData, "user data " + document.error());
  const json none;
  const auto member = [&](const char* key) -> const json& {
    const auto found = document->find(key);
    return found == document->end() ? none : *found;
  };
  if (member("format") != json(kUserDataFormat)) {
    return Fail(ErrorCode::kInvalidData,
                std::string("not user data: format is not \"") + kUserDataFormat + "\"", "format");
  }
  const json& version = member("version");
  if (version != json(kUserDataVersion)) {
    return Fail(ErrorCode::kUnsupportedVersion,
                "user data has version " + version.dump() + ", this build reads " +
                    std::to_string(kUserDataVersion),
                "version");
  }
  const json& events = member("events");
  if (!events.is_array()) {
    return Fail(ErrorCode::kInvalidData, "user data has no list of events", "events");
  }
  for (const auto& [key, value] : document->items()) {
    if (key != "format" && key != "version" && key != "events") {
      return Fail(ErrorCode::kInvalidData,
                  "user data has an unknown field \"" + key +
                      "\", expected format, version and events alone",
                  key);
    }
  }
  FeedbackLog log;
  for (std::size_t i = 0; i < events.size(); ++i) {
    Result<FeedbackEvent> event = ReadEvent(events[i], i + 1);
    if (!event) return tl::unexpected(AtEvent(event.error(), i));
    const Result<FeedbackEvent> appended = log.Append(std::move(*event));
    if (!appended) return tl::unexpected(AtEvent(appended.error(), i));
  }
  return log;
}

}  // namespace smartsynch
