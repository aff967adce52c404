#include "smartsynch/personal/fine_tune.h"

#include <doctest/doctest.h>

#include "smartsynch/base/hash.h"
#include "support/feedback_fixture.h"
#include "support/tiny_model.h"

namespace smartsynch {
namespace {

using testing::Contains;
using testing::GroupEmbedding;
using testing::QuickOptions;
using testing::Taught;
using testing::WideExemplars;

FineTuneResult Run(const PersonalClassifier& personal) {
  Result<FineTuner> tuner = FineTuner::Create(personal, WideExemplars(), QuickOptions());
  REQUIRE(tuner.has_value());
  while (!tuner->finished()) tuner->Step();
  return tuner->result();
}

std::size_t RightOf(const PersonalClassifier& personal) {
  std::size_t right = 0;
  for (std::size_t i = 0; i < 100; ++i) {
    const std::size_t group = 3 + i % 2;
    const auto answer = personal.Classify(personal.Prepare("draw new " + std::to_string(i)),
                                          GroupEmbedding(group, 90000 + i));
    REQUIRE(answer.has_value());
    const std::string& id = answer->suggestions.front().category_id;
    right += id == (group == 3 ? "home" : "garden") ? 1 : 0;
  }
  return right;
}

TEST_CASE("A challenger that answers better replaces the champion, on tasks nobody has seen too") {
  PersonalClassifier personal = Taught(60);
  const FineTuneResult result = Run(personal);
  CHECK_MESSAGE(result.accepted, result.reason);
  CHECK(result.full_base.rows == 120);
  CHECK(result.full_feedback.rows == 120);
  CHECK(result.full_feedback.challenger_right > result.full_feedback.champion_right);
  const std::size_t before = RightOf(personal);
  const std::string version = personal.version();
  Result<TunedHeads> heads = ParseTunedHeads(result.heads);
  REQUIRE(heads.has_value());
  REQUIRE(personal.UseHeads(*heads).has_value());
  CHECK(RightOf(personal) > before + 5);
  CHECK(personal.version() != version);
  REQUIRE(personal.UseHeads(std::nullopt).has_value());
  CHECK(personal.version() == version);
  CHECK(RightOf(personal) == before);
}

TEST_CASE("A challenger that has nothing to learn is refused with the reason") {
  const FineTuneResult result = Run(Taught(30, /*can_be_learnt=*/false));
  CHECK_FALSE(result.accepted);
  CHECK(result.heads.empty());
  CHECK(Contains(result.reason, "held-out answers"));
}

TEST_CASE("A challenger that forgets the base exemplars is refused") {
  PersonalClassifier personal = Taught(60);
  FineTuneOptions options = QuickOptions();
  options.base_tolerance = -1.0;  // wants all of them to become right that were wrong
  Result<FineTuner> tuner = FineTuner::Create(personal, WideExemplars(), options);
  REQUIRE(tuner.has_value());
  while (!tuner->finished()) tuner->Step();
  CHECK_FALSE(tuner->result().accepted);
  CHECK(Contains(tuner->result().reason, "base exemplars"));
}

TEST_CASE("The same log gives the same heads, however the steps are spread, on every host") {
  const PersonalClassifier personal = Taught(60);
  Result<FineTuner> one = FineTuner::Create(personal, WideExemplars(), QuickOptions());
  Result<FineTuner> two = FineTuner::Create(Taught(60), WideExemplars(), QuickOptions());
  REQUIRE(one.has_value());
  REQUIRE(two.has_value());
  double progress = 0.0;
  for (std::size_t i = 0; !one->finished() || !two->finished(); ++i) {
    one->Step();
    if (i % 3 == 0) two->Step();
    CHECK(two->progress() >= progress);
    progress = two->progress();
  }
  CHECK(progress == 1.0);
  one->Step();
  REQUIRE(one->result().accepted);
  CHECK(one->result().heads == two->result().heads);
  CHECK(Sha256Hex(one->result().heads) ==
        "9c9db1c4dce437011544e5b8733bd4be9cf32b85528d590668389a088c99e7a2");
}

TEST_CASE("Feedback that a champion was trained on does not count for it") {
  PersonalClassifier personal = Taught(60);
  const Result<TunedHeads> heads = ParseTunedHeads(Run(personal).heads);
  REQUIRE(heads.has_value());
  REQUIRE(personal.UseHeads(*heads).has_value());
  const FineTuneResult again = Run(personal);
  CHECK_FALSE(again.accepted);
  CHECK(again.full_feedback.rows == 0);
}

TEST_CASE("Without a memory, too, heads that answer are the champion") {
  PersonalClassifier personal = Taught(60);
  FineTuneOptions options = QuickOptions();
  options.with_memory = false;
  const auto run = [&] {
    Result<FineTuner> tuner = FineTuner::Create(personal, WideExemplars(), options);
    REQUIRE(tuner.has_value());
    while (!tuner->finished()) tuner->Step();
    return tuner->result();
  };
  const FineTuneResult first = run();
  REQUIRE_MESSAGE(first.accepted, first.reason);
  CHECK(first.full_feedback.champion_right == 0);  // the base knows none of these categories
  const Result<TunedHeads> heads = ParseTunedHeads(first.heads);
  REQUIRE(heads.has_value());
  REQUIRE(personal.UseHeads(*heads).has_value());
  for (std::size_t i = 0; i < 20; ++i) {
    FeedbackEvent event;
    event.title = "draw anew " + std::to_string(i);
    event.category_id = i % 2 == 0 ? "home" : "garden";
    const Result<FeedbackEvent> added = personal.Record(event);
    REQUIRE(added.has_value());
    const std::vector<float> embedding = GroupEmbedding(3 + i % 2, 70000 + i);
    REQUIRE(personal.SetEmbedding(added->sequence, embedding).has_value());
  }
  const FineTuneResult second = run();
  CHECK(second.full_feedback.rows == 20);
  CHECK(second.full_feedback.champion_right > 10);
}

TEST_CASE("Too little feedback, foreign exemplars and senseless options are refused") {
  const auto few = FineTuner::Create(Taught(5), WideExemplars());
  REQUIRE_FALSE(few.has_value());
  CHECK(few.error().code == ErrorCode::kInvalidArgument);
  CHECK(few.error().field == "log");
  BaseExemplars foreign = WideExemplars();
  foreign.model_version = "fedcba9876543210";
  const auto other = FineTuner::Create(Taught(20), foreign);
  REQUIRE_FALSE(other.has_value());
  CHECK(other.error().code == ErrorCode::kIncompatible);
  FineTuneOptions options;
  options.folds = 1;
  CHECK(FineTuner::Create(Taught(20), WideExemplars(), options).error().field == "options");
}

TEST_CASE("Categories that are gone or merged do not disturb the training") {
  PersonalClassifier personal = Taught(30);
  FeedbackEvent removed;
  removed.kind = EventKind::kCategoryRemoved;
  removed.category_id = "ops";
  REQUIRE(personal.Record(removed).has_value());
  FeedbackEvent merged;
  merged.kind = EventKind::kCategoryMerged;
  merged.category_id = "design";
  merged.target_id = "development";
  REQUIRE(personal.Record(merged).has_value());
  const FineTuneResult result = Run(personal);
  CHECK(result.full_base.rows == 80);
  CHECK(result.full_base.challenger_right >= 70);
}

TEST_CASE("Heads rest while a category that they know is gone, and go with the log") {
  PersonalClassifier personal = Taught(60);
  const Result<TunedHeads> heads = ParseTunedHeads(Run(personal).heads);
  REQUIRE(heads.has_value());
  REQUIRE(personal.UseHeads(*heads).has_value());
  REQUIRE(personal.heads() != nullptr);
  const std::string version = personal.version();
  FeedbackEvent removed;
  removed.kind = EventKind::kCategoryRemoved;
  removed.category_id = "garden";
  const auto step = personal.Record(removed);
  REQUIRE(step.has_value());
  CHECK(personal.heads() == nullptr);
  REQUIRE(personal.Undo(step->sequence, 20).has_value());
  CHECK(personal.heads() != nullptr);
  CHECK(personal.version() == version);
  personal.ForgetAll();
  CHECK(personal.heads() == nullptr);
  TunedHeads foreign = *heads;
  foreign.base_version = "fedcba9876543210";
  CHECK(personal.UseHeads(foreign).error().code == ErrorCode::kIncompatible);
}

}  // namespace
}  // namespace smartsynch
