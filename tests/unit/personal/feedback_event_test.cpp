#include "smartsynch/personal/feedback_event.h"

#include <doctest/doctest.h>

namespace smartsynch {
namespace {

FeedbackEvent FullEvent() {
  FeedbackEvent event;
  event.sequence = 7;
  event.kind = EventKind::kChanged;
  event.time_ms = 1700000000123;
  event.model_version = "0123456789abcdef";
  event.tier = Tier::kInstant;
  event.shown = {{"design", 0.75F}, {"home", 0.125F}};
  event.task_id = "task-1";
  event.title = "Caf\xC3\xA9 \"line\nbreak\" \xF0\x9F\x8C\xB1";
  event.description = "a\tb";
  event.category_id = "home";
  event.embedding = {1, -2, 127};
  event.encoder_sha256 = "abc";
  return event;
}

TEST_CASE("An event is one line and comes back from it") {
  const std::string line = ToJsonLine(FullEvent());
  CHECK(line.find('\n') == std::string::npos);
  const Result<FeedbackEvent> again = ParseEventLine(line);
  REQUIRE(again.has_value());
  CHECK(ToJsonLine(*again) == line);
  CHECK(again->title == FullEvent().title);
  CHECK(again->shown.size() == 2);
  CHECK(again->shown[1].confidence == 0.125F);
  CHECK(again->tier == Tier::kInstant);
  CHECK(again->embedding == FullEvent().embedding);
}

TEST_CASE("Every kind goes both ways") {
  for (
      const char* line :
      {R"({"sequence":1,"kind":"accepted","time_ms":0,"tier":"full","title":"t","category_id":"c"})",
       R"({"sequence":1,"kind":"rejected","time_ms":0,"tier":"full","title":"t","category_id":"c"})",
       R"({"sequence":1,"kind":"category_added","time_ms":0,"category_id":"c","name":"n"})",
       R"({"sequence":1,"kind":"category_renamed","time_ms":0,"category_id":"c","name":"n"})",
       R"({"sequence":1,"kind":"category_merged","time_ms":0,"category_id":"c","target_id":"d"})",
       R"({"sequence":1,"kind":"category_removed","time_ms":0,"category_id":"c"})",
       R"({"sequence":2,"kind":"undone","time_ms":0,"undoes":1})"}) {
    CAPTURE(line);
    const Result<FeedbackEvent> event = ParseEventLine(line);
    REQUIRE(event.has_value());
    CHECK(ToJsonLine(*event) == line);
  }
}

TEST_CASE("Bad lines are refused by line and field") {
  struct Row {
    const char* line;
    const char* field;
  };
  const Row rows[] = {
      {"", ""},
      {"[]", ""},
      {"{", ""},
      {R"({"kind":"undone","kind":"undone"})", ""},
      {R"({"time_ms":0})", "kind"},
      {R"({"kind":"guessed","time_ms":0})", "kind"},
      {R"({"kind":"undone","undoes":1})", "time_ms"},
      {R"({"kind":"undone","undoes":1,"time_ms":-5})", "time_ms"},
      {R"({"kind":"undone","undoes":1.5,"time_ms":0})", "undoes"},
      {R"({"kind":"undone","undoes":9007199254740992,"time_ms":0})", "undoes"},
      {R"({"kind":"undone","time_ms":0})", "undoes"},
      {R"({"kind":"changed","time_ms":0,"category_id":"c"})", "title"},
      {R"({"kind":"changed","time_ms":0,"category_id":"c","title":null})", "title"},
      {R"({"kind":"changed","time_ms":0,"category_id":"","title":"t"})", "category_id"},
      {R"({"kind":"changed","time_ms":0,"category_id":3,"title":"t"})", "category_id"},
      {R"({"kind":"changed","time_ms":0,"category_id":"c","title":"t","tier":"best"})", "tier"},
      {R"({"kind":"changed","time_ms":0,"category_id":"c","title":"t","shown":{}})", "shown"},
      {R"({"kind":"changed","time_ms":0,"category_id":"c","title":"t","shown":[{"category_id":"d"}]})",
       "shown[0].confidence"},
      {R"({"kind":"changed","time_ms":0,"category_id":"c","title":"t","shown":[{"category_id":"d","confidence":2}]})",
       "shown[0].confidence"},
      {R"({"kind":"changed","time_ms":0,"category_id":"c","title":"t","embedding":"AQ=="})",
       "encoder_sha256"},
      {R"({"kind":"changed","time_ms":0,"category_id":"c","title":"t","embedding":"A","encoder_sha256":"e"})",
       "embedding"},
      {R"({"kind":"changed","time_ms":0,"category_id":"c","title":"t","colour":"red"})", "colour"},
      {R"({"kind":"undone","undoes":1,"time_ms":0,"alien":1})", "alien"},
      {R"({"kind":"category_recoloured","time_ms":0,"category_id":"c","colour":"","why":""})",
       "why"},
      {R"({"kind":"changed","time_ms":0,"category_id":"c","title":"t","shown":[{"category_id":"d","confidence":1,"why":""}]})",
       "shown[0].why"},
      {R"({"kind":"category_added","time_ms":0,"category_id":"c"})", "name"},
      {R"({"kind":"category_merged","time_ms":0,"category_id":"c"})", "target_id"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.line);
    const Result<FeedbackEvent> event = ParseEventLine(row.line, 42);
    REQUIRE_FALSE(event.has_value());
    CHECK(event.error().code == ErrorCode::kInvalidData);
    CHECK(event.error().field == row.field);
    CHECK(event.error().message.rfind("line 42: ", 0) == 0);
  }
  const std::string deep(100000, '[');
  CHECK_FALSE(ParseEventLine(deep).has_value());
  FeedbackEvent huge = FullEvent();
  huge.title.assign(kMaxEventTextBytes + 1, 'x');
  const Result<FeedbackEvent> refused = ParseEventLine(ToJsonLine(huge));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == ErrorCode::kResourceExhausted);
  CHECK(refused.error().field == "title");
}

TEST_CASE("Damaged UTF-8 is written as replacement characters") {
  FeedbackEvent event = FullEvent();
  event.title = "a\xFFz";
  const Result<FeedbackEvent> again = ParseEventLine(ToJsonLine(event));
  REQUIRE(again.has_value());
  CHECK(again->title == "a\xEF\xBF\xBDz");
}

}  // namespace
}  // namespace smartsynch
