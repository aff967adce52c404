#include "smartsynch/learn/disagreements.h"

#include <algorithm>
#include <string>
#include <utility>

#include "smartsynch/learn/split.h"
#include "smartsynch/learn/trainer.h"
#include "smartsynch/nn/dense_head.h"
#include "smartsynch/nn/math.h"

namespace smartsynch {
namespace {

// Probabilities of every category and, last, of none of them.
std::vector<float> Probabilities(const DenseHead& head, const float* embedding, bool has_open_set) {
  std::vector<float> values(head.outputs);
  head.Forward(embedding, 1, values.data());
  const float none = has_open_set ? Sigmoid(values.back()) : 0.0F;
  values.pop_back();
  const float highest = *std::max_element(values.begin(), values.end());
  for (float& value : values) value -= highest;
  ExpAll(values.data(), values.data(), values.size());
  float sum = 0.0F;
  for (const float value : values) sum += value;
  for (float& value : values) value *= (1.0F - none) / sum;
  values.push_back(none);
  return values;
}

}  // namespace

Result<std::vector<Disagreement>> FindDisagreements(const TrainingData& data,
                                                    const DisagreementOptions& options,
                                                    const ProgressCallback& progress) {
  if (options.folds < 2 || options.folds > data.rows()) {
    return Fail(ErrorCode::kInvalidArgument,
                "found " + std::to_string(options.folds) + " folds for " +
                    std::to_string(data.rows()) + " rows, expected 2 or more and a row for each",
                "folds");
  }
  TrainingData plain;  // the dense head's inputs alone
  plain.embeddings = data.embeddings;
  plain.dimension = data.dimension;
  plain.lexical_features.resize(data.rows());
  plain.labels = data.labels;
  plain.weights = data.weights;
  plain.categories = data.categories;
  TrainerOptions training;
  training.epochs = options.epochs;
  training.seed = options.seed;
  training.bucket_bits = 1;
  const bool has_open_set =
      std::find(data.labels.begin(), data.labels.end(), kOpenSetLabel) != data.labels.end();
  const std::vector<std::size_t> fold_of =
      StratifiedFolds(data.labels, options.folds, options.seed);
  std::vector<Disagreement> found;
  for (std::size_t fold = 0; fold < options.folds; ++fold) {
    std::vector<std::size_t> inside;
    for (std::size_t row = 0; row < data.rows(); ++row) {
      if (fold_of[row] != fold) inside.push_back(row);
    }
    Result<Trainer> trainer = Trainer::Create(plain, std::move(inside), {}, training);
    if (!trainer) return tl::unexpected(trainer.error());
    while (!trainer->finished()) {
      trainer->RunEpoch();
      const std::size_t done = fold * options.epochs + trainer->history().size();
      if (progress && !progress(done, options.folds * options.epochs)) {
        return Fail(ErrorCode::kCancelled, "cross-validation was cancelled");
      }
    }
    for (std::size_t row = 0; row < data.rows(); ++row) {
      if (fold_of[row] != fold) continue;
      const std::vector<float> probabilities = Probabilities(
          trainer->Best().dense, data.embeddings.data() + row * data.dimension, has_open_set);
      const auto best = static_cast<std::size_t>(
          std::max_element(probabilities.begin(), probabilities.end()) - probabilities.begin());
      const std::size_t given = data.labels[row] == kOpenSetLabel
                                    ? data.categories
                                    : static_cast<std::size_t>(data.labels[row]);
      if (best == given) continue;
      found.push_back({row, best == data.categories ? kOpenSetLabel : static_cast<int>(best),
                       probabilities[best], probabilities[given]});
    }
  }
  const auto distance = [](const Disagreement& d) { return d.confidence - d.given_confidence; };
  std::sort(found.begin(), found.end(), [&](const Disagreement& a, const Disagreement& b) {
    return distance(a) != distance(b) ? distance(a) > distance(b) : a.row < b.row;
  });
  return found;
}

}  // namespace smartsynch
