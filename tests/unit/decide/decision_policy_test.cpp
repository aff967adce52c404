#include "smartsynch/decide/decision_policy.h"

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

using smartsynch::Decide;
using smartsynch::Decision;
using smartsynch::DecisionKind;
using smartsynch::DecisionKindName;
using smartsynch::DecisionThresholds;

namespace {

constexpr DecisionKind kAuto = DecisionKind::kAuto;
constexpr DecisionKind kSuggest = DecisionKind::kSuggest;
constexpr DecisionKind kNew = DecisionKind::kNew;

std::vector<std::size_t> Order(const Decision& decision) {
  std::vector<std::size_t> order;
  for (const auto& ranked : decision.ranking) order.push_back(ranked.category);
  return order;
}

// The next float up and down.
float Above(float value) { return std::nextafter(value, 9.0F); }
float Below(float value) { return std::nextafter(value, -9.0F); }

}  // namespace

TEST_CASE("the policy, as a table") {
  const DecisionThresholds t = {0.75F, 0.5F, 0.8F, 3};
  struct Row {
    float confidence;
    float novelty;
    DecisionKind expected;
  };
  const std::vector<Row> rows = {
      {0.90F, 0.10F, kAuto},
      {0.60F, 0.10F, kSuggest},
      {0.90F, 0.60F, kSuggest},
      {0.60F, 0.60F, kSuggest},
      {0.90F, 0.90F, kNew},
      {0.60F, 0.90F, kNew},
      {1.00F, 0.00F, kAuto},
      {1.00F, 1.00F, kNew},
      {0.51F, 0.00F, kSuggest},
      // At the thresholds: confidence and new novelty are inclusive, the novelty of "auto" is not.
      {0.75F, 0.10F, kAuto},
      {0.90F, 0.50F, kSuggest},
      {0.90F, 0.80F, kNew},
      {0.75F, 0.50F, kSuggest},
  };
  for (const Row& row : rows) {
    CAPTURE(row.confidence);
    CAPTURE(row.novelty);
    const std::vector<float> p = {1.0F - row.confidence, row.confidence};
    CHECK(Decide(p, row.novelty, t).kind == row.expected);
  }
  const std::vector<float> just_enough = {0.75F, 0.25F};
  const std::vector<float> too_little = {Below(0.75F), 0.25F};
  CHECK(Decide(just_enough, Below(0.5F), t).kind == kAuto);
  CHECK(Decide(too_little, 0.0F, t).kind == kSuggest);
  CHECK(Decide(just_enough, Above(0.5F), t).kind == kSuggest);
  CHECK(Decide(just_enough, Below(0.8F), t).kind == kSuggest);
}

TEST_CASE("a new category wins over a sure one, wherever the thresholds lie") {
  const std::vector<float> sure = {1.0F, 0.0F};
  CHECK(Decide(sure, 0.3F, {0.5F, 0.9F, 0.3F, 3}).kind == kNew);
  CHECK(Decide(sure, 0.0F, {0.5F, 0.9F, 0.0F, 3}).kind == kNew);
}

TEST_CASE("a confidence above one is never reached: nothing is ever selected") {
  CHECK(Decide(std::vector<float>{1.0F}, 0.0F, {2.0F, 1.0F, 2.0F, 3}).kind == kSuggest);
}

TEST_CASE("suggestions come best first, at most as many as wanted") {
  const std::vector<float> p = {0.1F, 0.4F, 0.2F, 0.3F};
  CHECK(Order(Decide(p, 0.0F, {0.9F, 0.5F, 0.8F, 3})) == std::vector<std::size_t>{1, 3, 2});
  CHECK(Order(Decide(p, 0.0F, {0.9F, 0.5F, 0.8F, 1})) == std::vector<std::size_t>{1});
  CHECK(Order(Decide(p, 0.0F, {0.9F, 0.5F, 0.8F, 99})) == std::vector<std::size_t>{1, 3, 2, 0});
  CHECK(Order(Decide(p, 0.0F, {0.9F, 0.5F, 0.8F, static_cast<std::size_t>(-1)})).size() == 4);
  const Decision decision = Decide(p, 0.0F, {0.9F, 0.5F, 0.8F, 2});
  CHECK(decision.ranking[0].confidence == 0.4F);
  CHECK(decision.ranking[1].confidence == 0.3F);
}

TEST_CASE("the best category is ranked even where no suggestion is wanted") {
  const Decision decision = Decide(std::vector<float>{0.1F, 0.9F}, 0.0F, {0.5F, 0.5F, 0.8F, 0});
  CHECK(decision.kind == kAuto);
  CHECK(Order(decision) == std::vector<std::size_t>{1});
}

TEST_CASE("ties keep the categories' order") {
  const std::vector<float> equal(5, 0.2F);
  CHECK(Order(Decide(equal, 0.0F, {0.9F, 0.5F, 0.8F, 5})) ==
        std::vector<std::size_t>{0, 1, 2, 3, 4});
  const std::vector<float> mixed = {0.1F, 0.35F, 0.1F, 0.35F, 0.1F};
  CHECK(Order(Decide(mixed, 0.0F, {0.9F, 0.5F, 0.8F, 5})) ==
        std::vector<std::size_t>{1, 3, 0, 2, 4});
}

TEST_CASE("without categories there is only a new one") {
  for (const float novelty : {0.0F, 1.0F}) {
    const Decision decision = Decide({}, novelty, {});
    CHECK(decision.kind == kNew);
    CHECK(decision.ranking.empty());
  }
}

TEST_CASE("a thousand categories are ranked in full") {
  std::vector<float> p(1000);
  for (std::size_t i = 0; i < p.size(); ++i) p[i] = static_cast<float>((i * 7919) % 1000) / 5e5F;
  const Decision decision = Decide(p, 0.0F, {0.9F, 0.5F, 0.8F, 1000});
  REQUIRE(decision.ranking.size() == 1000);
  for (std::size_t i = 1; i < 1000; ++i) {
    CHECK(decision.ranking[i - 1].confidence >= decision.ranking[i].confidence);
  }
}

TEST_CASE("the decisions' names are those of the JSON interface") {
  CHECK(std::string(DecisionKindName(kAuto)) == "auto");
  CHECK(std::string(DecisionKindName(kSuggest)) == "suggest");
  CHECK(std::string(DecisionKindName(kNew)) == "new");
}
