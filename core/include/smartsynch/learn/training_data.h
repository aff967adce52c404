// What the trainer sees of each sample: numbers only, no text.
// Thread safety: plain values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace smartsynch {

// The label of a sample that belongs to no category (an open-set sample).
inline constexpr int kOpenSetLabel = -1;

struct TrainingData {
  std::size_t dimension = 0;                                 // of an embedding
  std::size_t categories = 0;                                // labels are 0..categories-1
  std::vector<float> embeddings;                             // [rows, dimension], L2-normalised
  std::vector<std::vector<std::uint32_t>> lexical_features;  // per row; text/lexical_features.h
  std::size_t token_dimension = 0;      // of a token table's embedding; 0: no token head is trained
  std::vector<float> token_embeddings;  // [rows, token_dimension], L2-normalised
  std::vector<int> labels;              // category index or kOpenSetLabel
  std::vector<float> weights;           // 0..1, the sample's confidence
  // Rows whose labels the encoder itself has not seen, ascending. Where there are any, early
  // stopping, calibration and thresholds look at these alone: on the others an encoder that was
  // trained with their labels is surer than it will be on new tasks. Empty: all rows are alike.
  std::vector<std::size_t> calibration_rows;
  // The manner of writing of each row: its language and style, as any number. A new user's board
  // differs from the training data in just this way, so thresholds are chosen on rows whose whole
  // manner the heads have not seen (TrainModel()). Empty: unknown.
  std::vector<int> groups;

  std::size_t rows() const { return labels.size(); }
};

}  // namespace smartsynch
