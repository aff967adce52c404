#include "smartsynch/learn/cross_validate.h"

#include <algorithm>
#include <string>
#include <utility>

#include "smartsynch/learn/split.h"

namespace smartsynch {

TrainingData SelectRows(const TrainingData& data, const std::vector<std::size_t>& rows) {
  TrainingData selected;
  selected.dimension = data.dimension;
  selected.token_dimension = data.token_dimension;
  selected.categories = data.categories;
  selected.embeddings.reserve(rows.size() * data.dimension);
  for (const std::size_t row : rows) {
    const float* embedding = data.embeddings.data() + row * data.dimension;
    selected.embeddings.insert(selected.embeddings.end(), embedding, embedding + data.dimension);
    const float* token = data.token_embeddings.data() + row * data.token_dimension;
    selected.token_embeddings.insert(selected.token_embeddings.end(), token,
                                     token + data.token_dimension);
    selected.lexical_features.push_back(data.lexical_features[row]);
    selected.labels.push_back(data.labels[row]);
    selected.weights.push_back(data.weights[row]);
    if (!data.groups.empty()) selected.groups.push_back(data.groups[row]);
    if (std::binary_search(data.calibration_rows.begin(), data.calibration_rows.end(), row)) {
      selected.calibration_rows.push_back(selected.rows() - 1);
    }
  }
  return selected;
}

namespace {

// The fold of each row; rows that are never held out have the number `folds`.
std::vector<std::size_t> FoldsOfRows(const TrainingData& data,
                                     const CrossValidationOptions& options, std::size_t round) {
  const std::uint64_t seed = options.seed + round;
  if (data.calibration_rows.empty()) return StratifiedFolds(data.labels, options.folds, seed);
  std::vector<int> labels;
  for (const std::size_t row : data.calibration_rows) labels.push_back(data.labels[row]);
  const std::vector<std::size_t> dealt = StratifiedFolds(labels, options.folds, seed);
  std::vector<std::size_t> fold_of(data.rows(), options.folds);
  for (std::size_t i = 0; i < dealt.size(); ++i) fold_of[data.calibration_rows[i]] = dealt[i];
  return fold_of;
}

}  // namespace

Status CrossValidate(const TrainingData& data, const std::vector<Category>& categories,
                     const CrossValidationOptions& options, const FoldCallback& on_fold,
                     const ProgressCallback& progress) {
  if (options.folds < 2 || options.folds > data.rows()) {
    return Fail(ErrorCode::kInvalidArgument,
                "found " + std::to_string(options.folds) + " folds for " +
                    std::to_string(data.rows()) + " rows, expected 2 or more and a row for each",
                "folds");
  }
  if (options.repeats == 0) {
    return Fail(ErrorCode::kInvalidArgument, "found no round, expected 1 or more", "repeats");
  }
  const std::size_t total = options.repeats * options.folds;
  std::size_t done = 0;
  TrainModelCallbacks callbacks;
  callbacks.on_epoch = [&](const std::string&, const EpochMetrics&, std::size_t) {
    return !progress || progress(done, total);
  };
  for (std::size_t round = 0; round < options.repeats; ++round) {
    const std::vector<std::size_t> fold_of = FoldsOfRows(data, options, round);
    for (std::size_t f = 0; f < options.folds; ++f) {
      CrossValidationFold fold{round, f, {}};
      std::vector<std::size_t> inside;
      for (std::size_t row = 0; row < data.rows(); ++row) {
        (fold_of[row] == f ? fold.held_out : inside).push_back(row);
      }
      const Result<TrainedModel> trained =
          TrainModel(SelectRows(data, inside), categories, options.training, callbacks);
      if (!trained) return tl::unexpected(trained.error());
      if (Status status = on_fold(fold, trained->model); !status) return status;
      ++done;
      if (progress && !progress(done, total)) {
        return Fail(ErrorCode::kCancelled, "cross-validation was cancelled");
      }
    }
  }
  return {};
}

}  // namespace smartsynch
