#include "bench/learning/baselines.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "smartsynch/base/random.h"
#include "smartsynch/learn/optimizer.h"
#include "smartsynch/nn/math.h"
#include "smartsynch/nn/matrix.h"

namespace smartsynch::bench {
namespace {

constexpr std::size_t kNeighbours = 5;
constexpr int kEpochs = 60;
constexpr std::size_t kBatch = 32;
constexpr float kRate = 1e-2F;
// Chosen on the validation split: embeddings have length one, so their logits are scaled; the decay
// is per step through the gradient, and every class weighs the same.
constexpr float kScale = 10.0F;
constexpr float kDecay = 0.03F;

float Cosine(const std::vector<float>& a, const std::vector<float>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0F);
}

std::size_t Best(const std::vector<float>& scores) {
  return static_cast<std::size_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
}

}  // namespace

std::size_t NearestNeighbours(std::span<const Labelled> memory, const std::vector<float>& query) {
  std::vector<std::pair<float, std::size_t>> near;
  for (const Labelled& row : memory) near.emplace_back(-Cosine(*row.embedding, query), row.label);
  const std::size_t count = std::min(kNeighbours, near.size());
  std::partial_sort(near.begin(), near.begin() + static_cast<std::ptrdiff_t>(count), near.end());
  std::map<std::size_t, std::size_t> votes;
  for (std::size_t i = 0; i < count; ++i) ++votes[near[i].second];
  std::size_t best = near.front().second;
  for (std::size_t i = 0; i < count; ++i) {
    if (votes[near[i].second] > votes[best]) best = near[i].second;
  }
  return best;
}

NearestMean::NearestMean(std::span<const Labelled> memory) {
  for (const Labelled& row : memory) {
    means_.resize(std::max(means_.size(), row.label + 1));
    std::vector<float>& mean = means_[row.label];
    mean.resize(row.embedding->size(), 0.0F);
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += (*row.embedding)[i];
  }
  for (std::vector<float>& mean : means_) {
    const float norm = std::sqrt(Cosine(mean, mean));
    for (float& value : mean) value /= norm;
  }
}

std::size_t NearestMean::Predict(const std::vector<float>& query) const {
  std::vector<float> scores;
  for (const auto& mean : means_) scores.push_back(mean.empty() ? -2.0F : Cosine(mean, query));
  return Best(scores);
}

Retrained::Retrained(std::span<const Labelled> memory, std::size_t classes) : classes_(classes) {
  const std::size_t dimension = memory.front().embedding->size();
  weights_.assign(dimension * classes, 0.0F);
  std::vector<float> class_weights(classes, 0.0F);
  for (const Labelled& row : memory) class_weights[row.label] += 1.0F;
  const auto present = static_cast<float>(std::count_if(class_weights.begin(), class_weights.end(),
                                                        [](float count) { return count > 0.0F; }));
  for (float& weight : class_weights) {
    if (weight > 0.0F) weight = static_cast<float>(memory.size()) / (present * weight);
  }
  AdamW adam;
  Random random(1);
  std::vector<std::size_t> order(memory.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const std::size_t steps = kEpochs * ((order.size() + kBatch - 1) / kBatch);
  std::size_t step = 0;
  for (int epoch = 0; epoch < kEpochs; ++epoch) {
    random.Shuffle(order);
    for (std::size_t start = 0; start < order.size(); start += kBatch, ++step) {
      const std::size_t rows = std::min(kBatch, order.size() - start);
      std::vector<float> inputs;
      for (std::size_t r = 0; r < rows; ++r) {
        const std::vector<float>& x = *memory[order[start + r]].embedding;
        inputs.insert(inputs.end(), x.begin(), x.end());
      }
      std::vector<float> outputs(rows * classes);
      MatMul(inputs.data(), weights_.data(), outputs.data(), rows, dimension, classes);
      for (std::size_t r = 0; r < rows; ++r) {
        float* row = outputs.data() + r * classes;
        for (std::size_t c = 0; c < classes; ++c) row[c] *= kScale;
        const float highest = *std::max_element(row, row + classes);
        float sum = 0.0F;
        for (std::size_t c = 0; c < classes; ++c) sum += row[c] = Exp(row[c] - highest);
        const std::size_t label = memory[order[start + r]].label;
        const float weight = kScale * class_weights[label] / static_cast<float>(rows);
        for (std::size_t c = 0; c < classes; ++c) row[c] *= weight / sum;
        row[label] -= weight;
      }
      std::vector<float> transposed(inputs.size());
      Transpose(inputs.data(), transposed.data(), rows, dimension);
      std::vector<float> gradient(weights_.size());
      MatMul(transposed.data(), outputs.data(), gradient.data(), dimension, rows, classes);
      for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] += kDecay * weights_[i];
      const float left = 1.0F - static_cast<float>(step) / static_cast<float>(steps);
      adam.Step(weights_, gradient, kRate * left, 0.0F);
    }
  }
}

std::size_t Retrained::Predict(const std::vector<float>& query) const {
  std::vector<float> scores(classes_);
  MatMul(query.data(), weights_.data(), scores.data(), 1, query.size(), classes_);
  return Best(scores);
}

}  // namespace smartsynch::bench
