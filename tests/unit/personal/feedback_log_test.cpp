#include "smartsynch/personal/feedback_log.h"

#include <doctest/doctest.h>

#include "support/tiny_model.h"

namespace smartsynch {
namespace {

using testing::Contains;

FeedbackEvent Changed(const std::string& title, const std::string& task_id = {}) {
  FeedbackEvent event;
  event.title = title;
  event.task_id = task_id;
  event.category_id = "design";
  return event;
}

FeedbackEvent Undone(std::uint64_t sequence) {
  FeedbackEvent event;
  event.kind = EventKind::kUndone;
  event.undoes = sequence;
  return event;
}

FeedbackLog ThreeTasks() {
  FeedbackLog log;
  REQUIRE(log.Append(Changed("one", "a")).has_value());
  REQUIRE(log.Append(Changed("two secret", "b")).has_value());
  REQUIRE(log.Append(Undone(2)).has_value());
  REQUIRE(log.Append(Changed("three", "c")).has_value());
  return log;
}

TEST_CASE("Events are numbered and come back from lines and from user data") {
  const FeedbackLog log = ThreeTasks();
  CHECK(log.events()[3].sequence == 4);
  const Result<FeedbackLog> from_lines = FeedbackLog::FromJsonLines(log.ToJsonLines());
  REQUIRE(from_lines.has_value());
  CHECK(from_lines->ToJsonLines() == log.ToJsonLines());
  const Result<FeedbackLog> from_file = FromUserData(ToUserData(log));
  REQUIRE(from_file.has_value());
  CHECK(ToUserData(*from_file) == ToUserData(log));
  CHECK(FeedbackLog::FromJsonLines("")->events().empty());
  CHECK(FromUserData(ToUserData({}))->events().empty());
}

TEST_CASE("An undone event no longer counts, and is undone once") {
  FeedbackLog log = ThreeTasks();
  const auto effective = log.Effective();
  REQUIRE(effective.size() == 2);
  CHECK(effective[0]->title == "one");
  CHECK(effective[1]->title == "three");
  for (const std::uint64_t target : {0U, 2U, 3U, 99U}) {
    const auto refused = log.Append(Undone(target));
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == ErrorCode::kInvalidArgument);
    CHECK(refused.error().field == "undoes");
  }
  CHECK(log.events().size() == 4);
}

TEST_CASE("Deleting a task leaves nothing of its text") {
  FeedbackLog log = ThreeTasks();
  CHECK(log.RemoveTask("b") == 2);  // the event and its undoing
  CHECK_FALSE(Contains(log.ToJsonLines(), "secret"));
  CHECK_FALSE(Contains(ToUserData(log), "secret"));
  CHECK(log.events().size() == 2);
  CHECK(log.RemoveTask("b") == 0);
  CHECK(log.RemoveTask("") == 0);
  CHECK(log.Append(Changed("four"))->sequence == 5);  // no number is used again
  log.RemoveAll();
  CHECK(log.ToJsonLines().empty());
}

TEST_CASE("An embedding can be filled in later, for a task only") {
  FeedbackLog log = ThreeTasks();
  REQUIRE(log.SetEmbedding(1, {1, 2, 3}, "encoder").has_value());
  CHECK(log.events()[0].embedding.size() == 3);
  CHECK(log.SetEmbedding(9, {1}, "e").error().code == ErrorCode::kNotFound);
  CHECK(log.SetEmbedding(3, {1}, "e").error().code == ErrorCode::kInvalidArgument);
  CHECK(log.SetEmbedding(1, {}, "e").error().code == ErrorCode::kInvalidArgument);
}

TEST_CASE("Damaged logs are refused by line, damaged files by event") {
  const std::string good = ToJsonLine(ThreeTasks().events()[0]);
  const auto twice = FeedbackLog::FromJsonLines(good + "\n" + good + "\n");
  REQUIRE_FALSE(twice.has_value());
  CHECK(twice.error().code == ErrorCode::kInvalidData);
  CHECK(twice.error().field == "sequence");
  CHECK(Contains(twice.error().message, "line 2"));
  const auto cut = FeedbackLog::FromJsonLines(good + "\n" + good.substr(0, 20));
  REQUIRE_FALSE(cut.has_value());
  CHECK(Contains(cut.error().message, "line 2"));

  const auto fails = [](const std::string& text, ErrorCode code, const std::string& field) {
    CAPTURE(text);
    const auto log = FromUserData(text);
    REQUIRE_FALSE(log.has_value());
    CHECK(log.error().code == code);
    CHECK(log.error().field == field);
  };
  const std::string head = R"({"format":"smartsynch-user-data","version":)";
  fails("", ErrorCode::kInvalidData, "");
  fails("[]", ErrorCode::kInvalidData, "format");
  fails(R"({"format":"other"})", ErrorCode::kInvalidData, "format");
  fails(head + "2,\"events\":[]}", ErrorCode::kUnsupportedVersion, "version");
  fails(head + "1}", ErrorCode::kInvalidData, "events");
  fails(head + R"(1,"events":[],"__proto__":{}})", ErrorCode::kInvalidData, "__proto__");
  fails(head + "1,\"events\":[3]}", ErrorCode::kInvalidData, "events[0]");
  fails(head + R"(1,"events":[{"kind":"undone","time_ms":0}]})", ErrorCode::kInvalidData,
        "events[0].undoes");
}

}  // namespace
}  // namespace smartsynch
