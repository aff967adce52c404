#include "smartsynch/learn/disagreements.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "support/training_fixture.h"

using smartsynch::Disagreement;
using smartsynch::DisagreementOptions;
using smartsynch::ErrorCode;
using smartsynch::FindDisagreements;
using smartsynch::kOpenSetLabel;
using smartsynch::Result;
using smartsynch::TrainingData;
using smartsynch::testing::FixtureOptions;
using smartsynch::testing::MakeTrainingData;

namespace {

TrainingData Separable() {
  FixtureOptions options;
  options.rows_per_category = {30, 30, 30};
  options.open_set_rows = 30;
  options.noise = 0.1F;
  return MakeTrainingData(options);
}

std::vector<std::size_t> RowsOf(const std::vector<Disagreement>& found) {
  std::vector<std::size_t> rows;
  for (const Disagreement& d : found) rows.push_back(d.row);
  return rows;
}

std::size_t FirstRow(const TrainingData& data, int label) {
  return static_cast<std::size_t>(std::find(data.labels.begin(), data.labels.end(), label) -
                                  data.labels.begin());
}

}  // namespace

TEST_CASE("labels that fit their embeddings find no disagreement") {
  CHECK(FindDisagreements(Separable(), {})->empty());
}

TEST_CASE("wrong labels are found, and what they should be") {
  TrainingData data = Separable();
  const std::size_t category = FirstRow(data, 0);
  const std::size_t open = FirstRow(data, kOpenSetLabel);
  const std::size_t lost = FirstRow(data, 2);
  data.labels[category] = 1;
  data.labels[open] = 1;
  data.labels[lost] = kOpenSetLabel;
  const Result<std::vector<Disagreement>> found = FindDisagreements(data, {});
  REQUIRE(found);
  std::vector<std::size_t> rows = RowsOf(*found);
  std::vector<std::size_t> expected = {category, open, lost};
  std::sort(rows.begin(), rows.end());
  std::sort(expected.begin(), expected.end());
  CHECK(rows == expected);
  for (const Disagreement& d : *found) {
    CHECK(d.expected == (d.row == category ? 0 : (d.row == open ? kOpenSetLabel : 2)));
    CHECK(d.confidence > d.given_confidence);
    CHECK(d.confidence <= 1.0F);
    CHECK(d.given_confidence >= 0.0F);
  }
  CHECK(std::is_sorted(found->begin(), found->end(), [](const auto& a, const auto& b) {
    return a.confidence - a.given_confidence > b.confidence - b.given_confidence;
  }));
}

TEST_CASE("without an open set no row is expected in it, and the seed gives the same answer") {
  FixtureOptions options;
  options.noise = 2.0F;
  const TrainingData data = MakeTrainingData(options);
  const Result<std::vector<Disagreement>> found = FindDisagreements(data, {});
  REQUIRE(found);
  CHECK_FALSE(found->empty());
  for (const Disagreement& d : *found) CHECK(d.expected != kOpenSetLabel);
  const Result<std::vector<Disagreement>> again = FindDisagreements(data, {});
  REQUIRE(again);
  CHECK(RowsOf(*again) == RowsOf(*found));
  CHECK((*again)[0].confidence == (*found)[0].confidence);
}

TEST_CASE("progress counts the epochs of all folds and can cancel") {
  const TrainingData data = Separable();
  DisagreementOptions options;
  options.folds = 3;
  options.epochs = 2;
  std::vector<std::size_t> seen;
  CHECK(FindDisagreements(data, options, [&](std::size_t done, std::size_t total) {
    CHECK(total == 6);
    seen.push_back(done);
    return true;
  }));
  CHECK(seen == std::vector<std::size_t>{1, 2, 3, 4, 5, 6});
  const auto cancelled =
      FindDisagreements(data, options, [](std::size_t done, std::size_t) { return done < 4; });
  CHECK(cancelled.error().code == ErrorCode::kCancelled);
}

TEST_CASE("folds out of range and broken data are refused") {
  TrainingData data = Separable();
  DisagreementOptions options;
  options.folds = 1;
  CHECK(FindDisagreements(data, options).error().field == "folds");
  options.folds = data.rows() + 1;
  CHECK(FindDisagreements(data, options).error().field == "folds");
  CHECK(FindDisagreements({}, {}).error().code == ErrorCode::kInvalidArgument);
  data.embeddings[9] = std::numeric_limits<float>::quiet_NaN();
  CHECK(FindDisagreements(data, {}).error().code == ErrorCode::kInvalidArgument);
}
