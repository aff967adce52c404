#include "support/training_fixture.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "smartsynch/base/random.h"

namespace smartsynch::testing {
namespace {

std::vector<int> ShuffledLabels(const FixtureOptions& options, Random& random) {
  std::vector<int> labels(options.open_set_rows, kOpenSetLabel);
  for (std::size_t c = 0; c < options.rows_per_category.size(); ++c) {
    labels.insert(labels.end(), options.rows_per_category[c], static_cast<int>(c));
  }
  random.Shuffle(labels);
  return labels;
}

void AppendEmbedding(std::size_t dimension, float noise, std::size_t axis, Random& random,
                     std::vector<float>& embeddings) {
  std::vector<float> embedding(dimension);
  float squares = 0.0F;
  for (std::size_t d = 0; d < dimension; ++d) {
    embedding[d] = noise * random.NextNormal() + (d == axis ? 1.0F : 0.0F);
    squares += embedding[d] * embedding[d];
  }
  for (float& value : embedding) value /= std::sqrt(squares);
  embeddings.insert(embeddings.end(), embedding.begin(), embedding.end());
}

std::vector<std::uint32_t> Features(const FixtureOptions& options, std::size_t axis,
                                    Random& random) {
  const auto buckets = static_cast<std::uint32_t>(std::size_t{1} << options.bucket_bits);
  const auto first = static_cast<std::uint32_t>(axis * 3);
  std::vector<std::uint32_t> features = {first, first + 1, first + 2};
  for (int i = 0; i < 2; ++i) features.push_back(random.NextBelow(buckets));
  std::sort(features.begin(), features.end());
  features.erase(std::unique(features.begin(), features.end()), features.end());
  return features;
}

}  // namespace

TrainingData MakeTrainingData(const FixtureOptions& options) {
  Random random(options.seed);
  TrainingData data;
  data.dimension = options.dimension;
  data.categories = options.rows_per_category.size();
  data.labels = ShuffledLabels(options, random);
  data.weights.assign(data.labels.size(), 1.0F);
  for (const int label : data.labels) {
    const std::size_t axis =
        label == kOpenSetLabel ? data.categories : static_cast<std::size_t>(label);
    AppendEmbedding(options.dimension, options.noise, axis, random, data.embeddings);
    data.lexical_features.push_back(Features(options, axis, random));
  }
  if (options.token_dimension == 0) return data;
  data.token_dimension = options.token_dimension;
  Random token_random(options.seed + 1000);
  for (const int label : data.labels) {
    const std::size_t axis =
        label == kOpenSetLabel ? data.categories : static_cast<std::size_t>(label);
    AppendEmbedding(options.token_dimension, 2.0F * options.noise, axis, token_random,
                    data.token_embeddings);
  }
  return data;
}

TrainerOptions QuickTrainer() {
  TrainerOptions options;
  options.hidden = 8;
  options.epochs = 6;
  options.batch_size = 8;
  options.learning_rate = 0.03F;
  options.bucket_bits = 6;
  options.seed = 5;
  return options;
}

std::vector<std::size_t> Rows(std::size_t begin, std::size_t end, std::size_t step) {
  std::vector<std::size_t> rows;
  for (std::size_t row = begin; row < end; row += step) rows.push_back(row);
  return rows;
}

Trainer MakeTrainer(const TrainingData& data, const std::vector<std::size_t>& train,
                    const std::vector<std::size_t>& validation, const TrainerOptions& options) {
  Result<Trainer> trainer = Trainer::Create(data, train, validation, options);
  REQUIRE(trainer.has_value());
  return std::move(*trainer);
}

void RunToEnd(Trainer& trainer) {
  while (!trainer.finished()) trainer.RunEpoch();
}

}  // namespace smartsynch::testing
