#include "smartsynch/personal/personal_classifier.h"

#include <doctest/doctest.h>

#include "smartsynch/base/hash.h"
#include "smartsynch/base/random.h"
#include "support/tiny_model.h"

namespace smartsynch {
namespace {

using testing::TinyEmbedding;

PersonalClassifier Tiny() {
  Model model = testing::TinyModel();
  model.version = "base";
  Result<Classifier> classifier = Classifier::Create(model, testing::TinyTokenizer());
  REQUIRE(classifier.has_value());
  return PersonalClassifier(*std::move(classifier));
}

FeedbackEvent ChangedTask(const std::string& title, const std::string& category) {
  FeedbackEvent event;
  event.time_ms = 1000;
  event.title = title;
  event.category_id = category;
  return event;
}

FeedbackEvent About(EventKind kind, const std::string& category, const std::string& other = {}) {
  FeedbackEvent event;
  event.kind = kind;
  event.category_id = category;
  (kind == EventKind::kCategoryMerged ? event.target_id : event.name) = other;
  return event;
}

TEST_CASE("An empty log answers as the base does") {
  const PersonalClassifier personal = Tiny();
  const PersonalTask task = personal.Prepare("Fix login crash");
  CHECK(ToJson(personal.ClassifyInstant(task)) ==
        ToJson(personal.base().ClassifyInstant(task.prepared)));
  CHECK(ToJson(*personal.Classify(task, TinyEmbedding(5))) ==
        ToJson(*personal.base().Classify(task.prepared, TinyEmbedding(5))));
  CHECK(personal.version() == "base");
}

TEST_CASE("A correction shows in the next prediction of both tiers") {
  PersonalClassifier personal = Tiny();
  for (const char* id : {"ops", "design", "development"}) {
    const auto event = personal.Record(ChangedTask("Fix login crash", id));
    REQUIRE(event.has_value());
    REQUIRE(personal.SetEmbedding(event->sequence, TinyEmbedding(5)).has_value());
    const PersonalTask task = personal.Prepare("fix  LOGIN crash");
    CHECK(personal.ClassifyInstant(task).suggestions.front().category_id == id);
    const auto full = personal.Classify(task, TinyEmbedding(5));
    CHECK(full->suggestions.front().category_id == id);
    CHECK(full->confidence > 0.9F);
    CHECK(full->novelty == 0.0F);
  }
  CHECK(personal.version() != "base");
}

TEST_CASE("An added category is predicted from its first example on") {
  PersonalClassifier personal = Tiny();
  const auto added = personal.AddCategory("Home", 5);
  REQUIRE(added.has_value());
  CHECK(added->category_id == "home");
  const auto event = personal.Record(ChangedTask("draw the server plan", "home"));
  REQUIRE(event.has_value());
  const auto near = personal.ClassifyInstant(personal.Prepare("draw the server plan !"));
  CHECK(near.suggestions.front().category_id == "home");
  CHECK(near.novelty < 0.2F);
}

TEST_CASE("Undo gives back the exact bytes") {
  PersonalClassifier personal = Tiny();
  REQUIRE(personal.AddCategory("Home", 1).has_value());
  REQUIRE(personal.Record(ChangedTask("fix login", "home")).has_value());
  REQUIRE(personal.Record(ChangedTask("draw logo", "design")).has_value());
  const FeedbackEvent steps[] = {
      ChangedTask("fix login", "ops"),
      ChangedTask("crash", "home"),
      About(EventKind::kCategoryAdded, "garden", "Garden"),
      About(EventKind::kCategoryRenamed, "home", "House"),
      About(EventKind::kCategoryMerged, "home", "ops"),
      About(EventKind::kCategoryMerged, "design", "home"),
      About(EventKind::kCategoryRemoved, "home"),
      About(EventKind::kCategoryRemoved, "development"),
  };
  for (const FeedbackEvent& step : steps) {
    const std::string before = personal.state().Bytes();
    const std::string version = personal.version();
    const auto event = personal.Record(step);
    REQUIRE(event.has_value());
    CHECK(personal.state().Bytes() != before);
    CHECK(personal.version() != version);
    REQUIRE(personal.Undo(event->sequence, 9).has_value());
    CHECK(personal.state().Bytes() == before);
    CHECK(personal.version() == version);
  }
}

TEST_CASE("Ids never shift: a removed one is not given again, renaming keeps it") {
  PersonalClassifier personal = Tiny();
  REQUIRE(personal.AddCategory("Home", 1).has_value());
  REQUIRE(personal.Record(ChangedTask("crash", "home")).has_value());
  REQUIRE(personal.Record(About(EventKind::kCategoryRemoved, "home")).has_value());
  CHECK(personal.state().exemplars().empty());
  CHECK(personal.AddCategory("Home", 2)->category_id == "home-2");
  REQUIRE(personal.Record(About(EventKind::kCategoryRenamed, "home-2", "House")).has_value());
  CHECK(personal.FindCategory("house")->id == "home-2");
  CHECK(personal.FindCategory("home").error().code == ErrorCode::kNotFound);
}

TEST_CASE("Any order of adding, renaming, merging and removing keeps every other meaning") {
  Random random(11);
  for (int round = 0; round < 30; ++round) {
    PersonalClassifier personal = Tiny();
    for (int step = 0; step < 25; ++step) {
      const auto& categories = personal.categories();
      const auto any = [&] {
        return categories[random.NextBelow(static_cast<std::uint32_t>(categories.size()))].id;
      };
      const std::vector<Category> before = categories;
      const std::string id = any();
      const std::string target = any();
      const std::string name = "Name " + std::to_string(random.NextBelow(1000));
      const std::uint32_t kind = random.NextBelow(5);
      const auto event = kind == 0   ? personal.AddCategory(name, step)
                         : kind == 1 ? personal.Record(About(EventKind::kCategoryRenamed, id, name))
                         : kind == 2
                             ? personal.Record(About(EventKind::kCategoryMerged, id, target))
                         : kind == 3 ? personal.Record(About(EventKind::kCategoryRemoved, id))
                                     : personal.Record(ChangedTask("text " + name, id));
      if (!event) continue;
      for (const Category& old : before) {
        if (old.id == id) continue;
        const auto found = personal.FindCategory(old.id);
        REQUIRE(found.has_value());
        CHECK(found->name == old.name);
      }
    }
    PersonalClassifier replayed = Tiny();
    replayed.Load(*FeedbackLog::FromJsonLines(personal.log().ToJsonLines()));
    CHECK(replayed.state().Bytes() == personal.state().Bytes());
  }
}

TEST_CASE("Events that mean nothing are refused and change nothing") {
  PersonalClassifier personal = Tiny();
  const std::string before = personal.state().Bytes();
  struct Row {
    FeedbackEvent event;
    ErrorCode code;
    const char* field;
  };
  FeedbackEvent early = ChangedTask("crash", "ops");
  early.time_ms = -1;
  FeedbackEvent huge = ChangedTask(std::string(kMaxEventTextBytes + 1, 'x'), "ops");
  const Row rows[] = {
      {ChangedTask("crash", "nowhere"), ErrorCode::kNotFound, "category_id"},
      {ChangedTask(" \t", "ops"), ErrorCode::kInvalidArgument, "title"},
      {early, ErrorCode::kInvalidArgument, "time_ms"},
      {huge, ErrorCode::kInvalidArgument, "title"},
      {About(EventKind::kCategoryAdded, "ops", "Other"), ErrorCode::kAlreadyExists, "category_id"},
      {About(EventKind::kCategoryAdded, "x", "OPS"), ErrorCode::kAlreadyExists, "name"},
      {About(EventKind::kCategoryAdded, "x", "\xE2\x80\xAEspo"), ErrorCode::kInvalidArgument,
       "name"},
      {About(EventKind::kCategoryMerged, "ops", "ops"), ErrorCode::kInvalidArgument, "target_id"},
      {About(EventKind::kCategoryMerged, "ops", "no"), ErrorCode::kNotFound, "target_id"},
      {About(EventKind::kCategoryRemoved, "no"), ErrorCode::kNotFound, "category_id"},
  };
  for (const Row& row : rows) {
    CAPTURE(ToJsonLine(row.event).substr(0, 200));
    const auto refused = personal.Record(row.event);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == row.code);
    CHECK(refused.error().field == row.field);
  }
  CHECK(personal.state().Bytes() == before);
  CHECK(personal.log().events().empty());
}

TEST_CASE("A rejected category is not shown for this text again") {
  PersonalClassifier personal = Tiny();
  const std::string first =
      personal.ClassifyInstant(personal.Prepare("crash")).suggestions.front().category_id;
  FeedbackEvent event = ChangedTask("crash", first);
  event.kind = EventKind::kRejected;
  REQUIRE(personal.Record(event).has_value());
  CHECK(personal.ClassifyInstant(personal.Prepare("Crash")).suggestions.front().category_id !=
        first);
  REQUIRE(personal.Record(ChangedTask("crash", first)).has_value());
  CHECK(personal.ClassifyInstant(personal.Prepare("crash")).suggestions.front().category_id ==
        first);
}

TEST_CASE("Forgetting a task forgets what it taught") {
  PersonalClassifier personal = Tiny();
  const std::string before = personal.state().Bytes();
  FeedbackEvent event = ChangedTask("fix login", "ops");
  event.task_id = "t";
  REQUIRE(personal.Record(event).has_value());
  CHECK(personal.ForgetTask("t") == 1);
  CHECK(personal.state().Bytes() == before);
  REQUIRE(personal.AddCategory("Home", 1).has_value());
  personal.ForgetAll();
  CHECK(personal.version() == "base");
  CHECK(personal.categories().size() == 3);
}

TEST_CASE("Embeddings of another encoder wait to be made again") {
  PersonalClassifier personal = Tiny();
  FeedbackEvent event = ChangedTask("fix login", "ops");
  event.embedding = {1, 2, 3, 4};
  event.encoder_sha256 = "another encoder";
  REQUIRE(personal.Record(event).has_value());
  CHECK(personal.EventsWithoutEmbedding() == std::vector<std::uint64_t>{1});
  CHECK(personal.SetDirection(1, {1, 2}).error().field == "embedding");
  REQUIRE(personal.SetDirection(1, {1, 2, 3, 4}).has_value());
  CHECK(personal.EventsWithoutEmbedding().empty());
  CHECK(personal.state().exemplars()[0].full.size() == 4);
}

TEST_CASE("The same log gives the same bytes on every host") {
  PersonalClassifier personal = Tiny();
  REQUIRE(personal.AddCategory("H\xC3\xB6me", 1).has_value());
  Random random(5);
  const char* words[] = {"fix", "login", "logo", "draw", "server", "crash", "caf\xC3\xA9", "plan"};
  for (std::uint64_t i = 0; i < 60; ++i) {
    std::string title;
    for (int word = 0; word < 4; ++word) title += std::string(words[random.NextBelow(8)]) + " ";
    const std::size_t count = personal.categories().size();
    const auto& category =
        personal.categories()[random.NextBelow(static_cast<std::uint32_t>(count))];
    const auto event = personal.Record(ChangedTask(title, category.id));
    REQUIRE(event.has_value());
    REQUIRE(personal.SetEmbedding(event->sequence, TinyEmbedding(i)).has_value());
    if (i % 7 == 0) REQUIRE(personal.Undo(event->sequence, 2).has_value());
  }
  std::string answers;
  for (std::uint64_t i = 0; i < 20; ++i) {
    const PersonalTask task = personal.Prepare(words[i % 8]);
    answers += ToJson(personal.ClassifyInstant(task)) + "\n";
    answers += ToJson(*personal.Classify(task, TinyEmbedding(100 + i))) + "\n";
  }
  CHECK(Sha256Hex(personal.state().Bytes()) ==
        "2136c3cbcfc5fba9cf06d0b1e25b479e6b9ae4bf92c77ccd1abad17422e8811d");
  CHECK(Sha256Hex(answers) == "660466b48284ece0d692b809e0236ffb953d47e8040400bf12b993e6f6457f9c");
}

TEST_CASE("The instant direction holds the token table's embedding where the model has one") {
  const PersonalClassifier without = Tiny();
  const PreparedTask plain = without.Prepare("Fix login crash").prepared;
  CHECK(InstantDirection(plain).size() == 256);
  Result<Classifier> classifier = Classifier::Create(
      testing::TinyTokenModel(), testing::TinyTokenizer(), testing::TinyTokenTable());
  REQUIRE(classifier.has_value());
  const PersonalClassifier with(*std::move(classifier));
  const PreparedTask task = with.Prepare("Fix login crash").prepared;
  CHECK(InstantDirection(task).size() == 4 + 256);
  CHECK(InstantDirection(task, 0.0F) != InstantDirection(task, 1.0F));
}

}  // namespace
}  // namespace smartsynch
