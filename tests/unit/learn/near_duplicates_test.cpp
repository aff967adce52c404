#include "smartsynch/learn/near_duplicates.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <set>
#include <utility>
#include <vector>

#include "support/floats.h"

using smartsynch::ErrorCode;
using smartsynch::FindNearDuplicates;
using smartsynch::NearDuplicate;
using smartsynch::Result;
using smartsynch::testing::NormalFloats;

namespace {

void Normalise(std::vector<float>& rows, std::size_t dimension) {
  for (std::size_t r = 0; r < rows.size() / dimension; ++r) {
    float squares = 0.0F;
    for (std::size_t i = 0; i < dimension; ++i) {
      squares += rows[r * dimension + i] * rows[r * dimension + i];
    }
    for (std::size_t i = 0; i < dimension; ++i) rows[r * dimension + i] /= std::sqrt(squares);
  }
}

}  // namespace

TEST_CASE("near duplicates of different labels come first, then the closest") {
  const std::vector<float> rows = {1.0F, 0.0F, 0.6F, 0.8F, 0.8F, 0.6F, 0.0F, 1.0F, 1.0F, 0.0F};
  const Result<std::vector<NearDuplicate>> pairs =
      FindNearDuplicates(rows, 2, std::vector<int>{0, 0, -1, 1, 0}, 0.75F);
  REQUIRE(pairs);
  std::vector<std::pair<std::size_t, std::size_t>> places;
  for (const NearDuplicate& pair : *pairs) places.emplace_back(pair.first, pair.second);
  // 1-2 has 0.96; 0-2, 1-3 and 2-4 have 0.8; 0-4 has 1 and one label.
  CHECK(places ==
        std::vector<std::pair<std::size_t, std::size_t>>{{1, 2}, {0, 2}, {1, 3}, {2, 4}, {0, 4}});
  CHECK((*pairs)[0].cosine == doctest::Approx(0.96));
  CHECK((*pairs)[3].conflict);
  CHECK_FALSE((*pairs)[4].conflict);
}

TEST_CASE("every pair is found, whichever blocks it lies in") {
  constexpr std::size_t kRows = 1100;
  constexpr std::size_t kDimension = 5;
  std::vector<float> rows = NormalFloats(kRows * kDimension, 1);
  Normalise(rows, kDimension);
  const std::vector<int> labels(kRows, 3);
  const Result<std::vector<NearDuplicate>> pairs =
      FindNearDuplicates(rows, kDimension, labels, 0.97F);
  REQUIRE(pairs);
  std::set<std::pair<std::size_t, std::size_t>> expected;
  for (std::size_t a = 0; a < kRows; ++a) {
    for (std::size_t b = a + 1; b < kRows; ++b) {
      float cosine = 0.0F;
      for (std::size_t i = 0; i < kDimension; ++i) {
        cosine += rows[a * kDimension + i] * rows[b * kDimension + i];
      }
      if (cosine >= 0.97F) expected.emplace(a, b);
    }
  }
  std::set<std::pair<std::size_t, std::size_t>> found;
  for (const NearDuplicate& pair : *pairs) found.emplace(pair.first, pair.second);
  CHECK(expected.size() > 100);
  CHECK(found == expected);
  CHECK(found.size() == pairs->size());
}

TEST_CASE("rows of zeros resemble nothing, and nothing is no error") {
  const std::vector<float> zeros(6, 0.0F);
  CHECK(FindNearDuplicates(zeros, 2, std::vector<int>{0, 1, 2}, 0.01F)->empty());
  CHECK(FindNearDuplicates({}, 384, {}, 0.95F)->empty());
  CHECK(FindNearDuplicates({}, 0, std::vector<int>{1, 1}, 0.95F)->empty());
}

TEST_CASE("arguments out of range are refused") {
  const std::vector<float> rows(4, 0.5F);
  CHECK(FindNearDuplicates(rows, 2, std::vector<int>{0}, 0.9F).error().code ==
        ErrorCode::kInvalidArgument);
  for (const float threshold : {0.0F, -1.0F, 1.5F, std::numeric_limits<float>::quiet_NaN()}) {
    CHECK(FindNearDuplicates(rows, 2, std::vector<int>{0, 1}, threshold).error().field ==
          "threshold");
  }
}
