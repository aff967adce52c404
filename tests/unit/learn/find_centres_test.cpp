#include "smartsynch/learn/find_centres.h"

#include <doctest/doctest.h>

#include <vector>

#include "smartsynch/learn/train_model.h"
#include "smartsynch/model/model_file.h"
#include "support/tiny_model.h"
#include "support/training_fixture.h"

namespace smartsynch {
namespace {

using testing::FixtureOptions;
using testing::MakeTrainingData;
using testing::Rows;

std::vector<float> Axis(std::size_t dimension, std::size_t axis, float length) {
  std::vector<float> vector(dimension, 0.0F);
  vector[axis] = length;
  return vector;
}

TEST_CASE("centres lie among their category's samples") {
  const TrainingData data = MakeTrainingData({.noise = 0.05F});
  const CategoryCentres centres = FindCentres(data, Rows(0, data.rows()), 2);
  CHECK(centres.dimension == 8);
  CHECK(centres.rows() == 6);
  for (std::size_t row = 0; row < data.rows(); ++row) {
    const auto embedding = std::span<const float>(data.embeddings).subspan(row * 8, 8);
    CHECK(FindNearest(centres, embedding).cosine > 0.9F);
  }
  // The axis after those of the categories belongs to none.
  CHECK(FindNearest(centres, Axis(8, 5, 1.0F)).cosine < 0.5F);
  CHECK(FindCentres(data, Rows(0, data.rows()), 2).directions == centres.directions);
  CHECK(CategoriesOfCentres(data, Rows(0, data.rows()), 2) == std::vector<int>{0, 0, 1, 1, 2, 2});
}

TEST_CASE("two kinds of samples in one category get a centre each") {
  TrainingData data;
  data.dimension = 2;
  data.categories = 1;
  data.embeddings = {1.0F, 0.0F, 0.0F, 1.0F, 0.995F, 0.1F, 0.1F, 0.995F, 0.995F, -0.1F};
  data.labels = {0, 0, 0, 0, 0};
  const CategoryCentres centres = FindCentres(data, Rows(0, 5), 2);
  CHECK(centres.rows() == 2);
  CHECK(FindNearest(centres, std::vector<float>{1, 0}).cosine > 0.99F);
  CHECK(FindNearest(centres, std::vector<float>{0, 1}).cosine > 0.99F);
  CHECK(FindNearest(centres, std::vector<float>{1, 1}).cosine < 0.8F);
}

TEST_CASE("few samples, none, open-set ones, and embeddings without length") {
  TrainingData data;
  data.dimension = 2;
  data.categories = 3;
  data.embeddings = {1.0F, 0.0F, 0.0F, 1.0F, 0.0F, 0.0F};
  data.labels = {0, kOpenSetLabel, 2};
  CHECK(FindCentres(data, Rows(0, 3)).directions == std::vector<std::int8_t>{127, 0, 0, 0});
  CHECK(CategoriesOfCentres(data, Rows(0, 3)) == std::vector<int>{0, 2});
  CHECK(FindCentres(data, {}).rows() == 0);
  CHECK(CategoriesOfCentres(data, {}).empty());
  CHECK(FindCentres(data, Rows(0, 3), 0).rows() == 0);
  const std::size_t open_set[] = {1};
  CHECK(FindCentres(data, open_set).dimension == 0);
  CHECK(FindCentres({}, {}).rows() == 0);
}

TEST_CASE("confidence and cosine weigh alike, and one known sample in twenty is above a half") {
  std::vector<HeldOutDistance> samples;
  for (int i = 0; i < 100; ++i) {
    samples.push_back(
        {0.5F + 0.004F * static_cast<float>(i), 0.2F + 0.002F * static_cast<float>(i * 37 % 100)});
  }
  CategoryCentres centres;
  FitCentreNovelty(samples, centres);
  CHECK(centres.cosine_weight ==
        doctest::Approx(2.0 * static_cast<double>(centres.confidence_weight)).epsilon(0.001));
  int above = 0;
  for (const HeldOutDistance& sample : samples) {
    above += CentreNovelty(centres, sample.soft_confidence, sample.cosine) > 0.5F ? 1 : 0;
  }
  CHECK(above >= 4);
  CHECK(above <= 6);
}

TEST_CASE("without samples nothing is fitted; equal samples give finite weights") {
  CategoryCentres centres;
  FitCentreNovelty({}, centres);
  CHECK(centres.confidence_weight == 0.0F);
  const HeldOutDistance same[] = {{1.0F, 1.0F}, {1.0F, 1.0F}};
  FitCentreNovelty(same, centres);
  CHECK(CentreNovelty(centres, 1.0F, 1.0F) == doctest::Approx(0.5));
  CHECK(CentreNovelty(centres, 0.5F, 0.1F) > 0.99F);
}

TEST_CASE(
    "a model trained without open-set samples tells strangers by its centres, also as a file") {
  TrainModelOptions options;
  options.few_rows.least_steps = 0;
  options.trainer = testing::QuickTrainer();
  options.folds = 3;
  const std::vector<Category> categories = {{"a", "A"}, {"b", "B"}, {"c", "C"}};
  const TrainingData data = MakeTrainingData();
  Result<TrainedModel> trained = TrainModel(data, categories, options);
  REQUIRE(trained.has_value());
  CHECK(trained->model.centres.rows() == 12);
  CHECK(trained->held_out.novelty.size() == data.rows());
  Model& model = trained->model;
  const SelfTestSample known = MakeSelfTestSample(model, "a", "", Axis(8, 0, 1.0F));
  const SelfTestSample stranger = MakeSelfTestSample(model, "a", "", Axis(8, 6, 1.0F));
  CHECK(stranger.novelty > 0.9F);
  CHECK(stranger.novelty > known.novelty);
  CHECK(stranger.novelty >= model.full.thresholds.new_novelty);

  model.encoder_sha256 = model.vocabulary_sha256 = std::string(64, 'a');
  model.self_test = {known, stranger};
  const Result<std::string> bytes = SerializeModel(model);
  REQUIRE(bytes.has_value());
  const Result<Model> read = ParseModel(*bytes);
  REQUIRE(read.has_value());
  CHECK(read->centres.directions == model.centres.directions);
  CHECK(read->centres.bias == model.centres.bias);
  CHECK(*SerializeModel(*read) == *bytes);

  Model wrong = model;
  wrong.centres.dimension = 7;
  CHECK_FALSE(SerializeModel(wrong).has_value());
  wrong = model;
  wrong.centres.directions.pop_back();
  CHECK_FALSE(SerializeModel(wrong).has_value());
  wrong = model;
  wrong.centres.bias += 1.0F;  // the self-test gives another novelty
  CHECK_FALSE(SerializeModel(wrong).has_value());
}

TEST_CASE("categories too broad for distances get no centres") {
  TrainModelOptions options;
  options.few_rows.least_steps = 0;
  options.trainer = testing::QuickTrainer();
  options.folds = 3;
  const TrainingData broad = MakeTrainingData({.noise = 1.5F});
  const Result<TrainedModel> trained =
      TrainModel(broad, {{"a", "A"}, {"b", "B"}, {"c", "C"}}, options);
  REQUIRE(trained.has_value());
  CHECK(trained->model.centres.rows() == 0);
  CHECK(trained->held_out.novelty.empty());
}

TEST_CASE("with open-set samples a head says the novelty, and there are no centres") {
  TrainModelOptions options;
  options.few_rows.least_steps = 0;
  options.trainer = testing::QuickTrainer();
  options.folds = 3;
  FixtureOptions fixture;
  fixture.open_set_rows = 15;
  const Result<TrainedModel> trained =
      TrainModel(MakeTrainingData(fixture), {{"a", "A"}, {"b", "B"}, {"c", "C"}}, options);
  REQUIRE(trained.has_value());
  CHECK(trained->model.centres.rows() == 0);
  CHECK(trained->held_out.novelty.empty());
}

}  // namespace
}  // namespace smartsynch
