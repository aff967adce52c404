#include "smartsynch/learn/cross_validate.h"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

#include "smartsynch/model/model.h"
#include "support/training_fixture.h"

using namespace smartsynch;

namespace {

const std::vector<Category> kCategories = {{"a", "A"}, {"b", "B"}, {"c", "C"}};

CrossValidationOptions Quick() {
  CrossValidationOptions options;
  options.training.trainer = smartsynch::testing::QuickTrainer();
  options.training.trainer.bucket_bits = 6;
  options.training.few_rows.least_steps = 0;
  options.training.folds = 2;
  options.folds = 3;
  options.repeats = 2;
  return options;
}

}  // namespace

TEST_CASE("every row is held out once a round, and by other folds in the next") {
  smartsynch::testing::FixtureOptions fixture;
  fixture.open_set_rows = 6;
  const TrainingData data = smartsynch::testing::MakeTrainingData(fixture);
  std::vector<std::multiset<std::size_t>> seen(2);
  std::vector<std::vector<std::size_t>> first_folds;
  const Status status = CrossValidate(
      data, kCategories, Quick(), [&](const CrossValidationFold& fold, const Model& model) {
        CHECK(model.categories.size() == 3);
        seen[fold.round].insert(fold.held_out.begin(), fold.held_out.end());
        if (fold.fold == 0) first_folds.push_back(fold.held_out);
        return Status();
      });
  REQUIRE(status.has_value());
  for (const auto& rows : seen) {
    CHECK(rows.size() == data.rows());
    CHECK(std::set<std::size_t>(rows.begin(), rows.end()).size() == data.rows());
  }
  REQUIRE(first_folds.size() == 2);
  CHECK(first_folds[0] != first_folds[1]);
}

TEST_CASE("a fold's model is the one trained without its rows, whatever they hold") {
  TrainingData data = smartsynch::testing::MakeTrainingData();
  CrossValidationOptions options = Quick();
  options.repeats = 1;
  std::vector<std::size_t> held_out;
  const auto first_model = [&](const TrainingData& rows) {
    std::vector<float> weights;
    Calibration calibration;
    const Status status =
        CrossValidate(rows, kCategories, options,
                      [&](const CrossValidationFold& fold, const Model& model) -> Status {
                        held_out = fold.held_out;
                        weights = model.dense.w1;
                        calibration = model.full.calibration;
                        return Fail(ErrorCode::kCancelled, "one is enough");
                      });
    CHECK(status.error().message == "one is enough");
    weights.push_back(calibration.dense_weight);
    weights.push_back(calibration.lexical_weight);
    return weights;
  };
  const std::vector<float> before = first_model(data);
  for (const std::size_t row : held_out) {
    for (std::size_t d = 0; d < data.dimension; ++d) {
      data.embeddings[row * data.dimension + d] *= -1.0F;
    }
    data.lexical_features[row] = {1};
  }
  CHECK(first_model(data) == before);
  data.embeddings[(held_out[0] == 0 ? held_out.back() + 1 : 0) * data.dimension] += 0.5F;
  CHECK(first_model(data) != before);
}

TEST_CASE("bad options and cancelling") {
  const TrainingData data = smartsynch::testing::MakeTrainingData();
  const auto ignore = [](const CrossValidationFold&, const Model&) { return Status(); };
  CrossValidationOptions options = Quick();
  for (const std::size_t folds : {std::size_t{0}, std::size_t{1}, data.rows() + 1}) {
    options.folds = folds;
    CHECK(CrossValidate(data, kCategories, options, ignore).error().field == "folds");
  }
  options = Quick();
  options.repeats = 0;
  CHECK(CrossValidate(data, kCategories, options, ignore).error().field == "repeats");
  options = Quick();
  std::size_t asked = 0;
  const Status status = CrossValidate(data, kCategories, options, ignore,
                                      [&](std::size_t, std::size_t) { return ++asked < 4; });
  CHECK(status.error().code == ErrorCode::kCancelled);
  CHECK(asked == 4);
}

TEST_CASE("rows are selected in the order asked for") {
  const TrainingData data = smartsynch::testing::MakeTrainingData();
  const TrainingData some = SelectRows(data, {5, 2});
  CHECK(some.rows() == 2);
  CHECK(some.labels == std::vector<int>{data.labels[5], data.labels[2]});
  CHECK(some.lexical_features[1] == data.lexical_features[2]);
  CHECK(some.embeddings.size() == 2 * data.dimension);
  CHECK(some.embeddings[data.dimension] == data.embeddings[2 * data.dimension]);
  CHECK(some.groups.empty());
  CHECK(SelectRows(data, {}).rows() == 0);
  TrainingData grouped = data;
  for (std::size_t row = 0; row < data.rows(); ++row)
    grouped.groups.push_back(static_cast<int>(row));
  CHECK(SelectRows(grouped, {5, 2}).groups == std::vector<int>{5, 2});
}
