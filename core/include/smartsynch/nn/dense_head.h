// The head on the sentence embedding: Dense(hidden), ReLU, Dense(outputs). Dropout belongs to
// training (learn/trainer.h); here every unit is on.
//
// Shapes are row-major [rows, columns]. Of the `outputs` columns, the last is the open-set logit
// and the others are the categories', in the model's order. Thread safety: a plain value.
#pragma once

#include <cstddef>
#include <vector>

namespace smartsynch {

struct DenseHead {
  std::size_t input = 0;    // embedding dimension, 384 for MiniLM
  std::size_t hidden = 0;   // 128 by default
  std::size_t outputs = 0;  // categories + 1
  std::vector<float> w1;    // [input, hidden]
  std::vector<float> b1;    // [hidden]
  std::vector<float> w2;    // [hidden, outputs]
  std::vector<float> b2;    // [outputs]

  // `embeddings`: [rows, input]; writes `logits`: [rows, outputs]. A row's result does not depend
  // on the other rows.
  void Forward(const float* embeddings, std::size_t rows, float* logits) const;
};

}  // namespace smartsynch
