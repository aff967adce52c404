#include "store_contract.h"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <thread>
#include <vector>

#include "records.h"
#include "smartsynch/base/hash.h"

using smartsynch::AppendResult;
using smartsynch::Challenger;
using smartsynch::ErrorCode;
using smartsynch::Experiment;
using smartsynch::ExperimentState;
using smartsynch::FeedbackRecord;
using smartsynch::LearningRun;
using smartsynch::Store;
using Outcome = AppendResult::Outcome;

namespace {

void CheckRefusals(Store& store) {
  std::vector<FeedbackRecord> bad = {Record(""), Record(std::string(201, 'k')),
                                     Record("zero\0byte" + std::string(1, '\0')),
                                     Record("broken \xC3"), Record("k", "\xED\xA0\x80")};
  bad.push_back(Record("empty event"));
  bad.back().event.clear();
  bad.push_back(Record("huge event", std::string(std::size_t{1} << 20U, 'x')));
  for (const FeedbackRecord& record : bad) {
    const auto refused = store.AppendFeedback({&record, 1});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::kInvalidArgument);
    CHECK(refused.error().field.starts_with("records[0]."));
  }
  CHECK_FALSE(store.AppendFeedback({}));
  CHECK_FALSE(store.ListFeedback(0, 0));
  CHECK_FALSE(store.ListFeedback(0, 1001));
  CHECK(store.ListFeedback(UINT64_MAX, 10)->empty());
}

void CheckManyThreads(const std::function<std::unique_ptr<Store>()>& open, Store& store) {
  // Two stores on one database, as two replicas, send overlapping keys.
  const std::unique_ptr<Store> other = open();
  std::vector<std::thread> threads;
  std::vector<int> stored(4, 0);
  for (std::size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        const FeedbackRecord record = Record("thread key " + std::to_string(i));
        const auto added = (t % 2 == 0 ? store : *other).AppendFeedback({&record, 1});
        if (added && (*added)[0].outcome == Outcome::kStored) ++stored[t];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(stored[0] + stored[1] + stored[2] + stored[3] == 50);
}

}  // namespace

void CheckFeedbackContract(const std::function<std::unique_ptr<Store>()>& open) {
  std::unique_ptr<Store> store = open();
  REQUIRE(store != nullptr);
  CHECK(*store->FeedbackCount() == 0);
  const std::vector<FeedbackRecord> records = {Record("a"), Record("b", "日本語 🚀 \\u0000 \\\""),
                                               Record("a"), Record("a", "another")};
  const auto added = store->AppendFeedback(records);
  REQUIRE(added);
  CHECK((*added)[0].outcome == Outcome::kStored);
  CHECK((*added)[1].outcome == Outcome::kStored);
  CHECK((*added)[2].outcome == Outcome::kRepeated);
  CHECK((*added)[2].sequence == (*added)[0].sequence);
  CHECK((*added)[3].outcome == Outcome::kConflict);
  CheckRefusals(*store);

  store = open();
  const auto page = store->ListFeedback(0, 10);
  REQUIRE(page);
  REQUIRE(page->size() == 2);
  CHECK((*page)[0].record.key == "a");
  CHECK((*page)[1].record.event == records[1].event);
  CHECK((*page)[1].record.time_ms == 1700000000000);
  CHECK((*page)[1].record.user_key == "user-1");
  CHECK((*page)[0].sequence < (*page)[1].sequence);
  CHECK((*store->ListFeedback((*page)[0].sequence, 1))[0].record.key == "b");

  std::vector<FeedbackRecord> many;
  for (int i = 0; i < 2500; ++i) many.push_back(Record("many " + std::to_string(i)));
  for (std::size_t at = 0; at < many.size(); at += 500) {
    REQUIRE(store->AppendFeedback(std::span(many).subspan(at, 500)));
  }
  CHECK(KeysIn(*store).size() == 2502);
  int visited = 0;
  CHECK(smartsynch::ExportFeedback(*store, 0, [&](const auto&) { return ++visited < 3; }));
  CHECK(visited == 3);

  CheckManyThreads(open, *store);
  FeedbackRecord stranger = Record("stranger");
  stranger.user_key = "user-2";
  REQUIRE(store->AppendFeedback({&stranger, 1}));
  CHECK(*store->ForgetUser("user-1") == 2552);
  CHECK(*store->FeedbackCount() == 1);
  CHECK_FALSE(store->ForgetUser(""));
  // PostgreSQL would read the first as "user-2".
  for (const std::string& user : {std::string("user-2\0x", 8), std::string("user-2\xFF")}) {
    CHECK(store->ForgetUser(user).error().code == ErrorCode::kInvalidArgument);
  }
  CHECK(*store->FeedbackCount() == 1);
}

void CheckModelContract(Store& store) {
  CHECK_FALSE(store.ActiveModel()->has_value());
  CHECK(store.RollBackModel(1).error().code == ErrorCode::kNotFound);
  const std::string bytes("first\0model\xFF\\x41'", 17);
  const auto first = store.AddModel({.parent = "", .source = "upload", .added_ms = 5}, bytes);
  REQUIRE(first);
  CHECK(first->sha256 == smartsynch::Sha256Hex(bytes));
  CHECK(first->version == first->sha256.substr(0, 16));
  CHECK(first->bytes == 17);
  const auto again = store.AddModel({.parent = "other", .added_ms = 9}, bytes);
  REQUIRE(again);
  CHECK(again->source == "upload");
  CHECK(*store.ModelBytes(first->version) == bytes);
  std::string big(600000, '\0');
  for (std::size_t i = 0; i < big.size(); ++i) big[i] = static_cast<char>(i * 31 % 256);
  const auto second = store.AddModel(
      {.parent = first->version, .source = "fine-tune", .lineage = R"({"rows":7})"}, big);
  REQUIRE(second);
  CHECK(*store.ModelBytes(second->version) == big);
  CHECK(store.ModelBytes("nope").error().code == ErrorCode::kNotFound);
  CHECK(store.AddModel({}, "").error().code == ErrorCode::kInvalidArgument);
  REQUIRE(store.ListModels()->size() == 2);
  CHECK((*store.ListModels())[1].lineage == R"({"rows":7})");

  const auto before = *store.Revision();
  CHECK(store.ActivateModel("nope", 1, "").error().code == ErrorCode::kNotFound);
  for (const std::string& no_text : {first->version + '\0', std::string("\xFF")}) {
    CHECK(store.ModelBytes(no_text).error().code == ErrorCode::kInvalidArgument);
    CHECK(store.ActivateModel(no_text, 1, "").error().code == ErrorCode::kInvalidArgument);
  }
  CHECK(store.ActivateModel(first->version, 1, "activated")->number == 1);
  CHECK(store.ActivateModel(first->version, 2, "activated")->number == 1);
  CHECK(store.ActivateModel(second->version, 3, "activated")->number == 2);
  const auto third = store.AddModel({}, "third");
  CHECK(store.ActivateModel(third->version, 4, "activated")->number == 3);
  CHECK(store.RollBackModel(5)->version == second->version);
  CHECK(store.RollBackModel(6)->version == first->version);
  CHECK_FALSE(store.RollBackModel(7));
  CHECK((*store.ActiveModel())->version == first->version);
  CHECK(store.Activations()->size() == 5);
  CHECK(*store.Revision() == before + 5);
}

void CheckLearningContract(const std::function<std::unique_ptr<Store>()>& open) {
  const std::unique_ptr<Store> store = open();
  const std::unique_ptr<Store> other = open();
  auto lock = store->LockLearning();
  REQUIRE(lock);
  REQUIRE(*lock != nullptr);
  CHECK((*lock)->IsHeld());
  const auto second = other->LockLearning();
  REQUIRE(second);
  CHECK(*second == nullptr);
  lock->reset();
  CHECK(*other->LockLearning() != nullptr);

  const auto champion = store->AddModel({}, "the champion");
  REQUIRE(champion);
  REQUIRE(store->ActivateModel(champion->version, 1, "activated"));
  CHECK(store->TunedHeadsOf(champion->version)->empty());
  LearningRun run;
  run.started_ms = 10;
  run.ended_ms = 20;
  run.outcome = "refused";
  run.reason = "it is no better — 日本";
  run.champion = champion->version;
  run.last_sequence = 7;
  run.details = R"({"rows":7})";
  CHECK(store->AddLearningRun(run, nullptr, true)->challenger.empty());
  CHECK((*store->ActiveModel())->version == champion->version);

  Challenger challenger;
  challenger.model.parent = champion->version;
  challenger.model.source = "fine-tune";
  challenger.bytes = "a challenger";
  CHECK(store->AddLearningRun(run, &challenger, false).error().code == ErrorCode::kInvalidArgument);
  challenger.heads = std::string("heads\0\xFF", 7);
  const auto registered = store->AddLearningRun(run, &challenger, false);
  REQUIRE(registered);
  CHECK(registered->outcome == "registered");
  CHECK(*store->ModelBytes(registered->challenger) == challenger.bytes);
  CHECK(*store->TunedHeadsOf(registered->challenger) == challenger.heads);
  CHECK((*store->ActiveModel())->version == champion->version);

  const auto before = *store->Revision();
  challenger.bytes = "another challenger";
  const auto activated = store->AddLearningRun(run, &challenger, true);
  REQUIRE(activated);
  CHECK(activated->outcome == "activated");
  CHECK((*other->ActiveModel())->version == activated->challenger);
  CHECK(*store->Revision() == before + 1);

  // Judged against a version that is no longer active.
  challenger.bytes = "a late challenger";
  const auto late = store->AddLearningRun(run, &challenger, true);
  REQUIRE(late);
  CHECK(late->outcome == "registered");
  CHECK(late->reason.find(activated->challenger) != std::string::npos);
  CHECK((*store->ActiveModel())->version == activated->challenger);

  const auto runs = other->LearningRuns(3);
  REQUIRE(runs);
  REQUIRE(runs->size() == 3);
  CHECK((*runs)[0].number > (*runs)[1].number);
  CHECK((*runs)[0].challenger == late->challenger);
  CHECK(other->LearningRuns(1000)->back().reason == run.reason);
  CHECK(other->LearningRuns(1000)->back().details == run.details);
  CHECK_FALSE(store->LearningRuns(0));
  run.reason.clear();
  CHECK(store->AddLearningRun(run, nullptr, false).error().field == "reason");
}

void CheckExperimentContract(Store& store) {
  const auto champion = store.AddModel({}, "champion");
  const auto challenger = store.AddModel({}, "challenger");
  REQUIRE(challenger);
  Experiment experiment;
  experiment.id = "e1";
  experiment.name = "Größer";
  experiment.created_ms = 10;
  experiment.arms = {{"champion", champion->version, 3}, {"challenger", challenger->version, 1}};
  Experiment bad = experiment;
  bad.arms[1].model_version = "nope";
  CHECK(store.CreateExperiment(bad).error().field == "arms[1].model_version");
  bad = experiment;
  bad.arms[0].weight = bad.arms[1].weight = 0;
  CHECK_FALSE(store.CreateExperiment(bad));
  bad = experiment;
  bad.arms[1].name = "champion";
  CHECK(store.CreateExperiment(bad).error().field == "arms[1].name");
  bad = experiment;
  bad.id = "E 1";
  CHECK(store.CreateExperiment(bad).error().field == "id");

  const auto before = *store.Revision();
  REQUIRE(store.CreateExperiment(experiment));
  CHECK(store.CreateExperiment(experiment).error().code == ErrorCode::kAlreadyExists);
  const std::vector<std::uint32_t> weights = {1, 1};
  CHECK(store.SetWeights("e1", weights, 20)->arms[0].weight == 1);
  CHECK_FALSE(store.SetWeights("e1", std::vector<std::uint32_t>{1}, 20));
  CHECK_FALSE(store.SetWeights("e1", std::vector<std::uint32_t>{0, 0}, 20));
  CHECK(store.SetWeights("e9", weights, 20).error().code == ErrorCode::kNotFound);

  // Users are shared out: no two running experiments have the same ones.
  Experiment another = experiment;
  another.id = "e2";
  CHECK(store.CreateExperiment(another).error().field == "traffic");
  another.slices = 0;
  CHECK(store.CreateExperiment(another).error().field == "traffic");

  FeedbackRecord record = Record("counted");
  record.experiment_id = "e1";
  record.arm = "challenger";
  record.accepted = true;
  for (int i = 0; i < 3; ++i) REQUIRE(store.AppendFeedback({&record, 1}));
  record.key = "counted too";
  record.accepted = false;
  REQUIRE(store.AppendFeedback({&record, 1}));
  const auto counts = store.ExperimentCounts("e1");
  REQUIRE(counts);
  CHECK((*counts)[0].shown == 0);
  CHECK((*counts)[1].shown == 2);
  CHECK((*counts)[1].accepted == 1);
  CHECK(store.ExperimentCounts("e9").error().code == ErrorCode::kNotFound);

  CHECK(store.EndExperiment("e1", ExperimentState::kPromoted, "nobody", 30).error().field ==
        "winner");
  const auto ended = store.EndExperiment("e1", ExperimentState::kPromoted, "challenger", 30);
  REQUIRE(ended);
  CHECK(ended->winner == "challenger");
  CHECK((*store.ActiveModel())->version == challenger->version);
  CHECK_FALSE(store.EndExperiment("e1", ExperimentState::kStopped, "", 40));
  CHECK_FALSE(store.SetWeights("e1", weights, 40));
  REQUIRE(store.ListExperiments()->size() == 1);
  another.slices = 600;
  CHECK(store.CreateExperiment(another)->first_slice == 0);
  another.id = "e3";
  CHECK(store.CreateExperiment(another).error().field == "traffic");
  another.slices = 400;
  CHECK(store.CreateExperiment(another)->first_slice == 600);
  REQUIRE(store.EndExperiment("e2", ExperimentState::kStopped, "", 50));
  another.id = "e4";
  CHECK(store.CreateExperiment(another)->first_slice == 0);
  CHECK(store.ListExperiments()->back().slices == 400);
  CHECK((*store.ListExperiments())[0].name == "Größer");
  CHECK((*store.ListExperiments())[0].state == ExperimentState::kPromoted);
  CHECK(*store.Revision() == before + 8);
}

void CheckCategoryContract(const std::function<std::unique_ptr<Store>()>& open) {
  const std::unique_ptr<Store> store = open();
  const std::unique_ptr<Store> other = open();
  CHECK(store->CategoryChanges()->empty());
  const auto before = *store->Revision();
  CHECK(store->AddCategoryChange(2, "{}").error().code == ErrorCode::kAlreadyExists);
  REQUIRE(store->AddCategoryChange(1, "first — 日本"));
  CHECK(other->AddCategoryChange(1, "first too").error().code == ErrorCode::kAlreadyExists);
  REQUIRE(other->AddCategoryChange(2, "second"));
  CHECK(*store->CategoryChanges() == std::vector<std::string>{"first — 日本", "second"});
  CHECK(*store->Revision() == before + 2);
  CHECK(store->AddCategoryChange(3, "").error().field == "event");
}
