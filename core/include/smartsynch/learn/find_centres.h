// Finds what decide/category_centres.h measures by. Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "smartsynch/decide/category_centres.h"
#include "smartsynch/learn/training_data.h"

namespace smartsynch {

// Four a category do as well on CLINC150 as all of its hundred samples (tests/bench/open_set).
inline constexpr std::size_t kCentresPerCategory = 4;

// Where a smaller share of held-out samples lies nearest to a centre of their own category, the
// categories are too broad for distance to say what belongs to none: it then spoils the score that
// the probability alone gives. CLINC150's intents reach 0.97, the five default categories 0.80.
inline constexpr double kCompactShare = 0.9;

// Spherical k-means (Dhillon and Modha 2001) of each category's embeddings among `rows` of the
// data, rounded to int8. Fewer samples than centres are centres themselves. Open-set rows are
// passed over; without any other row, or without embeddings, there are no centres. The same data
// give the same bytes. The weights are left at zero: see FitCentreNovelty().
CategoryCentres FindCentres(const TrainingData& data, std::span<const std::size_t> rows,
                            std::size_t per_category = kCentresPerCategory);

// The category of each of those centres.
std::vector<int> CategoriesOfCentres(const TrainingData& data, std::span<const std::size_t> rows,
                                     std::size_t per_category = kCentresPerCategory);

// Of a sample with a category that was held out of heads and centres.
struct HeldOutDistance {
  float soft_confidence = 0.0F;
  float cosine = 0.0F;  // to the nearest centre
};

// Weighs both by the inverse of their standard deviation, so that neither drowns the other, and
// puts a novelty of 0.5 where 5 % of the samples lie above. Without samples nothing changes.
void FitCentreNovelty(std::span<const HeldOutDistance> held_out, CategoryCentres& centres);

}  // namespace smartsynch
