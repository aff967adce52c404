// What the personal classifier is compared with, on the same float embeddings.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace smartsynch::bench {

struct Labelled {
  const std::vector<float>* embedding = nullptr;
  std::size_t label = 0;
};

// Vote of the five nearest by cosine; ties go to the nearer.
std::size_t NearestNeighbours(std::span<const Labelled> memory, const std::vector<float>& query);

// The class whose mean embedding is nearest by cosine.
class NearestMean {
 public:
  explicit NearestMean(std::span<const Labelled> memory);
  std::size_t Predict(const std::vector<float>& query) const;

 private:
  std::vector<std::vector<float>> means_;
};

// Softmax regression, classes weighted equally, trained from scratch on all there is: 60 epochs of
// AdamW, batches of 32.
class Retrained {
 public:
  Retrained(std::span<const Labelled> memory, std::size_t classes);
  std::size_t Predict(const std::vector<float>& query) const;

 private:
  std::size_t classes_;
  std::vector<float> weights_;  // [dimension, classes]
};

}  // namespace smartsynch::bench
