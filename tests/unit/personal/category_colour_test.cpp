#include <doctest/doctest.h>

#include "smartsynch/personal/personal_classifier.h"
#include "support/feedback_fixture.h"

namespace smartsynch {
namespace {

FeedbackEvent Recoloured(const std::string& id, const std::string& colour) {
  FeedbackEvent event;
  event.kind = EventKind::kCategoryRecoloured;
  event.category_id = id;
  event.colour = colour;
  return event;
}

std::string ColourOf(const PersonalClassifier& personal, std::string_view id) {
  return personal.state().categories()[personal.state().IndexOf(id)].colour;
}

TEST_CASE("A colour is #rrggbb and nothing else") {
  for (const char* good : {"#000000", "#ffffff", "#1a2B3c"}) CHECK(IsColour(good));
  for (const char* bad : {"", "#", "#fff", "#12345", "#1234567", "123456", "#12345g", "red",
                          "#12345\xC3", "rgb(0,0,0)", "#000;}*", " #000000", "#000000 "}) {
    CHECK_FALSE(IsColour(bad));
  }
}

TEST_CASE("A category keeps the colour it was given, over renaming, writing and reading") {
  PersonalClassifier personal = testing::Taught(1);
  CHECK(ColourOf(personal, "home").empty());
  const Result<FeedbackEvent> first = personal.Record(Recoloured("home", "#aa0011"));
  REQUIRE(first.has_value());
  const std::string before = personal.state().Bytes();
  REQUIRE(personal.Record(Recoloured("home", "#00ff00")).has_value());
  REQUIRE(personal.Record(Recoloured(personal.categories()[0].id, "#123456")).has_value());
  FeedbackEvent renamed;
  renamed.kind = EventKind::kCategoryRenamed;
  renamed.category_id = "home";
  renamed.name = "House";
  REQUIRE(personal.Record(renamed).has_value());
  CHECK(ColourOf(personal, "home") == "#00ff00");
  CHECK(ColourOf(personal, personal.categories()[0].id) == "#123456");

  const Result<FeedbackLog> again = FromUserData(ToUserData(personal.log()));
  REQUIRE(again.has_value());
  CHECK(again->ToJsonLines() == personal.log().ToJsonLines());
  const std::string bytes = personal.state().Bytes();
  personal.Load(*again);
  CHECK(personal.state().Bytes() == bytes);
  for (std::uint64_t step = first->sequence + 1; step <= first->sequence + 3; ++step) {
    REQUIRE(personal.Undo(step, 1).has_value());
  }
  CHECK(personal.state().Bytes() == before);
}

TEST_CASE("No colour takes it away; a wrong one, or an unknown category, changes nothing") {
  PersonalClassifier personal = testing::Taught(1);
  REQUIRE(personal.Record(Recoloured("home", "#aa0011")).has_value());
  CHECK(personal.Record(Recoloured("home", "red")).error().field == "colour");
  CHECK(personal.Record(Recoloured("home", "#12345")).error().code == ErrorCode::kInvalidArgument);
  CHECK(personal.Record(Recoloured("nowhere", "#000000")).error().field == "category_id");
  CHECK(ColourOf(personal, "home") == "#aa0011");
  const Result<FeedbackEvent> none = personal.Record(Recoloured("home", ""));
  REQUIRE(none.has_value());
  CHECK(ColourOf(personal, "home").empty());
  CHECK(ParseEventLine(ToJsonLine(*none)).has_value());
}

TEST_CASE("A recoloured event needs its field, and others take no wrong colour") {
  const auto field = [](const char* line) { return ParseEventLine(line).error().field; };
  CHECK(field(R"({"kind":"category_recoloured","time_ms":1,"category_id":"a"})") == "colour");
  CHECK(field(R"({"kind":"category_recoloured","time_ms":1,"category_id":"a","colour":7})") ==
        "colour");
  CHECK(field(R"({"kind":"category_removed","time_ms":1,"category_id":"a","colour":"x"})") ==
        "colour");
}

}  // namespace
}  // namespace smartsynch
