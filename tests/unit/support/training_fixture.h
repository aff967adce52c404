// Small made-up training data and runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "smartsynch/learn/trainer.h"
#include "smartsynch/learn/training_data.h"

namespace smartsynch::testing {

struct FixtureOptions {
  std::vector<std::size_t> rows_per_category = {20, 20, 20};
  std::size_t open_set_rows = 0;
  std::size_t dimension = 8;
  float noise = 0.2F;  // of an embedding, against a centre of length one
  std::size_t bucket_bits = 6;
  std::uint64_t seed = 1;
  std::size_t token_dimension = 0;  // of token embeddings, twice as noisy; 0: none
};

// Each category (and the open set) has a centre of its own among the axes and three lexical
// features of its own, to which two at random are added; rows of all labels are interleaved.
TrainingData MakeTrainingData(const FixtureOptions& options = {});

// 6 epochs of 8 hidden units: quick, and enough for the separable data above.
TrainerOptions QuickTrainer();

// begin, begin + step, … below end.
std::vector<std::size_t> Rows(std::size_t begin, std::size_t end, std::size_t step = 1);

// Fails the test when Create does.
Trainer MakeTrainer(const TrainingData& data, const std::vector<std::size_t>& train,
                    const std::vector<std::size_t>& validation, const TrainerOptions& options);

void RunToEnd(Trainer& trainer);

}  // namespace smartsynch::testing
