#include "smartsynch/personal/local_experiment.h"

#include <doctest/doctest.h>

#include <limits>

#include "smartsynch/personal/personal_classifier.h"
#include "support/feedback_fixture.h"
#include "support/tiny_model.h"

namespace smartsynch {
namespace {

LocalExperiment Example() {
  LocalExperiment experiment;
  experiment.id = "e1";
  return experiment;
}

FeedbackEvent Feedback(const std::string& task, EventKind kind, Arm arm,
                       const std::string& experiment = "e1") {
  FeedbackEvent event;
  event.kind = kind;
  event.experiment_id = experiment;
  event.arm = arm;
  event.task_id = task;
  event.title = "fix login";
  event.category_id = "ops";
  event.shown = {{"ops", 0.5F}, {"design", 0.25F}};
  return event;
}

FeedbackLog LogOf(const std::vector<FeedbackEvent>& events) {
  FeedbackLog log;
  for (const FeedbackEvent& event : events) REQUIRE(log.Append(event).has_value());
  return log;
}

// Heads that put the category of this position far ahead, in both tiers.
TunedHeads HeadsFor(const PersonalClassifier& personal, std::size_t favourite) {
  TunedHeads heads;
  heads.base_version = personal.base().model().version;
  for (const PersonalCategory& entry : personal.state().categories()) {
    heads.categories.push_back({entry.category.id, entry.base_indexes});
  }
  heads.token_share = 1.0F;
  heads.full.input = personal.base().model().dense.input;
  heads.full.weights.assign(heads.full.input * heads.categories.size(), 0.0F);
  heads.full.bias.assign(heads.categories.size(), 0.0F);
  heads.full.bias[favourite] = 50.0F;
  heads.full.thresholds = personal.base().model().full.thresholds;
  Result<TunedHeads> read = ParseTunedHeads(SerializeTunedHeads(heads));
  REQUIRE_MESSAGE(read.has_value(), read.error().message);
  return *std::move(read);
}

std::string BestOf(const PersonalClassifier& personal, const PersonalTask& task) {
  const std::vector<float> embedding = testing::GroupEmbedding(0, 7);
  const Result<Prediction> prediction = personal.Classify(task, embedding);
  REQUIRE(prediction.has_value());
  return prediction->suggestions.front().category_id;
}

TEST_CASE("A key keeps its arm, and the share is about that of the keys") {
  LocalExperiment experiment = Example();
  experiment.challenger_share = 0.25;
  int challenger = 0;
  for (int i = 0; i < 4000; ++i) {
    const std::string key = "task " + std::to_string(i);
    const Arm arm = ArmOf(experiment, key);
    CHECK(arm == ArmOf(experiment, key));
    challenger += arm == Arm::kChallenger ? 1 : 0;
  }
  CHECK(challenger > 880);
  CHECK(challenger < 1120);
}

TEST_CASE("Raising the share moves tasks to the challenger only") {
  LocalExperiment less = Example();
  LocalExperiment more = Example();
  less.challenger_share = 0.2;
  more.challenger_share = 0.6;
  for (int i = 0; i < 500; ++i) {
    const std::string key = std::to_string(i);
    if (ArmOf(less, key) == Arm::kChallenger) CHECK(ArmOf(more, key) == Arm::kChallenger);
  }
}

TEST_CASE("Only this experiment's feedback counts, by arm and by what was kept") {
  std::vector<FeedbackEvent> events = {
      Feedback("1", EventKind::kAccepted, Arm::kChampion),
      Feedback("2", EventKind::kRejected, Arm::kChampion),
      Feedback("3", EventKind::kChanged, Arm::kChallenger),  // to the best suggestion
      Feedback("4", EventKind::kChanged, Arm::kChallenger),
      Feedback("5", EventKind::kAccepted, Arm::kChallenger, "e0"),
      Feedback("6", EventKind::kAccepted, Arm::kChallenger, "")};
  events[3].category_id = "design";
  const Result<LocalComparison> comparison = CompareLocally(LogOf(events), Example());
  REQUIRE(comparison.has_value());
  CHECK(comparison->champion.shown == 2);
  CHECK(comparison->champion.accepted == 1);
  CHECK(comparison->challenger.shown == 2);
  CHECK(comparison->challenger.accepted == 1);
  CHECK(comparison->test.verdict == Verdict::kContinue);
}

TEST_CASE("A task counts once, by its first feedback; an undone one not at all") {
  std::vector<FeedbackEvent> events = {Feedback("1", EventKind::kRejected, Arm::kChampion),
                                       Feedback("1", EventKind::kAccepted, Arm::kChampion),
                                       Feedback("", EventKind::kAccepted, Arm::kChampion),
                                       Feedback("", EventKind::kRejected, Arm::kChampion)};
  events[3].title = "FIX  login";
  FeedbackLog log = LogOf(events);
  Result<LocalComparison> comparison = CompareLocally(log, Example());
  CHECK(comparison->champion.shown == 2);
  CHECK(comparison->champion.accepted == 1);
  FeedbackEvent undo;
  undo.kind = EventKind::kUndone;
  undo.undoes = 1;
  REQUIRE(log.Append(undo).has_value());
  comparison = CompareLocally(log, Example());
  CHECK(comparison->champion.shown == 2);
  CHECK(comparison->champion.accepted == 2);
}

TEST_CASE("The counts come back from the written log, and a clear difference is found") {
  std::vector<FeedbackEvent> events;
  for (int i = 0; i < 120; ++i) {
    const Arm arm = i % 2 == 0 ? Arm::kChampion : Arm::kChallenger;
    const bool kept = arm == Arm::kChallenger ? i % 20 != 1 : i % 8 == 0;
    events.push_back(Feedback("task " + std::to_string(i),
                              kept ? EventKind::kAccepted : EventKind::kRejected, arm));
  }
  const FeedbackLog log = LogOf(events);
  const Result<FeedbackLog> again = FeedbackLog::FromJsonLines(log.ToJsonLines());
  REQUIRE(again.has_value());
  const Result<LocalComparison> comparison = CompareLocally(*again, Example());
  CHECK(comparison->champion.shown == 60);
  CHECK(comparison->champion.accepted == 15);
  CHECK(comparison->challenger.shown == 60);
  CHECK(comparison->challenger.accepted == 54);
  CHECK(comparison->test.verdict == Verdict::kPromote);
  CHECK(comparison->test.low > 0);
  CHECK(FromUserData(ToUserData(log))->ToJsonLines() == log.ToJsonLines());
}

TEST_CASE("Arm and experiment stand together in an event") {
  const std::string start = R"({"kind":"accepted","time_ms":1,"title":"a","category_id":"ops")";
  CHECK(ParseEventLine(start + R"(,"experiment_id":"e1","arm":"challenger"})").has_value());
  for (const char* rest :
       {R"(,"arm":"champion"})", R"(,"experiment_id":"e1"})",
        R"(,"experiment_id":"e1","arm":"other"})", R"(,"experiment_id":"e1","arm":1})"}) {
    const Result<FeedbackEvent> event = ParseEventLine(start + rest);
    REQUIRE_FALSE(event.has_value());
    CHECK(event.error().field == "arm");
  }
}

TEST_CASE("What cannot be an experiment is refused, naming the field") {
  const auto field = [](LocalExperiment experiment) {
    const Status status = CheckExperiment(experiment);
    return status ? std::string("none") : status.error().field;
  };
  CHECK(field(Example()) == "none");
  LocalExperiment bad = Example();
  bad.id = "";
  CHECK(field(bad) == "id");
  bad.id = std::string(101, 'x');
  CHECK(field(bad) == "id");
  for (const double share : {0.0, 1.0, -1.0, std::numeric_limits<double>::quiet_NaN()}) {
    bad = Example();
    bad.challenger_share = share;
    CHECK(field(bad) == "share");
  }
  bad = Example();
  bad.test.alpha = 0;
  CHECK(field(bad) == "alpha");
}

TEST_CASE("Champion and challenger answer their own keys, and undo and removal go on") {
  PersonalClassifier personal = testing::Taught(2);
  REQUIRE(personal.UseHeads(HeadsFor(personal, 0)).has_value());
  const std::string champion_version = personal.version();
  REQUIRE(personal.UseExperiment(Example(), HeadsFor(personal, 1)).has_value());
  CHECK(personal.version() == champion_version);
  const std::string first = personal.categories()[0].id;
  const std::string second = personal.categories()[1].id;
  int challengers = 0;
  for (int i = 0; i < 40; ++i) {
    const std::string key = std::to_string(i);
    const PersonalTask task = personal.Prepare("fix login crash", "", key);
    CHECK(task.arm == ArmOf(Example(), key));
    CHECK(BestOf(personal, task) == (task.arm == Arm::kChallenger ? second : first));
    challengers += task.arm == Arm::kChallenger ? 1 : 0;
  }
  CHECK(challengers > 5);
  CHECK(challengers < 35);
  const PersonalTask unnamed = personal.Prepare("fix login crash");
  CHECK(unnamed.arm == personal.Prepare("Fix  LOGIN crash").arm);
  REQUIRE(personal.UseExperiment({}).has_value());
  for (int i = 0; i < 40; ++i) {
    CHECK(BestOf(personal, personal.Prepare("fix login crash", "", std::to_string(i))) == first);
  }
}

TEST_CASE("The base can be either arm; a refused experiment changes nothing; a new log ends it") {
  PersonalClassifier personal = testing::Taught(2);
  const std::string base_version = personal.version();
  const TunedHeads heads = HeadsFor(personal, 1);
  REQUIRE(personal.UseExperiment(Example(), heads).has_value());
  const std::string second = personal.categories()[1].id;
  std::string challenger_key = "0";
  for (int i = 0; ArmOf(Example(), challenger_key) == Arm::kChampion; ++i) {
    challenger_key = std::to_string(i);
  }
  PersonalTask task = personal.Prepare("draw logo", "", challenger_key);
  CHECK(BestOf(personal, task) == second);
  const Result<Prediction> answer = personal.Classify(task, testing::GroupEmbedding(0, 7));
  CHECK(answer->model_version != base_version);

  TunedHeads foreign = heads;
  foreign.base_version = "another";
  CHECK(personal.UseExperiment(Example(), foreign).error().field == "heads");
  LocalExperiment bad = Example();
  bad.challenger_share = 2;
  CHECK(personal.UseExperiment(bad, heads).error().field == "share");
  CHECK(BestOf(personal, task) == second);

  REQUIRE(personal.UseHeads(heads).has_value());
  REQUIRE(personal.UseExperiment(Example()).has_value());
  task = personal.Prepare("draw logo", "", challenger_key);
  CHECK(personal.Classify(task, testing::GroupEmbedding(0, 7))->model_version == base_version);

  FeedbackLog log = personal.log();
  personal.Load(std::move(log));
  CHECK_FALSE(personal.experiment().has_value());
  CHECK(personal.Prepare("draw logo", "", challenger_key).arm == Arm::kChampion);
}

}  // namespace
}  // namespace smartsynch
