#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "generators.h"
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

// One thing a user might do; refused ones change nothing. Answers the event's number, 0 if refused.
std::uint64_t DoSomething(PersonalClassifier& personal) {
  const auto& categories = personal.categories();
  const auto category = [&] {
    const std::size_t index = *rc::gen::inRange<std::size_t>(0, categories.size() + 1);
    return index < categories.size() ? categories[index].id : std::string("nowhere");
  };
  FeedbackEvent event;
  event.kind = *rc::gen::element(EventKind::kAccepted, EventKind::kRejected, EventKind::kChanged,
                                 EventKind::kChanged, EventKind::kCategoryAdded,
                                 EventKind::kCategoryRenamed, EventKind::kCategoryMerged,
                                 EventKind::kCategoryRemoved, EventKind::kUndone);
  event.time_ms = 1;
  if (event.kind == EventKind::kCategoryAdded) {
    const auto added = personal.AddCategory(*testing::Texts(), 1);
    return added ? added->sequence : 0;
  }
  if (event.kind == EventKind::kUndone) {
    event.undoes = *rc::gen::inRange<std::uint64_t>(0, 12);
  } else {
    event.category_id = category();
  }
  if (event.kind == EventKind::kCategoryRenamed) event.name = *testing::Texts();
  if (event.kind == EventKind::kCategoryMerged) event.target_id = category();
  if (IsAboutTask(event.kind)) {
    event.title = *testing::Texts();
    event.task_id = *rc::gen::element<std::string>("", "a", "b");
  }
  const auto recorded = personal.Record(event);
  if (!recorded) return 0;
  if (IsAboutTask(event.kind) && *rc::gen::arbitrary<bool>()) {
    const Status status = personal.SetEmbedding(
        recorded->sequence, testing::GroupEmbedding(*rc::gen::inRange<std::size_t>(0, 5), 3));
    RC_ASSERT(status.has_value());
  }
  return recorded->sequence;
}

void DoSeveral(PersonalClassifier& personal) {
  for (int left = *rc::gen::inRange(0, 8); left > 0; --left) DoSomething(personal);
}

std::string Answers(const PersonalClassifier& personal, const std::string& title) {
  const PersonalTask task = personal.Prepare(title);
  Prediction instant = personal.ClassifyInstant(task);
  Result<Prediction> full = personal.Classify(task, testing::GroupEmbedding(1, 9));
  RC_ASSERT(full.has_value());
  return ToJson(instant) + ToJson(*full);
}

TEST_CASE("an exported log is imported as itself, and gives the same state and answers") {
  CHECK(rc::check([] {
    PersonalClassifier personal = Fresh();
    DoSeveral(personal);
    const Result<FeedbackLog> lines = FeedbackLog::FromJsonLines(personal.log().ToJsonLines());
    const Result<FeedbackLog> data = FromUserData(ToUserData(personal.log()));
    RC_ASSERT(lines.has_value() && data.has_value());
    RC_ASSERT(lines->ToJsonLines() == data->ToJsonLines());
    PersonalClassifier again = Fresh();
    again.Load(*data);
    RC_ASSERT(again.state().Bytes() == personal.state().Bytes());
    RC_ASSERT(again.version() == personal.version());
    RC_ASSERT(Answers(again, "fix login") == Answers(personal, "fix login"));
  }));
}

TEST_CASE("undoing the latest step gives back the bytes and the answers before") {
  CHECK(rc::check([] {
    PersonalClassifier personal = Fresh();
    DoSeveral(personal);
    const std::string state = personal.state().Bytes();
    const std::string title = *testing::Texts();
    const std::string answers = Answers(personal, title);
    const std::uint64_t sequence = DoSomething(personal);
    RC_PRE(sequence != 0);
    RC_PRE(personal.log().events().back().kind != EventKind::kUndone);
    RC_ASSERT(personal.Undo(sequence, 2).has_value());
    RC_ASSERT(personal.state().Bytes() == state);
    RC_ASSERT(Answers(personal, title) == answers);
  }));
}

TEST_CASE("of a forgotten task no byte is left") {
  CHECK(rc::check([] {
    PersonalClassifier personal = Fresh();
    DoSeveral(personal);
    FeedbackEvent event;
    event.title = "quitesecret";
    event.task_id = "secret";
    event.category_id = "design";
    const bool recorded = personal.Record(event).has_value();
    DoSeveral(personal);
    const std::size_t removed = personal.ForgetTask("secret");
    RC_ASSERT((removed >= 1) == recorded);
    RC_ASSERT(!testing::Contains(ToUserData(personal.log()), "quitesecret"));
    PersonalClassifier again = Fresh();
    again.Load(personal.log());
    RC_ASSERT(again.state().Bytes() == personal.state().Bytes());
  }));
}

}  // namespace
}  // namespace smartsynch
