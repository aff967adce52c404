#include "smartsynch/learn/few_rows.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "smartsynch/learn/train_model.h"
#include "support/floats.h"
#include "support/tiny_model.h"
#include "support/training_fixture.h"

using smartsynch::AverageHeads;
using smartsynch::Category;
using smartsynch::DenseHead;
using smartsynch::EpochMetrics;
using smartsynch::FewRowsOptions;
using smartsynch::Result;
using smartsynch::ScheduleForFewRows;
using smartsynch::TrainedHeads;
using smartsynch::TrainedModel;
using smartsynch::Trainer;
using smartsynch::TrainerOptions;
using smartsynch::TrainingData;
using smartsynch::TrainModel;
using smartsynch::TrainModelCallbacks;
using smartsynch::TrainModelOptions;
using smartsynch::testing::Contains;
using smartsynch::testing::MakeTrainer;
using smartsynch::testing::MakeTrainingData;
using smartsynch::testing::QuickTrainer;
using smartsynch::testing::Rows;
using smartsynch::testing::RunToEnd;
using smartsynch::testing::SameBits;

namespace {

const std::vector<Category> kFewCategories = {{"a", "A"}, {"b", "B"}, {"c", "C"}};

TrainModelOptions Options() {
  TrainModelOptions options;
  options.trainer = QuickTrainer();
  options.folds = 2;
  options.few_rows.least_steps = 40;
  return options;
}

TrainedHeads HeadsOf(const TrainingData& data, std::uint64_t seed) {
  TrainerOptions options = QuickTrainer();
  options.seed = seed;
  Trainer trainer = MakeTrainer(data, Rows(0, data.rows()), {}, options);
  RunToEnd(trainer);
  return trainer.Best();
}

std::vector<float> Forward(const DenseHead& head, const std::vector<float>& embeddings) {
  const std::size_t rows = embeddings.size() / head.input;
  std::vector<float> logits(rows * head.outputs);
  head.Forward(embeddings.data(), rows, logits.data());
  return logits;
}

// Right answers of the dense head alone, of all rows.
std::size_t CountRight(const DenseHead& head, const TrainingData& data) {
  const std::vector<float> logits = Forward(head, data.embeddings);
  std::size_t right = 0;
  for (std::size_t row = 0; row < data.rows(); ++row) {
    const auto begin = logits.begin() + static_cast<std::ptrdiff_t>(row * head.outputs);
    const auto best = std::max_element(begin, begin + static_cast<std::ptrdiff_t>(data.categories));
    right += best - begin == data.labels[row] ? 1 : 0;
  }
  return right;
}

}  // namespace

TEST_CASE("a schedule with too few steps is lengthened to its end, one with enough is left alone") {
  TrainerOptions options;
  options.epochs = 24;
  options.batch_size = 32;
  const FewRowsOptions few;
  const auto longer = ScheduleForFewRows(options, few, 385);  // 13 steps an epoch
  REQUIRE(longer.has_value());
  CHECK(longer->epochs == 116);
  CHECK(longer->patience == 116);
  CHECK(longer->learning_rate == options.learning_rate);
  CHECK(longer->dropout == options.dropout);
  CHECK(longer->seed == options.seed);
  CHECK(ScheduleForFewRows(options, few, 62 * 32)->epochs == 25);
  CHECK_FALSE(ScheduleForFewRows(options, few, 63 * 32).has_value());  // 1,512 steps
  CHECK_FALSE(ScheduleForFewRows(options, few, 100000).has_value());
}

TEST_CASE("the longer schedule has bounds") {
  TrainerOptions options;
  options.epochs = 24;
  const FewRowsOptions few;
  CHECK(ScheduleForFewRows(options, few, 2)->epochs == 240);
  FewRowsOptions endless = few;
  endless.least_steps = std::numeric_limits<std::size_t>::max();
  CHECK(ScheduleForFewRows(options, endless, 3)->epochs == 240);
  options.epochs = 9000;
  CHECK(ScheduleForFewRows(options, endless, 3)->epochs == 10000);
  options.epochs = 10000;
  CHECK_FALSE(ScheduleForFewRows(options, endless, 3).has_value());
  options.epochs = 20000;
  CHECK_FALSE(ScheduleForFewRows(options, endless, 3).has_value());
}

TEST_CASE("no rows, no step wanted and options that no trainer takes change nothing") {
  TrainerOptions options;
  CHECK_FALSE(ScheduleForFewRows(options, {}, 0).has_value());
  FewRowsOptions none;
  none.least_steps = 0;
  CHECK_FALSE(ScheduleForFewRows(options, none, 5).has_value());
  options.batch_size = 0;
  CHECK_FALSE(ScheduleForFewRows(options, {}, 5).has_value());
  options.batch_size = 32;
  options.epochs = 0;
  CHECK_FALSE(ScheduleForFewRows(options, {}, 5).has_value());
}

TEST_CASE("averaged heads answer with the mean of their members' logits") {
  const TrainingData data = MakeTrainingData({.noise = 0.4F, .token_dimension = 6});
  const std::vector<TrainedHeads> members = {HeadsOf(data, 1), HeadsOf(data, 2), HeadsOf(data, 3)};
  const TrainedHeads mean = AverageHeads(members);
  CHECK(mean.dense.hidden == 3 * members[0].dense.hidden);
  CHECK(mean.dense.input == members[0].dense.input);
  CHECK(mean.dense.outputs == members[0].dense.outputs);
  const auto check = [&](const auto& head_of, const std::vector<float>& embeddings) {
    const std::vector<float> given = Forward(head_of(mean), embeddings);
    std::vector<std::vector<float>> each;
    for (const TrainedHeads& member : members) each.push_back(Forward(head_of(member), embeddings));
    REQUIRE_FALSE(SameBits(each[0], each[1]));
    for (std::size_t i = 0; i < given.size(); ++i) {
      CHECK(given[i] == doctest::Approx((each[0][i] + each[1][i] + each[2][i]) / 3).epsilon(1e-4));
    }
  };
  check([](const TrainedHeads& heads) -> const DenseHead& { return heads.dense; }, data.embeddings);
  check([](const TrainedHeads& heads) -> const DenseHead& { return heads.token; },
        data.token_embeddings);
  REQUIRE(mean.lexical.size() == members[0].lexical.size());
  for (std::size_t i = 0; i < mean.lexical.size(); ++i) {
    const float sum = members[0].lexical[i] + members[1].lexical[i] + members[2].lexical[i];
    CHECK(mean.lexical[i] == doctest::Approx(sum / 3));
  }
}

TEST_CASE("the mean of one member is that member, with and without a token head") {
  const TrainingData data = MakeTrainingData({.noise = 0.4F});
  const TrainedHeads heads = HeadsOf(data, 1);
  const TrainedHeads mean = AverageHeads({heads});
  CHECK(SameBits(mean.dense.w1, heads.dense.w1));
  CHECK(SameBits(mean.dense.b1, heads.dense.b1));
  CHECK(SameBits(mean.dense.w2, heads.dense.w2));
  CHECK(SameBits(mean.dense.b2, heads.dense.b2));
  CHECK(SameBits(mean.lexical, heads.lexical));
  CHECK(mean.token.input == 0);
  CHECK(mean.token.hidden == 0);
  CHECK(mean.best_epoch == heads.best_epoch);
}

TEST_CASE("with few rows a model is trained to the end of the longer schedule, several times") {
  const TrainingData data = MakeTrainingData({.rows_per_category = {5, 5, 5}, .noise = 0.5F});
  std::vector<std::string> runs;
  TrainModelCallbacks callbacks;
  callbacks.on_epoch = [&](const std::string& run, const EpochMetrics&, std::size_t epochs) {
    CHECK(epochs == 20);  // 15 rows in batches of 8
    if (runs.empty() || runs.back() != run) runs.push_back(run);
    return true;
  };
  const Result<TrainedModel> trained = TrainModel(data, kFewCategories, Options(), callbacks);
  REQUIRE(trained.has_value());
  CHECK(trained->epochs == 20);
  CHECK(trained->history.size() == 20);
  CHECK(trained->model.dense.hidden == 24);
  CHECK(runs == std::vector<std::string>{"validation", "fold-1", "fold-1-member-2",
                                         "fold-1-member-3", "fold-2", "fold-2-member-2",
                                         "fold-2-member-3", "final", "final-member-2",
                                         "final-member-3"});
  const Result<TrainedModel> again = TrainModel(data, kFewCategories, Options());
  REQUIRE(again.has_value());
  CHECK(SameBits(again->model.dense.w1, trained->model.dense.w1));
  CHECK(SameBits(again->held_out.dense, trained->held_out.dense));
}

TEST_CASE("where the schedule has the steps wanted, the same model is trained to the bit") {
  const TrainingData data = MakeTrainingData({.noise = 0.5F});
  TrainModelOptions options = Options();
  options.few_rows.least_steps = 6;
  const Result<TrainedModel> enough = TrainModel(data, kFewCategories, options);
  options.few_rows.least_steps = 0;
  const Result<TrainedModel> plain = TrainModel(data, kFewCategories, options);
  REQUIRE(enough.has_value());
  REQUIRE(plain.has_value());
  CHECK(enough->epochs == plain->epochs);
  CHECK(SameBits(enough->model.dense.w1, plain->model.dense.w1));
  CHECK(enough->model.lexical.weights == plain->model.lexical.weights);
  CHECK(SameBits(enough->held_out.dense, plain->held_out.dense));
}

TEST_CASE("five examples a category are learnt that a plain schedule leaves unlearnt") {
  const TrainingData all = MakeTrainingData({.rows_per_category = {60, 60, 60}, .noise = 0.5F});
  const TrainingData few = MakeTrainingData({.rows_per_category = {5, 5, 5}, .noise = 0.5F});
  TrainModelOptions options = Options();
  options.trainer.learning_rate = 1e-2F;  // 12 steps of it lead nowhere
  options.few_rows.least_steps = 0;
  const Result<TrainedModel> plain = TrainModel(few, kFewCategories, options);
  options.few_rows = {.least_steps = 120, .members = 3};
  const Result<TrainedModel> longer = TrainModel(few, kFewCategories, options);
  REQUIRE(plain.has_value());
  REQUIRE(longer.has_value());
  CHECK(CountRight(longer->model.dense, all) > CountRight(plain->model.dense, all) + 10);
}

TEST_CASE("with rows enough one head answers, or as many as were asked for") {
  const TrainingData data = MakeTrainingData({.rows_per_category = {60, 60, 60}});
  TrainModelOptions options = Options();
  options.few_rows.least_steps = 0;
  const Result<TrainedModel> one = TrainModel(data, kFewCategories, options);
  options.members = 2;
  const Result<TrainedModel> two = TrainModel(data, kFewCategories, options);
  REQUIRE(one.has_value());
  REQUIRE(two.has_value());
  CHECK(one->epochs == two->epochs);
  CHECK(two->model.dense.hidden == 2 * one->model.dense.hidden);
  CHECK_FALSE(SameBits(one->held_out.dense, two->held_out.dense));
}

TEST_CASE("a number of members that is none or too many is refused by its name") {
  const TrainingData data = MakeTrainingData();
  for (const std::size_t bad : {std::size_t{0}, std::size_t{17}}) {
    TrainModelOptions options = Options();
    options.few_rows.members = bad;
    TrainModelOptions all = Options();
    all.members = bad;
    for (const TrainModelOptions& wrong : {options, all}) {
      const Result<TrainedModel> trained = TrainModel(data, kFewCategories, wrong);
      REQUIRE_FALSE(trained.has_value());
      CHECK(trained.error().field == "members");
      CHECK(Contains(trained.error().message, "1 to 16"));
    }
  }
}
