#include "smartsynch/decide/category_centres.h"

#include <algorithm>
#include <cmath>

#include "smartsynch/nn/math.h"

namespace smartsynch {

NearestCentre FindNearest(const CategoryCentres& centres, std::span<const float> embedding) {
  if (centres.rows() == 0 || embedding.size() != centres.dimension) return {};
  // In double, which no product or sum of finite floats leaves.
  double squares = 0.0;
  for (const float value : embedding) {
    squares += static_cast<double>(value) * static_cast<double>(value);
  }
  const double norm = std::sqrt(squares);
  if (!(norm > 0.0)) return {};
  double highest = -2.0;
  std::size_t nearest = 0;
  for (std::size_t row = 0; row < centres.rows(); ++row) {
    const std::int8_t* codes = centres.directions.data() + row * centres.dimension;
    double dot = 0.0;
    std::int64_t length = 0;
    for (std::size_t i = 0; i < centres.dimension; ++i) {
      dot += static_cast<double>(embedding[i]) * codes[i];
      length += std::int64_t{codes[i]} * codes[i];
    }
    const double cosine = length == 0 ? 0.0 : dot / (norm * std::sqrt(static_cast<double>(length)));
    if (!(cosine > highest)) continue;
    highest = cosine;
    nearest = row;
  }
  return {nearest, static_cast<float>(std::clamp(highest, -1.0, 1.0))};
}

float SoftConfidence(std::span<const float> probabilities) {
  if (probabilities.empty()) return 0.0F;
  constexpr float kFewest = 1e-30F;
  const float highest = *std::max_element(probabilities.begin(), probabilities.end());
  const float log_highest = Log(std::max(highest, kFewest));
  float sum = 0.0F;
  for (const float p : probabilities) {
    sum += Exp((Log(std::max(p, kFewest)) - log_highest) / kConfidenceTemperature);
  }
  return 1.0F / sum;
}

float CentreNovelty(const CategoryCentres& centres, float soft_confidence, float cosine) {
  const double logit =
      static_cast<double>(centres.bias) -
      static_cast<double>(centres.confidence_weight) * static_cast<double>(soft_confidence) -
      static_cast<double>(centres.cosine_weight) * static_cast<double>(cosine);
  // Beyond this, Sigmoid is 0 or 1 anyway.
  return Sigmoid(static_cast<float>(std::clamp(logit, -200.0, 200.0)));
}

void ApplyCentres(const CategoryCentres& centres, std::span<const float> embedding,
                  Scores& scores) {
  if (centres.rows() == 0 || embedding.size() != centres.dimension ||
      scores.probabilities.empty()) {
    return;
  }
  scores.novelty = CentreNovelty(centres, SoftConfidence(scores.probabilities),
                                 FindNearest(centres, embedding).cosine);
}

}  // namespace smartsynch
