// How far a task is from every category, learnt without one example of what belongs to none: from
// the highest probability (Hendrycks and Gimpel 2017, arXiv:1610.02136), softened, and the cosine
// to the nearest centre, a few of which stand for each category's training samples (nearest
// neighbours after Sun et al. 2022, arXiv:2204.06507, thinned out by k-means). Each misses what the
// other sees: a task may look like one category among those there are and yet be far from all of
// them. tests/bench/open_set compares the two with other scores.
//
//   Scores scores = Calibrate(logits, calibration);
//   ApplyCentres(centres, embedding, scores);   // replaces scores.novelty
//
// Made by learn/find_centres.h for models that were trained without open-set samples; with such
// samples a head that has seen them does better. Thread safety: plain values and pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "smartsynch/decide/calibration.h"

namespace smartsynch {

struct CategoryCentres {
  std::size_t dimension = 0;            // of an embedding; 0: there are no centres
  std::vector<std::int8_t> directions;  // [rows, dimension], of any length above zero
  // novelty = logistic(bias - confidence_weight * SoftConfidence() - cosine_weight * cosine)
  float confidence_weight = 0.0F;
  float cosine_weight = 0.0F;
  float bias = 0.0F;

  std::size_t rows() const { return dimension == 0 ? 0 : directions.size() / dimension; }
};

struct NearestCentre {
  std::size_t row = 0;
  float cosine = 0.0F;  // -1..1
};

// The centre nearest to an embedding; of several the first. The cosine is 0 without centres, for an
// embedding of another dimension, and where either has no length.
NearestCentre FindNearest(const CategoryCentres& centres, std::span<const float> embedding);

// The highest probability that the same logits give at this temperature (ODIN, Liang et al. 2018,
// arXiv:1706.02690). At a temperature of 1 nearly all probabilities are near 1 and tell little
// apart. Chosen on CLINC150's validation splits, where 3 to 8 do alike.
inline constexpr float kConfidenceTemperature = 3.0F;
// 0 without probabilities.
float SoftConfidence(std::span<const float> probabilities);

// The formula above.
float CentreNovelty(const CategoryCentres& centres, float soft_confidence, float cosine);

// Leaves the scores as they are without centres, without a probability, and for an embedding of
// another dimension.
void ApplyCentres(const CategoryCentres& centres, std::span<const float> embedding, Scores& scores);

}  // namespace smartsynch
