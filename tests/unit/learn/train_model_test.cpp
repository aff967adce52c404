#include "smartsynch/learn/train_model.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "smartsynch/base/hash.h"
#include "smartsynch/learn/split.h"
#include "smartsynch/model/model_file.h"
#include "support/floats.h"
#include "support/tiny_model.h"
#include "support/training_fixture.h"

using smartsynch::Category;
using smartsynch::EpochMetrics;
using smartsynch::ErrorCode;
using smartsynch::MakeSelfTestSample;
using smartsynch::Model;
using smartsynch::Result;
using smartsynch::SerializeModel;
using smartsynch::Sha256Hex;
using smartsynch::TrainedModel;
using smartsynch::TrainingData;
using smartsynch::TrainModel;
using smartsynch::TrainModelCallbacks;
using smartsynch::TrainModelOptions;
using smartsynch::testing::Contains;
using smartsynch::testing::MakeTrainingData;
using smartsynch::testing::QuickTrainer;
using smartsynch::testing::SameBits;

namespace {

const std::vector<Category> kTrainedCategories = {{"a", "A"}, {"b", "B"}, {"c", "C"}};

TrainModelOptions QuickOptions() {
  TrainModelOptions options;
  options.trainer = QuickTrainer();
  options.few_rows.least_steps = 0;
  options.folds = 3;
  options.thresholds.z = 0.0;
  return options;
}

const TrainingData& Data() {
  static const TrainingData kData = MakeTrainingData({.open_set_rows = 15, .noise = 0.3F});
  return kData;
}

TrainedModel Train(const TrainModelCallbacks& callbacks = {},
                   const TrainModelOptions& options = QuickOptions()) {
  Result<TrainedModel> trained = TrainModel(Data(), kTrainedCategories, options, callbacks);
  REQUIRE(trained.has_value());
  return std::move(*trained);
}

// The bytes of the model, completed as a caller would.
std::string FileOf(Model model) {
  model.encoder_sha256 = Sha256Hex("encoder");
  model.vocabulary_sha256 = Sha256Hex("vocabulary");
  const std::vector<float> embedding = {0.6F, 0.0F, 0.8F, 0.0F, 0.0F, 0.0F, 0.0F, 0.0F};
  model.self_test = {MakeSelfTestSample(model, "A title", "described", embedding)};
  const Result<std::string> bytes = SerializeModel(model);
  REQUIRE(bytes.has_value());
  return *bytes;
}

// Checkpoints by run, as a caller would store them.
struct Storage {
  std::map<std::string, std::string> checkpoints;
  std::vector<std::string> epochs_run;  // "fold-1 3"
  std::size_t cancel_after = static_cast<std::size_t>(-1);

  TrainModelCallbacks Callbacks() {
    TrainModelCallbacks callbacks;
    callbacks.save_checkpoint = [this](const std::string& run, std::string_view bytes) {
      checkpoints[run] = std::string(bytes);
    };
    callbacks.load_checkpoint = [this](const std::string& run) -> std::optional<std::string> {
      const auto found = checkpoints.find(run);
      if (found == checkpoints.end()) return std::nullopt;
      return found->second;
    };
    callbacks.on_epoch = [this](const std::string& run, const EpochMetrics& m, std::size_t) {
      epochs_run.push_back(run + " " + std::to_string(m.epoch));
      return epochs_run.size() < cancel_after;
    };
    return callbacks;
  }
};

std::string Refusal(const TrainingData& data, const std::vector<Category>& categories,
                    const TrainModelOptions& options) {
  const Result<TrainedModel> trained = TrainModel(data, categories, options);
  if (trained.has_value()) return "accepted";
  CHECK(trained.error().code == ErrorCode::kInvalidArgument);
  CHECK_FALSE(trained.error().field.empty());
  return trained.error().message;
}

}  // namespace

TEST_CASE("a whole model is trained: it knows its data and can be written") {
  Storage storage;
  const TrainedModel trained = Train(storage.Callbacks());
  CHECK(trained.model.categories.size() == 3);
  CHECK(trained.epochs >= 1);
  CHECK(trained.history.size() >= trained.epochs);
  CHECK(trained.model.full.calibration.has_open_set);
  CHECK(trained.model.full.calibration.dense_weight > 0.0F);
  CHECK(trained.model.instant.calibration.dense_weight == 0.0F);
  CHECK(trained.model.instant.calibration.lexical_weight > 0.0F);
  CHECK(trained.model.full.thresholds.auto_confidence <= 1.0F);
  CHECK(storage.epochs_run.front() == "validation 1");
  CHECK(storage.epochs_run.back() == "final " + std::to_string(trained.epochs));
  CHECK(storage.checkpoints.size() == 5);
  CHECK(storage.checkpoints.count("fold-3") == 1);
  CHECK(smartsynch::ParseModel(FileOf(trained.model)).has_value());
}

TEST_CASE("with a token table both tiers get a third head") {
  const TrainingData data =
      MakeTrainingData({.open_set_rows = 15, .noise = 0.3F, .token_dimension = 6});
  const Result<TrainedModel> trained = TrainModel(data, kTrainedCategories, QuickOptions());
  REQUIRE(trained.has_value());
  Model model = trained->model;
  CHECK(trained->held_out.token.size() == trained->held_out.dense.size());
  CHECK(model.token_dense.input == 6);
  CHECK(model.instant.calibration.dense_weight == 0.0F);
  CHECK(model.instant.calibration.token_weight > 0.0F);
  model.encoder_sha256 = Sha256Hex("encoder");
  model.vocabulary_sha256 = Sha256Hex("vocabulary");
  model.token_table_sha256 = Sha256Hex("table");
  const std::vector<float> embedding = {0.6F, 0.0F, 0.8F, 0.0F, 0.0F, 0.0F, 0.0F, 0.0F};
  const std::vector<float> token = {0.0F, 0.6F, 0.0F, 0.8F, 0.0F, 0.0F};
  model.self_test = {MakeSelfTestSample(model, "A title", "described", embedding, token)};
  const Result<std::string> bytes = SerializeModel(model);
  REQUIRE(bytes.has_value());
  CHECK(Sha256Hex(*bytes) == "b73db4c59a9fc7d4d5ad73dd2ea2c4a6bd982ab5a9fa6e06147c58606647d97e");
}

TEST_CASE("held-out logits stand in the data's order and come from heads that never saw the row") {
  const TrainedModel trained = Train();
  const smartsynch::HeldOutLogits& h = trained.held_out;
  CHECK(h.outputs == 4);
  CHECK(h.labels == Data().labels);
  CHECK(h.weights == Data().weights);
  REQUIRE(h.dense.size() == Data().rows() * 4);
  std::size_t differs_from_final = 0;
  for (std::size_t row = 0; row < Data().rows(); ++row) {
    std::vector<float> logits(4);
    trained.model.dense.Forward(Data().embeddings.data() + row * 8, 1, logits.data());
    const auto held_out = h.dense.begin() + static_cast<std::ptrdiff_t>(row * 4);
    differs_from_final += SameBits(logits, {held_out, held_out + 4}) ? 0 : 1;
  }
  CHECK(differs_from_final == Data().rows());
}

TEST_CASE("calibration rows alone are held out, by heads that never saw them") {
  TrainingData data = Data();
  for (std::size_t row = 0; row < data.rows(); row += 2) data.calibration_rows.push_back(row);
  const Result<TrainedModel> trained = TrainModel(data, kTrainedCategories, QuickOptions());
  REQUIRE(trained.has_value());
  const smartsynch::HeldOutLogits& h = trained->held_out;
  CHECK(h.data_rows == data.calibration_rows);
  REQUIRE(h.dense.size() == h.data_rows.size() * 4);
  for (std::size_t place = 0; place < h.data_rows.size(); ++place) {
    const std::size_t row = h.data_rows[place];
    CHECK(h.labels[place] == data.labels[row]);
    std::vector<float> logits(4);
    trained->model.dense.Forward(data.embeddings.data() + row * 8, 1, logits.data());
    const auto held_out = h.dense.begin() + static_cast<std::ptrdiff_t>(place * 4);
    CHECK_FALSE(SameBits(logits, {held_out, held_out + 4}));
  }
  data.calibration_rows = {1, 1};
  CHECK(Refusal(data, kTrainedCategories, QuickOptions()) != "accepted");
  data.calibration_rows = {data.rows()};
  CHECK(Refusal(data, kTrainedCategories, QuickOptions()) != "accepted");
}

TEST_CASE("thresholds are chosen on rows whose whole manner of writing was left out") {
  TrainingData data = Data();
  for (std::size_t row = 0; row < data.rows(); ++row) {
    data.groups.push_back(row % 5 == 0 ? 8 : static_cast<int>(row % 2));
  }
  Storage storage;
  const Result<TrainedModel> trained =
      TrainModel(data, kTrainedCategories, QuickOptions(), storage.Callbacks());
  REQUIRE(trained.has_value());
  CHECK(storage.checkpoints.size() == 8);  // validation, three folds, three manners, final
  CHECK(storage.checkpoints.count("manner-3") == 1);
  // Heads, calibration and what was held out by label are those of the same data without groups.
  const TrainedModel plain = Train();
  CHECK(SameBits(trained->held_out.dense, plain.held_out.dense));
  CHECK(SameBits(trained->held_out.lexical, plain.held_out.lexical));
  CHECK(trained->model.full.calibration.dense_weight == plain.model.full.calibration.dense_weight);
  CHECK(trained->model.full.calibration.open_bias == plain.model.full.calibration.open_bias);
  CHECK(trained->model.full.thresholds.new_novelty != plain.model.full.thresholds.new_novelty);
  CHECK(trained->model.instant.thresholds.new_novelty !=
        plain.model.instant.thresholds.new_novelty);
  // A run that was stopped among the manners goes on to the same model.
  Storage stopped;
  stopped.cancel_after = storage.epochs_run.size() - trained->epochs - 1;
  CHECK_FALSE(
      TrainModel(data, kTrainedCategories, QuickOptions(), stopped.Callbacks()).has_value());
  stopped.cancel_after = static_cast<std::size_t>(-1);
  const Result<TrainedModel> resumed =
      TrainModel(data, kTrainedCategories, QuickOptions(), stopped.Callbacks());
  REQUIRE(resumed.has_value());
  CHECK(FileOf(resumed->model) == FileOf(trained->model));
  data.groups.pop_back();
  CHECK(Contains(Refusal(data, kTrainedCategories, QuickOptions()), "groups for"));
}

TEST_CASE("a manner without which a category would have no row is not left out") {
  TrainingData data = Data();
  const auto runs = [&] {
    Storage storage;
    REQUIRE(TrainModel(data, kTrainedCategories, QuickOptions(), storage.Callbacks()).has_value());
    return storage.checkpoints;
  };
  for (const int label : data.labels) data.groups.push_back(label == 1 ? 1 : 0);
  CHECK(runs().count("manner-1") == 0);
  // Likewise with one manner alone, and for the open set.
  data.groups.assign(data.rows(), 4);
  CHECK(runs().count("manner-1") == 0);
  for (std::size_t row = 0; row < data.rows(); ++row) {
    data.groups[row] = data.labels[row] < 0 ? 0 : static_cast<int>(row % 3);
  }
  CHECK(runs().count("manner-1") == 0);
}

TEST_CASE("manners of writing are left out where centres say what is novel, too") {
  TrainingData data = MakeTrainingData({.noise = 0.05F});
  for (std::size_t row = 0; row < data.rows(); ++row) {
    data.groups.push_back(static_cast<int>(row % 2));
  }
  const Result<TrainedModel> trained = TrainModel(data, kTrainedCategories, QuickOptions());
  REQUIRE(trained.has_value());
  CHECK(trained->model.centres.rows() > 0);
  CHECK(trained->held_out.novelty.size() == data.rows());
  CHECK(trained->model.full.thresholds.auto_novelty <= trained->model.full.thresholds.new_novelty);
  CHECK(smartsynch::ParseModel(FileOf(trained->model)).has_value());
}

TEST_CASE("the same input gives the same model file, on every host and in every build") {
  const std::string bytes = FileOf(Train().model);
  CHECK(bytes == FileOf(Train().model));
  CHECK(Sha256Hex(bytes) == "5828a523d1745fb82c0e8ebd54791428fe7d12bdd005c827102aa8a3e1a278bc");
}

TEST_CASE(
    "training is cancelled after an epoch of any run, and goes on from there to the same model") {
  Storage whole;
  const std::string expected = FileOf(Train(whole.Callbacks()).model);
  for (std::size_t epochs = 1; epochs <= whole.epochs_run.size(); epochs += 7) {
    Storage storage;
    storage.cancel_after = epochs;
    const Result<TrainedModel> cancelled =
        TrainModel(Data(), kTrainedCategories, QuickOptions(), storage.Callbacks());
    REQUIRE_FALSE(cancelled.has_value());
    CHECK(cancelled.error().code == ErrorCode::kCancelled);
    storage.cancel_after = static_cast<std::size_t>(-1);
    CHECK(FileOf(Train(storage.Callbacks()).model) == expected);
    CHECK(storage.epochs_run == whole.epochs_run);  // each epoch was run once
  }
}

TEST_CASE("damaged and foreign checkpoints are ignored") {
  const std::string expected = FileOf(Train().model);
  Storage storage;
  Train(storage.Callbacks());
  storage.checkpoints["validation"] = "damaged";
  storage.checkpoints["fold-2"] = storage.checkpoints["fold-1"];
  storage.checkpoints["fold-3"].back() ^= 1;
  storage.checkpoints["final"].resize(100);
  CHECK(FileOf(Train(storage.Callbacks()).model) == expected);
}

TEST_CASE("a stored run that went on for longer than is now wanted starts anew") {
  // Another share for validation leaves the folds as they are, but finds another number of epochs.
  TrainingData noisy = MakeTrainingData({.noise = 0.6F, .seed = 3});
  for (std::size_t row = 0; row < noisy.rows(); row += 3) {  // labels to learn by heart
    noisy.labels[row] = (noisy.labels[row] + 1) % 3;
  }
  const auto train = [&](const TrainModelCallbacks& callbacks, double fraction) {
    TrainModelOptions options = QuickOptions();
    options.trainer.epochs = 12;
    options.trainer.learning_rate = 0.1F;
    options.trainer.lexical_learning_rate = 0.3F;
    options.folds = 2;
    options.validation_fraction = fraction;
    Result<TrainedModel> trained = TrainModel(noisy, kTrainedCategories, options, callbacks);
    REQUIRE(trained.has_value());
    return std::move(*trained);
  };
  const std::size_t most = train({}, 0.2).epochs;
  const std::size_t fewer = train({}, 0.5).epochs;
  REQUIRE(fewer < most);
  Storage storage;
  train(storage.Callbacks(), 0.2);
  CHECK(FileOf(train(storage.Callbacks(), 0.5).model) == FileOf(train({}, 0.5).model));
}

TEST_CASE("data and options out of range are refused") {
  const auto refusal = [](const auto& change) {
    TrainModelOptions options = QuickOptions();
    change(options);
    return Refusal(Data(), kTrainedCategories, options);
  };
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  CHECK(Contains(refusal([](auto& o) { o.folds = 1; }), "folds"));
  CHECK(Contains(refusal([](auto& o) { o.folds = 0; }), "folds"));
  for (const double bad : {-0.1, 1.0, 1.5, kNan}) {
    CHECK(Contains(refusal([&](auto& o) { o.validation_fraction = bad; }), "validation_fraction"));
  }
  for (const double bad : {-0.1, 1.1, kNan}) {
    CHECK(Contains(refusal([&](auto& o) { o.thresholds.precision = bad; }), "precision"));
    CHECK(Contains(refusal([&](auto& o) { o.thresholds.false_new = bad; }), "false_new"));
  }
  for (const double bad : {-0.1, 1.0, kNan}) {
    CHECK(Contains(refusal([&](auto& o) { o.thresholds.open_share = bad; }), "open_share"));
  }
  CHECK(Contains(refusal([](auto& o) { o.thresholds.z = kNan; }), "z must be"));
  CHECK(Contains(refusal([](auto& o) { o.thresholds.z = -1.0; }), "z must be"));
  CHECK(Contains(refusal([](auto& o) { o.trainer.hidden = 0; }), "hidden"));
  CHECK(Contains(Refusal(Data(), {{"a", "A"}}, QuickOptions()), "1 categories for data with 3"));
  TrainingData bad = Data();
  bad.labels[3] = 3;
  CHECK(Contains(Refusal(bad, kTrainedCategories, QuickOptions()), "labels[3]"));
  CHECK(Refusal({}, {}, QuickOptions()) != "accepted");
}

TEST_CASE("training that diverges is reported, not written") {
  TrainModelOptions options = QuickOptions();
  options.trainer.learning_rate = 10.0F;
  options.trainer.weight_decay = 10.0F;  // each step multiplies the weights by -99
  options.trainer.epochs = 30;
  CHECK(Contains(Refusal(Data(), kTrainedCategories, options), "diverged"));
}

TEST_CASE("categories with fewer samples than folds") {
  TrainModelOptions options = QuickOptions();
  options.folds = 5;
  const TrainingData rare = MakeTrainingData({.rows_per_category = {30, 2, 1}});
  const Result<TrainedModel> trained = TrainModel(rare, kTrainedCategories, options);
  REQUIRE(trained.has_value());
  CHECK(smartsynch::ParseModel(FileOf(trained->model)).has_value());
  // One sample each and an open set to validate on: as many epochs as allowed, not just one.
  const TrainingData single =
      MakeTrainingData({.rows_per_category = {1, 1, 1}, .open_set_rows = 10});
  const Result<TrainedModel> few = TrainModel(single, kTrainedCategories, options);
  REQUIRE(few.has_value());
  CHECK(few->epochs == options.trainer.epochs);
}

TEST_CASE("too few samples to hold any out are refused in words") {
  TrainModelOptions options = QuickOptions();
  const TrainingData one = MakeTrainingData({.rows_per_category = {1}});
  CHECK(Contains(Refusal(one, {{"a", "A"}}, options), "two samples"));
  const TrainingData one_and_open =
      MakeTrainingData({.rows_per_category = {1}, .open_set_rows = 8});
  CHECK(Contains(Refusal(one_and_open, {{"a", "A"}}, options), "two samples"));
}

TEST_CASE("without open-set samples the model has no open set") {
  const TrainingData known = MakeTrainingData();
  const Result<TrainedModel> trained = TrainModel(known, kTrainedCategories, QuickOptions());
  REQUIRE(trained.has_value());
  CHECK_FALSE(trained->model.full.calibration.has_open_set);
  CHECK_FALSE(trained->model.instant.calibration.has_open_set);
  CHECK(smartsynch::ParseModel(FileOf(trained->model)).has_value());
}

TEST_CASE("a self-test sample is the model's own answer") {
  const Model model = smartsynch::testing::TinyModel();
  const auto sample =
      MakeSelfTestSample(model, "Fix login", "", smartsynch::testing::TinyEmbedding(1));
  CHECK(sample.title == "Fix login");
  CHECK(sample.embedding == smartsynch::testing::TinyEmbedding(1));
  CHECK(SameBits(sample.probabilities, model.self_test[0].probabilities));
  CHECK(sample.novelty == model.self_test[0].novelty);
}
