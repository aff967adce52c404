#include "smartsynch/learn/trainer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "support/tiny_model.h"
#include "support/training_fixture.h"

using smartsynch::EpochMetrics;
using smartsynch::ErrorCode;
using smartsynch::Result;
using smartsynch::TrainedHeads;
using smartsynch::Trainer;
using smartsynch::TrainerOptions;
using smartsynch::TrainingData;
using smartsynch::testing::Contains;
using smartsynch::testing::MakeTrainer;
using smartsynch::testing::MakeTrainingData;
using smartsynch::testing::QuickTrainer;
using smartsynch::testing::Rows;
using smartsynch::testing::RunToEnd;

namespace {

std::size_t ArgMax(const std::vector<float>& values, std::size_t count) {
  const auto end = values.begin() + static_cast<std::ptrdiff_t>(count);
  return static_cast<std::size_t>(std::max_element(values.begin(), end) - values.begin());
}

// Share of the rows of `label` that a head alone puts first.
double DenseRecall(const TrainedHeads& heads, const TrainingData& data, int label) {
  std::size_t total = 0;
  std::size_t right = 0;
  std::vector<float> logits(heads.dense.outputs);
  for (std::size_t row = 0; row < data.rows(); ++row) {
    if (data.labels[row] != label) continue;
    heads.dense.Forward(data.embeddings.data() + row * data.dimension, 1, logits.data());
    ++total;
    right += ArgMax(logits, data.categories) == static_cast<std::size_t>(label) ? 1 : 0;
  }
  return static_cast<double>(right) / static_cast<double>(total);
}

double LexicalRecall(const TrainedHeads& heads, const TrainingData& data, int label) {
  std::size_t total = 0;
  std::size_t right = 0;
  const std::size_t outputs = data.categories + 1;
  for (std::size_t row = 0; row < data.rows(); ++row) {
    if (data.labels[row] != label) continue;
    std::vector<float> logits(outputs);
    for (const std::uint32_t feature : data.lexical_features[row]) {
      for (std::size_t o = 0; o < outputs; ++o) logits[o] += heads.lexical[feature * outputs + o];
    }
    ++total;
    right += ArgMax(logits, data.categories) == static_cast<std::size_t>(label) ? 1 : 0;
  }
  return static_cast<double>(right) / static_cast<double>(total);
}

std::string Refusal(const TrainingData& data, const TrainerOptions& options,
                    const std::vector<std::size_t>& train = {0, 1},
                    const std::vector<std::size_t>& validation = {}) {
  const Result<Trainer> trainer = Trainer::Create(data, train, validation, options);
  if (trainer.has_value()) return "accepted";
  CHECK(trainer.error().code == ErrorCode::kInvalidArgument);
  CHECK_FALSE(trainer.error().field.empty());
  return trainer.error().message;
}

}  // namespace

TEST_CASE("both heads learn separable data, each by itself") {
  const TrainingData data = MakeTrainingData({.open_set_rows = 20});
  Trainer trainer = MakeTrainer(data, Rows(0, 60), Rows(60, 80), QuickTrainer());
  RunToEnd(trainer);
  const TrainedHeads& heads = trainer.Best();
  for (int label = 0; label < 3; ++label) {
    CHECK(DenseRecall(heads, data, label) >= 0.95);
    CHECK(LexicalRecall(heads, data, label) >= 0.95);
  }
  const std::vector<EpochMetrics>& history = trainer.history();
  CHECK(history.front().train_loss > history.back().train_loss);
  CHECK(history[heads.best_epoch - 1].validation_accuracy >= 0.95F);
  CHECK(history[heads.best_epoch - 1].is_best);
}

TEST_CASE("a token head is trained beside the others, which stay as they are without it") {
  const TrainingData data = MakeTrainingData({.open_set_rows = 20, .token_dimension = 6});
  Trainer trainer = MakeTrainer(data, Rows(0, 60), Rows(60, 80), QuickTrainer());
  RunToEnd(trainer);
  TrainedHeads heads = trainer.Best();
  CHECK(heads.token.input == 6);
  CHECK(heads.token.outputs == 4);
  std::size_t right = 0;
  std::size_t known = 0;
  std::vector<float> logits(4);
  for (std::size_t row = 0; row < data.rows(); ++row) {
    if (data.labels[row] < 0) continue;
    heads.token.Forward(data.token_embeddings.data() + row * 6, 1, logits.data());
    right += ArgMax(logits, data.categories) == static_cast<std::size_t>(data.labels[row]) ? 1 : 0;
    ++known;
  }
  CHECK(static_cast<double>(right) / static_cast<double>(known) >= 0.9);
  for (int label = 0; label < 3; ++label) CHECK(DenseRecall(heads, data, label) >= 0.95);

  const TrainingData without = MakeTrainingData({.open_set_rows = 20});
  Trainer plain = MakeTrainer(without, Rows(0, 60), Rows(60, 80), QuickTrainer());
  CHECK(plain.Best().token.input == 0);

  TrainingData bad = data;
  bad.token_embeddings.pop_back();
  CHECK(Contains(Refusal(bad, QuickTrainer()), "columns of different length"));
  bad = data;
  bad.token_embeddings[6 * 3 + 1] = std::numeric_limits<float>::infinity();
  CHECK(Contains(Refusal(bad, QuickTrainer()), "token_embeddings[3] is not finite"));
}

TEST_CASE("the open-set logit rises for samples of no category") {
  const TrainingData data = MakeTrainingData({.open_set_rows = 30});
  Trainer trainer = MakeTrainer(data, Rows(0, data.rows()), {}, QuickTrainer());
  RunToEnd(trainer);
  std::vector<float> logits(4);
  std::size_t right = 0;
  for (std::size_t row = 0; row < data.rows(); ++row) {
    trainer.Best().dense.Forward(data.embeddings.data() + row * data.dimension, 1, logits.data());
    right += (logits[3] > 0.0F) == (data.labels[row] < 0) ? 1 : 0;
  }
  CHECK(static_cast<double>(right) / static_cast<double>(data.rows()) >= 0.95);
}

TEST_CASE("epochs are counted, and the best is the one with the lowest validation loss") {
  const TrainingData data = MakeTrainingData();
  Trainer trainer = MakeTrainer(data, Rows(0, 40), Rows(40, 60), QuickTrainer());
  float lowest = std::numeric_limits<float>::infinity();
  std::size_t best = 0;
  for (std::size_t epoch = 1; !trainer.finished(); ++epoch) {
    const EpochMetrics metrics = trainer.RunEpoch();
    CHECK(metrics.epoch == epoch);
    CHECK(metrics.is_best == (metrics.validation_loss < lowest));
    if (metrics.is_best) best = epoch;
    lowest = std::min(lowest, metrics.validation_loss);
  }
  CHECK(trainer.Best().best_epoch == best);
  CHECK(trainer.history().size() <= 6);
}

TEST_CASE("without validation the last epoch is the best, and all are run") {
  const TrainingData data = MakeTrainingData();
  TrainerOptions options = QuickTrainer();
  options.patience = 1;
  Trainer trainer = MakeTrainer(data, Rows(0, 60), {}, options);
  RunToEnd(trainer);
  CHECK(trainer.history().size() == 6);
  CHECK(trainer.Best().best_epoch == 6);
  CHECK(trainer.history().back().validation_loss == 0.0F);
}

TEST_CASE("validation rows of the open set alone are no validation") {
  const TrainingData data = MakeTrainingData({.open_set_rows = 10});
  std::vector<std::size_t> known;
  std::vector<std::size_t> open;
  for (const std::size_t row : Rows(0, data.rows())) {
    (data.labels[row] < 0 ? open : known).push_back(row);
  }
  TrainerOptions options = QuickTrainer();
  options.patience = 1;
  Trainer trainer = MakeTrainer(data, known, open, options);
  RunToEnd(trainer);
  CHECK(trainer.history().size() == 6);
  CHECK(trainer.Best().best_epoch == 6);
}

TEST_CASE("training stops when validation has not improved for as long as the patience") {
  TrainingData data = MakeTrainingData({.noise = 1.0F});
  // Labels that nothing explains: every epoch learned by heart makes validation worse.
  for (std::size_t row = 0; row < data.rows(); ++row) data.labels[row] = static_cast<int>(row % 3);
  TrainerOptions options = QuickTrainer();
  options.epochs = 200;
  options.patience = 3;
  Trainer trainer = MakeTrainer(data, Rows(0, 40), Rows(40, 60), options);
  RunToEnd(trainer);
  CHECK(trainer.history().size() < 200);
  CHECK(trainer.history().size() == trainer.Best().best_epoch + 3);
  options.epochs = 12;
  options.patience = static_cast<std::size_t>(-1);  // never stop early
  Trainer patient = MakeTrainer(data, Rows(0, 40), Rows(40, 60), options);
  RunToEnd(patient);
  CHECK(patient.history().size() == 12);
}

TEST_CASE("class balance keeps a rare category from being forgotten") {
  const TrainingData data =
      MakeTrainingData({.rows_per_category = {190, 10}, .noise = 0.55F, .seed = 3});
  TrainerOptions options = QuickTrainer();
  options.learning_rate = 0.003F;
  options.epochs = 8;
  double recall[2] = {0.0, 0.0};
  for (const bool balance : {false, true}) {
    options.balance_classes = balance;
    Trainer trainer = MakeTrainer(data, Rows(0, 200), {}, options);
    RunToEnd(trainer);
    recall[balance ? 1 : 0] = DenseRecall(trainer.Best(), data, 1);
  }
  CHECK(recall[1] >= 0.7);
  CHECK(recall[1] >= recall[0] + 0.2);
}

TEST_CASE("a sample's weight counts: wrong labels of weight zero do no harm") {
  TrainingData data = MakeTrainingData();
  for (const std::size_t row : Rows(0, 60, 2)) {
    data.labels[row] = (data.labels[row] + 1) % 3;
    data.weights[row] = 0.0F;
  }
  Trainer trainer = MakeTrainer(data, Rows(0, 60), {}, QuickTrainer());
  RunToEnd(trainer);
  const TrainingData truth = MakeTrainingData();
  for (int label = 0; label < 3; ++label) {
    CHECK(DenseRecall(trainer.Best(), truth, label) >= 0.95);
  }
}

TEST_CASE("the smallest runs: one row, one category, batches larger than the data") {
  const TrainingData data = MakeTrainingData({.rows_per_category = {1}});
  TrainerOptions options = QuickTrainer();
  options.batch_size = 65536;
  options.dropout = 0.0F;
  options.bucket_bits = 20;
  options.epochs = 1;
  Trainer trainer = MakeTrainer(data, {0}, {}, options);
  RunToEnd(trainer);
  CHECK(trainer.Best().best_epoch == 1);
  for (const float value : trainer.Best().dense.w1) CHECK(std::isfinite(value));
}

TEST_CASE("options out of range are refused by name") {
  const TrainingData data = MakeTrainingData();
  const auto refusal = [&](const auto& change) {
    TrainerOptions options = QuickTrainer();
    change(options);
    return Refusal(data, options);
  };
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  CHECK(Contains(refusal([](auto& o) { o.hidden = 0; }), "hidden must be"));
  CHECK(Contains(refusal([](auto& o) { o.hidden = 4097; }), "hidden must be"));
  for (const float bad : {-0.1F, 1.0F, kNan}) {
    CHECK(Contains(refusal([&](auto& o) { o.dropout = bad; }), "dropout must be"));
    CHECK(Contains(refusal([&](auto& o) { o.label_smoothing = bad; }), "label_smoothing must be"));
  }
  CHECK(Contains(refusal([](auto& o) { o.epochs = 0; }), "epochs must be"));
  CHECK(Contains(refusal([](auto& o) { o.epochs = 10001; }), "epochs must be"));
  CHECK(Contains(refusal([](auto& o) { o.patience = 0; }), "patience must be"));
  CHECK(Contains(refusal([](auto& o) { o.batch_size = 0; }), "batch_size must be"));
  CHECK(Contains(refusal([](auto& o) { o.batch_size = 65537; }), "batch_size must be"));
  for (const float bad : {0.0F, -1.0F, 11.0F, kNan}) {
    CHECK(Contains(refusal([&](auto& o) { o.learning_rate = bad; }), "learning_rate must be"));
    CHECK(Contains(refusal([&](auto& o) { o.lexical_learning_rate = bad; }),
                   "lexical_learning_rate must be"));
  }
  CHECK(Contains(refusal([](auto& o) { o.weight_decay = -1.0F; }), "weight_decay must be"));
  CHECK(Contains(refusal([](auto& o) { o.weight_decay = kNan; }), "weight_decay must be"));
  CHECK(Contains(refusal([](auto& o) { o.bucket_bits = 0; }), "bucket_bits must be"));
  CHECK(Contains(refusal([](auto& o) { o.bucket_bits = 21; }), "bucket_bits must be"));
}

TEST_CASE("data out of range is refused with the row") {
  const auto refusal = [](const auto& change) {
    TrainingData data = MakeTrainingData();
    change(data);
    return Refusal(data, QuickTrainer());
  };
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  CHECK(Contains(refusal([](auto& d) { d.labels[7] = 3; }), "labels[7] is 3, expected -1 to 2"));
  CHECK(Contains(refusal([](auto& d) { d.labels[7] = -2; }), "labels[7] is -2"));
  CHECK(Contains(refusal([](auto& d) { d.weights[5] = 1.5F; }), "weights[5]"));
  CHECK(Contains(refusal([](auto& d) { d.weights[5] = -0.5F; }), "weights[5]"));
  CHECK(Contains(refusal([](auto& d) { d.weights[5] = kNan; }), "weights[5]"));
  CHECK(Contains(refusal([](auto& d) { d.embeddings[8 * 9 + 7] = kNan; }), "embeddings[9]"));
  CHECK(Contains(refusal([](auto& d) { d.embeddings.pop_back(); }), "different length"));
  CHECK(Contains(refusal([](auto& d) { d.weights.pop_back(); }), "different length"));
  CHECK(Contains(refusal([](auto& d) { d.lexical_features.pop_back(); }), "different length"));
  CHECK(Contains(refusal([](auto& d) { d.dimension = 0; }), "dimension"));
  CHECK(Contains(refusal([](auto& d) { d.categories = 0; }), "category"));
  // Read as an index it would lie outside the weights.
  CHECK(Contains(refusal([](auto& d) { d.lexical_features[4].push_back(64); }),
                 "lexical_features[4] holds bucket 64, expected below 64"));
}

TEST_CASE("rows out of range, or none with a category, are refused") {
  TrainingData data = MakeTrainingData({.open_set_rows = 2});
  CHECK(Contains(Refusal(data, QuickTrainer(), {0, 62}), "beyond the data"));
  CHECK(Contains(Refusal(data, QuickTrainer(), {0, 1, 2}, {62}), "beyond the data"));
  CHECK(Contains(Refusal(data, QuickTrainer(), {}), "no sample of any category"));
  CHECK(Contains(Refusal(data, QuickTrainer(), {}, {0, 1}), "no sample of any category"));
  std::fill(data.labels.begin(), data.labels.end(), -1);
  CHECK(Contains(Refusal(data, QuickTrainer(), {0, 1}), "no sample of any category"));
  CHECK(Contains(Refusal({}, QuickTrainer(), {}), "dimension"));
}
