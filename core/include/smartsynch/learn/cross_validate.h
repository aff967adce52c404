// Repeated, stratified k-fold cross-validation of the whole training: early stopping, calibration
// and thresholds are found anew inside each fold, so nothing of a held-out row reaches the model
// that answers for it.
//
//   Status status = CrossValidate(data, categories, options,
//       [&](const CrossValidationFold& fold, const Model& model) -> Status { Judge(...); ... });
//
// Thread safety: pure but for the callback, which runs on the calling thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "smartsynch/base/progress.h"
#include "smartsynch/base/status.h"
#include "smartsynch/decide/category.h"
#include "smartsynch/learn/train_model.h"
#include "smartsynch/learn/training_data.h"
#include "smartsynch/model/model.h"

namespace smartsynch {

struct CrossValidationOptions {
  TrainModelOptions training;  // training.folds are those inside a fold, for the calibration
  std::size_t folds = 5;       // 2 or more
  std::size_t repeats = 1;     // rounds, each with folds of its own; 1 or more
  std::uint64_t seed = 1;      // round r deals with seed + r
};

struct CrossValidationFold {
  std::size_t round = 0;              // from 0
  std::size_t fold = 0;               // from 0
  std::vector<std::size_t> held_out;  // rows of the data
};

// Gets each fold's model and the rows it has not seen; a failure ends the validation with it.
using FoldCallback = std::function<Status(const CrossValidationFold& fold, const Model& model)>;

// Rows `rows` of `data`, in that order.
TrainingData SelectRows(const TrainingData& data, const std::vector<std::size_t>& rows);

// `progress` counts folds and is asked after every epoch. Fails with kInvalidArgument for options
// out of range or more folds than rows, as TrainModel() does, and with kCancelled.
Status CrossValidate(const TrainingData& data, const std::vector<Category>& categories,
                     const CrossValidationOptions& options, const FoldCallback& on_fold,
                     const ProgressCallback& progress = {});

}  // namespace smartsynch
