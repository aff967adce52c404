#include "smartsynch/decide/calibration.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "smartsynch/base/hash.h"
#include "support/floats.h"

using smartsynch::Calibrate;
using smartsynch::Calibration;
using smartsynch::Scores;
using smartsynch::testing::NormalFloats;

namespace {

double Sum(const std::vector<float>& values) {
  double sum = 0.0;
  for (const float value : values) sum += static_cast<double>(value);
  return sum;
}

bool AllWithinOne(const Scores& scores) {
  const auto within = [](float value) { return value >= 0.0F && value <= 1.0F; };
  return within(scores.novelty) &&
         std::all_of(scores.probabilities.begin(), scores.probabilities.end(), within);
}

}  // namespace

TEST_CASE("probabilities are the softmax of the weighted logits") {
  const std::vector<float> dense = {1.0F, -2.0F, 0.5F, 7.0F};
  const std::vector<float> lexical = {0.25F, 3.0F, -1.0F, -7.0F};
  const Scores scores = Calibrate({dense, lexical}, {2.0F, 0.5F, false, 0.0F, 0.0F, 0.0F});
  std::vector<double> expected;
  double sum = 0.0;
  for (std::size_t c = 0; c < 3; ++c) {
    expected.push_back(
        std::exp(2.0 * static_cast<double>(dense[c]) + 0.5 * static_cast<double>(lexical[c])));
    sum += expected.back();
  }
  REQUIRE(scores.probabilities.size() == 3);
  for (std::size_t c = 0; c < 3; ++c) {
    CHECK(static_cast<double>(scores.probabilities[c]) ==
          doctest::Approx(expected[c] / sum).epsilon(1e-6));
  }
  // Without open-set training novelty is what the best category leaves.
  CHECK(scores.novelty == 1.0F - scores.probabilities[0]);
}

TEST_CASE("novelty is the logistic function of the open-set logits") {
  const std::vector<float> dense = {0.0F, 0.0F, 1.5F};
  const std::vector<float> lexical = {0.0F, 0.0F, -0.5F};
  const Scores scores = Calibrate({dense, lexical}, {1.0F, 1.0F, true, 2.0F, 3.0F, -1.0F});
  CHECK(static_cast<double>(scores.novelty) ==
        doctest::Approx(1.0 / (1.0 + std::exp(-0.5))).epsilon(1e-6));
  CHECK(scores.probabilities == std::vector<float>{0.5F, 0.5F});
}

TEST_CASE("one head alone: the other counts as zero") {
  const std::vector<float> logits = {1.0F, 2.0F, 3.0F};
  const Calibration both = {1.0F, 1.0F, true, 1.0F, 1.0F, 0.0F};
  const Scores lexical_only = Calibrate({{}, logits}, both);
  const Scores dense_only = Calibrate({logits, {}}, both);
  CHECK(lexical_only.probabilities == dense_only.probabilities);
  CHECK(lexical_only.novelty == dense_only.novelty);
  CHECK(lexical_only.probabilities ==
        Calibrate({std::vector<float>(3, 0.0F), logits}, both).probabilities);
}

TEST_CASE("probabilities sum to one, with any number of categories") {
  for (const std::size_t outputs : {2U, 3U, 6U, 151U, 1001U}) {
    for (const float scale : {1e-3F, 1.0F, 50.0F}) {
      std::vector<float> dense = NormalFloats(outputs, outputs);
      for (float& value : dense) value *= scale;
      const Scores scores = Calibrate({dense, NormalFloats(outputs, 9)}, {});
      CHECK(scores.probabilities.size() == outputs - 1);
      CHECK(Sum(scores.probabilities) == doctest::Approx(1.0).epsilon(1e-5));
      CHECK(AllWithinOne(scores));
    }
  }
}

TEST_CASE("one category has probability one, none has only novelty") {
  CHECK(Calibrate({std::vector<float>{-3.0F, 0.0F}}, {}).probabilities == std::vector<float>{1.0F});
  for (const std::vector<float>& none : {std::vector<float>{}, std::vector<float>{1.0F}}) {
    const Scores scores = Calibrate({none, none, none}, {});
    CHECK(scores.probabilities.empty());
    CHECK(scores.novelty == 1.0F);
  }
}

TEST_CASE("weights of zero make every category alike") {
  const Scores scores =
      Calibrate({NormalFloats(5, 1), NormalFloats(5, 2)}, {0.0F, 0.0F, true, 0.0F, 0.0F, 0.0F});
  CHECK(scores.probabilities == std::vector<float>(4, 0.25F));
  CHECK(scores.novelty == 0.5F);
}

TEST_CASE("huge logits and weights give certainty, never something that is not a number") {
  constexpr float kMax = std::numeric_limits<float>::max();
  for (const float huge : {1e30F, kMax}) {
    for (const float weight : {1.0F, 1e10F, kMax}) {
      const Calibration c = {weight, weight, true, weight, weight, kMax};
      const std::vector<float> up = {huge, -huge, 0.0F, huge};
      const std::vector<float> down = {-huge, huge, 0.0F, -huge};
      const Scores same = Calibrate({up, up}, c);
      CHECK(same.probabilities == std::vector<float>{1.0F, 0.0F, 0.0F});
      CHECK(same.novelty == 1.0F);
      const Scores against = Calibrate({up, down}, c);
      CHECK(Sum(against.probabilities) == doctest::Approx(1.0));
      CHECK(AllWithinOne(against));
      CHECK(Calibrate({down, down}, {weight, weight, true, weight, weight, -1.0F}).novelty == 0.0F);
      const Scores tie = Calibrate({std::vector<float>{huge, huge, huge}}, c);
      CHECK(tie.probabilities == std::vector<float>{0.5F, 0.5F});
    }
  }
}

TEST_CASE("scores have these bits, on every host") {
  std::string bytes;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Scores scores = Calibrate({NormalFloats(6, seed), NormalFloats(6, seed + 1000)},
                                    {1.3F, 0.7F, seed % 2 == 0, 0.9F, 1.1F, -0.4F});
    bytes += smartsynch::testing::BytesOf(scores.probabilities);
    bytes += smartsynch::testing::BytesOf({scores.novelty});
  }
  CHECK(smartsynch::Sha256Hex(bytes) ==
        "1006f7225244117f9b7c12a0f3d55cb7869f3ecd7be0b45b1139538fe5d69142");
}
