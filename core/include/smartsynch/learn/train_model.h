// From training data to a finished model: finds the number of epochs by early stopping, collects
// held-out logits by cross-validation, fits calibration and thresholds on them, and trains the
// final heads on everything.
//
// Where rows say in which manner they are written (TrainingData::groups), they are held out a
// second time, a whole manner at a time: heads answer for German notes, say, having seen none.
// Thresholds are chosen on those answers, so that their promise also holds on boards that differ
// from the training data. Not so when that would leave a category without a row to train on.
//
// Thread safety: pure but for the callbacks, which run on the calling thread.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "smartsynch/base/status.h"
#include "smartsynch/decide/category.h"
#include "smartsynch/learn/calibrate.h"
#include "smartsynch/learn/few_rows.h"
#include "smartsynch/learn/trainer.h"
#include "smartsynch/learn/training_data.h"
#include "smartsynch/model/model.h"

namespace smartsynch {

struct TrainModelOptions {
  TrainerOptions trainer;
  std::size_t members = 1;            // heads from different starts, whose mean answers
  FewRowsOptions few_rows;            // what changes in both where there are few rows
  double validation_fraction = 0.15;  // for early stopping, stratified; 0 or more, below 1
  std::size_t folds = 5;              // for held-out logits; 2 or more
  ThresholdOptions thresholds;
};

struct TrainModelCallbacks {
  // After every epoch of every run: "validation", "fold-1" …, "manner-1" …, "final"; with few rows
  // also "fold-1-member-2" …, "final-member-2" …. Return false to cancel.
  std::function<bool(const std::string& run, const EpochMetrics&, std::size_t epochs)> on_epoch;
  // Optional storage of checkpoints by run. What `load` returns is continued; checkpoints that are
  // damaged, foreign or beyond the epochs wanted are ignored and the run starts anew.
  std::function<void(const std::string& run, std::string_view bytes)> save_checkpoint;
  std::function<std::optional<std::string>(const std::string& run)> load_checkpoint;
};

struct TrainedModel {
  // Complete but for encoder_sha256, vocabulary_sha256, token_table_sha256, self_test and
  // provenance, which only the caller knows.
  Model model;
  std::vector<EpochMetrics> history;  // of the validation run: the learning curve
  std::size_t epochs = 0;             // what early stopping chose, or all with few rows
  HeldOutLogits held_out;             // of every data row, or of the calibration rows
};

// `categories[i]` is what label i means. A category with fewer samples than folds is still trained
// on, and held out in as many folds as it has samples. Fails with kInvalidArgument for data or
// options out of range, fewer than two samples of a category, or training that diverges, and with
// kCancelled when a callback says so.
Result<TrainedModel> TrainModel(const TrainingData& data, const std::vector<Category>& categories,
                                const TrainModelOptions& options,
                                const TrainModelCallbacks& callbacks = {});

// Records the model's own answer for the sample's text and embeddings, the second of them empty for
// a model without a token head.
SelfTestSample MakeSelfTestSample(const Model& model, std::string title, std::string description,
                                  std::vector<float> embedding,
                                  std::vector<float> token_embedding = {});

}  // namespace smartsynch
