#include "smartsynch/decide/category_centres.h"

#include <doctest/doctest.h>

#include <limits>
#include <vector>

using smartsynch::ApplyCentres;
using smartsynch::CategoryCentres;
using smartsynch::CentreNovelty;
using smartsynch::FindNearest;
using smartsynch::Scores;
using smartsynch::SoftConfidence;

namespace {

// Along the first axis, and half-way between the other two.
const CategoryCentres kCentres = {3, {127, 0, 0, 0, 5, 5}, 2.0F, 4.0F, 3.0F};

}  // namespace

TEST_CASE("the cosine to the nearest centre, whatever the lengths") {
  CHECK(kCentres.rows() == 2);
  CHECK(FindNearest(kCentres, std::vector<float>{1, 0, 0}).cosine == doctest::Approx(1.0));
  CHECK(FindNearest(kCentres, std::vector<float>{0, 7, 7}).cosine == doctest::Approx(1.0));
  CHECK(FindNearest(kCentres, std::vector<float>{0, 1, 0}).cosine == doctest::Approx(0.70711));
  CHECK(FindNearest(kCentres, std::vector<float>{3, 1, 1}).row == 0);
  CHECK(FindNearest(kCentres, std::vector<float>{1, 3, 1}).row == 1);
  CHECK(FindNearest(kCentres, std::vector<float>{-1, -1, -1}).cosine == doctest::Approx(-0.57735));
}

TEST_CASE("the highest probability of the softened logits") {
  // The lower one is an eighth of the higher: a half after the cube root.
  CHECK(SoftConfidence(std::vector<float>{8.0F / 9.0F, 1.0F / 9.0F}) == doctest::Approx(2.0 / 3.0));
  CHECK(SoftConfidence(std::vector<float>{0.25F, 0.25F, 0.25F, 0.25F}) == doctest::Approx(0.25));
  CHECK(SoftConfidence(std::vector<float>{1.0F}) == 1.0F);
  CHECK(SoftConfidence(std::vector<float>{1.0F, 0.0F, 0.0F}) == doctest::Approx(1.0));
  CHECK(SoftConfidence({}) == 0.0F);
}

TEST_CASE("no centres, no length and another dimension give a cosine of 0") {
  CHECK(FindNearest({}, std::vector<float>{1, 0, 0}).cosine == 0.0F);
  CHECK(FindNearest({}, {}).cosine == 0.0F);
  CHECK(FindNearest(kCentres, std::vector<float>{1, 0}).cosine == 0.0F);
  CHECK(FindNearest(kCentres, std::vector<float>{0, 0, 0}).cosine == 0.0F);
  CHECK(FindNearest({3, {0, 0, 0}, 1, 1, 0}, std::vector<float>{1, 0, 0}).cosine == 0.0F);
}

TEST_CASE("novelty falls with the highest probability and with the cosine") {
  CHECK(CentreNovelty(kCentres, 0.5F, 0.5F) == doctest::Approx(0.5));
  CHECK(CentreNovelty(kCentres, 0.9F, 0.5F) < CentreNovelty(kCentres, 0.5F, 0.5F));
  CHECK(CentreNovelty(kCentres, 0.5F, 0.9F) < CentreNovelty(kCentres, 0.5F, 0.5F));
  Scores scores = {{0.25F, 0.75F}, 0.25F};
  ApplyCentres(kCentres, std::vector<float>{0, 0, -1}, scores);
  CHECK(scores.novelty ==
        CentreNovelty(kCentres, SoftConfidence(std::vector<float>{0.25F, 0.75F}), 0.0F));
  CHECK(scores.probabilities == std::vector<float>{0.25F, 0.75F});
}

TEST_CASE("what has no centre to compare with keeps its novelty") {
  Scores scores = {{0.25F, 0.75F}, 0.25F};
  ApplyCentres({}, std::vector<float>{1, 0, 0}, scores);
  ApplyCentres(kCentres, std::vector<float>{1, 0}, scores);
  CHECK(scores.novelty == 0.25F);
  Scores empty = {{}, 1.0F};
  ApplyCentres(kCentres, std::vector<float>{1, 0, 0}, empty);
  CHECK(empty.novelty == 1.0F);
}

TEST_CASE("the largest numbers leave neither range nor sense") {
  constexpr float kHuge = std::numeric_limits<float>::max();
  CHECK(FindNearest(kCentres, std::vector<float>{kHuge, 0, 0}).cosine == doctest::Approx(1.0));
  CategoryCentres extreme = kCentres;
  extreme.bias = kHuge;
  CHECK(CentreNovelty(extreme, 1.0F, 1.0F) == 1.0F);
  extreme.cosine_weight = kHuge;
  extreme.bias = 0.0F;
  CHECK(CentreNovelty(extreme, 1.0F, 1.0F) == 0.0F);
}
