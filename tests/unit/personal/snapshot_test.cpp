#include "smartsynch/personal/snapshot.h"

#include <doctest/doctest.h>

#include "smartsynch/base/hash.h"
#include "smartsynch/base/random.h"
#include "smartsynch/personal/personal_classifier.h"
#include "support/feedback_fixture.h"
#include "support/tiny_model.h"

namespace smartsynch {
namespace {

PersonalClassifier Fresh() {
  Result<Classifier> classifier =
      Classifier::Create(testing::WideModel(), testing::TinyTokenizer(), testing::TinyTokenTable());
  REQUIRE(classifier.has_value());
  return PersonalClassifier(*std::move(classifier));
}

// Events of every kind, `count` attempts in all; those that mean nothing are passed over.
PersonalClassifier Lively(int count, std::uint64_t seed) {
  PersonalClassifier personal = Fresh();
  Random random(seed);
  const auto pick = [&](std::size_t n) {
    return std::size_t{random.NextBelow(static_cast<std::uint32_t>(n))};
  };
  for (int i = 0; i < count; ++i) {
    const auto& categories = personal.categories();
    FeedbackEvent event;
    event.time_ms = i;
    event.title = "fix item " + std::to_string(pick(60)) + " r\xC3\xA9union";
    event.task_id = "task " + std::to_string(i % 50);
    event.category_id = categories[pick(categories.size())].id;
    event.name = "Name " + std::to_string(i);
    switch (pick(12)) {
      case 0:
        event.kind = EventKind::kCategoryAdded;
        event.category_id = "new-" + std::to_string(i);
        break;
      case 1:
        event.kind = pick(2) == 0 ? EventKind::kCategoryRenamed : EventKind::kCategoryRecoloured;
        event.colour = i % 3 == 0 ? "" : "#1a2B3c";
        break;
      case 2:
        event.kind = pick(2) == 0 ? EventKind::kCategoryMerged : EventKind::kCategoryRemoved;
        event.target_id = categories[pick(categories.size())].id;
        break;
      case 3:
        event.kind = EventKind::kRejected;
        break;
      case 4:
        event.kind = EventKind::kUndone;
        event.undoes = personal.log().events().empty()
                           ? 1
                           : personal.log().events()[pick(personal.log().events().size())].sequence;
        break;
      default:
        event.kind = pick(2) == 0 ? EventKind::kChanged : EventKind::kAccepted;
    }
    const Result<FeedbackEvent> recorded = personal.Record(event);
    if (recorded && IsAboutTask(recorded->kind) && pick(4) > 0) {
      const std::vector<float> embedding =
          testing::GroupEmbedding(pick(5), static_cast<std::uint64_t>(i));
      REQUIRE(personal.SetEmbedding(recorded->sequence, embedding).has_value());
    }
  }
  return personal;
}

FeedbackLog FirstOf(const FeedbackLog& log, std::size_t count) {
  FeedbackLog first;
  for (std::size_t i = 0; i < count; ++i) REQUIRE(first.Append(log.events()[i]).has_value());
  return first;
}

ErrorCode CodeOf(std::string_view bytes, const PersonalClassifier& personal,
                 const FeedbackLog& log) {
  const Result<Snapshot> found = ParseSnapshot(bytes, log, personal.base().model());
  REQUIRE_FALSE(found.has_value());
  return found.error().code;
}

TEST_CASE("A snapshot and the tail give the same bytes as the whole replay, wherever it is taken") {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const PersonalClassifier whole = Lively(160, seed);
    const FeedbackLog& log = whole.log();
    std::size_t used = 0;
    for (std::size_t at = 1; at <= log.events().size(); at += 7) {
      PersonalClassifier early = Fresh();
      early.Load(FirstOf(log, at));
      const std::string snapshot = early.TakeSnapshot();
      PersonalClassifier late = Fresh();
      used += late.Load(log, snapshot) ? 1 : 0;
      CHECK(late.state().Bytes() == whole.state().Bytes());
      CHECK(late.version() == whole.version());
      CHECK(late.TakeSnapshot() == SerializeSnapshot(whole.state(), log, whole.base().model()));
    }
    CHECK(used > 0);
  }
}

TEST_CASE("What follows after loading is the same, undo of what the snapshot holds included") {
  PersonalClassifier whole = testing::Taught(20);
  PersonalClassifier loaded = Fresh();
  REQUIRE(loaded.Load(whole.log(), whole.TakeSnapshot()));
  for (PersonalClassifier* personal : {&whole, &loaded}) {
    REQUIRE(personal->Undo(5, 20).has_value());
    FeedbackEvent event;
    event.title = "fix item 3";
    event.category_id = "garden";
    REQUIRE(personal->Record(event).has_value());
  }
  CHECK(loaded.state().Bytes() == whole.state().Bytes());
  const PersonalTask task = whole.Prepare("fix item 3");
  CHECK(ToJson(loaded.ClassifyInstant(task)) == ToJson(whole.ClassifyInstant(task)));
}

TEST_CASE("No damaged byte, wherever it is, gets through, and the whole log is replayed") {
  PersonalClassifier personal = testing::Taught(3);
  const std::string bytes = personal.TakeSnapshot();
  const std::string expected = personal.state().Bytes();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x41);
    CHECK(CodeOf(damaged, personal, personal.log()) == ErrorCode::kInvalidData);
    CHECK(CodeOf(bytes.substr(0, i), personal, personal.log()) == ErrorCode::kInvalidData);
  }
  PersonalClassifier loaded = Fresh();
  CHECK_FALSE(loaded.Load(personal.log(), bytes.substr(1)));
  CHECK(loaded.state().Bytes() == expected);
  CHECK_FALSE(loaded.Load(personal.log(), std::string(100000, '\xFF')));
  CHECK(loaded.state().Bytes() == expected);
}

TEST_CASE("A seal that fits does not make a state whole") {
  PersonalClassifier personal = testing::Taught(1);
  const std::string bytes = personal.TakeSnapshot();
  const std::string content = bytes.substr(0, bytes.size() - 64);
  std::size_t refused = 0;
  for (std::size_t i = 0; i < content.size(); ++i) {
    for (const char mask : {'\x01', '\x80'}) {
      std::string changed = content;
      changed[i] = static_cast<char>(changed[i] ^ mask);
      PersonalClassifier loaded = Fresh();
      const bool is_used = loaded.Load(personal.log(), changed + Sha256Hex(changed));
      refused += is_used ? 0 : 1;
      // Used or not, what was loaded answers.
      CHECK_FALSE(loaded.ClassifyInstant(loaded.Prepare("fix item 0")).suggestions.empty());
    }
  }
  CHECK(refused > content.size() / 4);
}

TEST_CASE("A snapshot of another log, base, embedding or undone step is refused") {
  PersonalClassifier personal = testing::Taught(10);
  const std::string bytes = personal.TakeSnapshot();
  const FeedbackLog log = personal.log();
  const Model& model = personal.base().model();
  CHECK(ParseSnapshot(bytes, log, model).has_value());

  Model other = model;
  other.version = "another";
  CHECK(ParseSnapshot(bytes, log, other).error().field == "base");
  CHECK(ParseSnapshot(bytes, FirstOf(log, 9), model).error().field == "log");
  CHECK(ParseSnapshot(bytes, FeedbackLog(), model).error().field == "log");
  FeedbackLog filled = log;
  REQUIRE(filled.SetEmbedding(7, std::vector<std::int8_t>(16, 3), model.encoder_sha256));
  CHECK(ParseSnapshot(bytes, filled, model).error().field == "log");
  FeedbackLog undone = log;
  FeedbackEvent undo;
  undo.kind = EventKind::kUndone;
  undo.undoes = 4;
  REQUIRE(undone.Append(undo).has_value());
  CHECK(ParseSnapshot(bytes, undone, model).error().field == "undoes");

  // Whatever an event holds counts, not the text alone.
  const auto with = [&](auto change) {
    FeedbackLog changed;
    for (FeedbackEvent event : log.events()) {
      if (event.sequence == 3) change(event);
      REQUIRE(changed.Append(std::move(event)).has_value());
    }
    return ParseSnapshot(bytes, changed, model);
  };
  CHECK(with([](FeedbackEvent& /*event*/) {}).has_value());
  CHECK(with([](FeedbackEvent& event) { event.title += "s"; }).error().field == "log");
  CHECK(with([](FeedbackEvent& event) { ++event.time_ms; }).error().field == "log");
  CHECK(with([](FeedbackEvent& event) { event.kind = EventKind::kAccepted; }).error().field ==
        "log");
  CHECK(with([](FeedbackEvent& event) { event.arm = Arm::kChallenger; }).error().field == "log");
  CHECK(with([](FeedbackEvent& event) {
          event.shown.push_back({"a", 0.5F});
        })
            .error()
            .field == "log");
  // Nor can what stands in one member pass into the next.
  CHECK(
      with([](FeedbackEvent& event) { std::swap(event.title, event.description); }).error().field ==
      "log");

  std::string later = bytes.substr(0, bytes.size() - 64);
  later[std::string_view("smartsynch-snapshot\n").size()] = '\x03';
  CHECK(CodeOf(later + Sha256Hex(later), personal, log) == ErrorCode::kUnsupportedVersion);
}

TEST_CASE(
    "A snapshot is due every 500 events, and again when what it holds is undone or forgotten") {
  PersonalClassifier personal = Fresh();
  for (std::size_t i = 0; i < kEventsPerSnapshot; ++i) {
    CHECK_FALSE(personal.NeedsSnapshot());
    FeedbackEvent event;
    event.title = "fix item " + std::to_string(i);
    event.task_id = "task " + std::to_string(i);
    event.category_id = "ops";
    REQUIRE(personal.Record(event).has_value());
  }
  CHECK(personal.NeedsSnapshot());
  const std::string bytes = personal.TakeSnapshot();
  CHECK_FALSE(personal.NeedsSnapshot());
  PersonalClassifier loaded = Fresh();
  REQUIRE(loaded.Load(personal.log(), bytes));
  CHECK_FALSE(loaded.NeedsSnapshot());
  REQUIRE(loaded.Undo(10, 1).has_value());
  CHECK(loaded.NeedsSnapshot());
  REQUIRE(personal.Undo(500, 1).has_value());
  CHECK(personal.NeedsSnapshot());

  CHECK(loaded.ForgetTask("task 7") == 1);
  PersonalClassifier again = Fresh();
  CHECK_FALSE(again.Load(loaded.log(), bytes));
  CHECK(again.state().Bytes() == loaded.state().Bytes());
}

}  // namespace
}  // namespace smartsynch
