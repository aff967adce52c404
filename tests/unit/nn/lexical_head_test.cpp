#include "smartsynch/nn/lexical_head.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "support/floats.h"

using smartsynch::LexicalHead;
using smartsynch::testing::NormalFloats;
using smartsynch::testing::SameBits;

namespace {

std::vector<float> Forward(const LexicalHead& head, const std::vector<std::uint32_t>& features) {
  std::vector<float> logits(head.outputs, 99.0F);
  head.Forward(features, logits.data());
  return logits;
}

// 4 buckets, 2 outputs.
LexicalHead SmallLexical() { return {2, 2, {1, -2, 3, 4, 127, -128, 0, 0}, {0.5F, 2.0F}}; }

}  // namespace

TEST_CASE("the lexical head sums its features' rows, scaled by the root of their number") {
  CHECK(Forward(SmallLexical(), {0}) == std::vector<float>{0.5F, -4.0F});
  const std::vector<float> two = Forward(SmallLexical(), {0, 1});
  CHECK(two[0] == doctest::Approx(4 * 0.5 / std::sqrt(2.0)));
  CHECK(two[1] == doctest::Approx(2 * 2.0 / std::sqrt(2.0)));
  CHECK(Forward(SmallLexical(), {0, 1, 2, 3})[0] == 131.0F * 0.5F * 0.5F);
}

TEST_CASE("no feature gives zeros; features out of range count for nothing") {
  CHECK(Forward(SmallLexical(), {}) == std::vector<float>{0.0F, 0.0F});
  CHECK(Forward(SmallLexical(), {4, 5, 0xFFFFFFFFU}) == std::vector<float>{0.0F, 0.0F});
  CHECK(SameBits(Forward(SmallLexical(), {1, 4, 1000000, 0xFFFFFFFFU}),
                 Forward(SmallLexical(), {1})));
}

TEST_CASE("the order of features makes no difference to any bit") {
  const LexicalHead head = LexicalHead::Quantize(10, 5, NormalFloats(std::size_t{1024} * 5, 1));
  std::vector<std::uint32_t> features(200);
  std::iota(features.begin(), features.end(), 300U);
  const std::vector<float> ascending = Forward(head, features);
  std::reverse(features.begin(), features.end());
  CHECK(SameBits(ascending, Forward(head, features)));
}

TEST_CASE("rounding to int8 moves no weight by more than half a step of its output's scale") {
  std::vector<float> weights = NormalFloats(std::size_t{256} * 3, 2);
  for (std::size_t i = 0; i < weights.size(); i += 3) weights[i] *= 1000.0F;  // another scale
  const LexicalHead head = LexicalHead::Quantize(8, 3, weights);
  REQUIRE(head.weights.size() == weights.size());
  REQUIRE(head.scale.size() == 3);
  std::vector<int> largest(3, 0);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double scale = static_cast<double>(head.scale[i % 3]);
    const double error = std::fabs(head.weights[i] * scale - static_cast<double>(weights[i]));
    CHECK(error <= scale * 0.5001);
    largest[i % 3] = std::max(largest[i % 3], std::abs(static_cast<int>(head.weights[i])));
  }
  CHECK(largest == std::vector<int>(3, 127));
}

TEST_CASE("an output whose weights are all zero stays zero, and tiny weights do not divide by it") {
  const float tiny = std::numeric_limits<float>::denorm_min();
  const LexicalHead head = LexicalHead::Quantize(1, 3, {0.0F, tiny, 1.0F, -0.0F, -tiny, -1.0F});
  CHECK(head.scale[0] == 0.0F);
  CHECK(head.weights[0] == 0);
  CHECK(head.weights[3] == 0);
  CHECK(head.weights[2] == 127);
  CHECK(head.weights[5] == -127);
  for (const float logit : Forward(head, {0, 1})) CHECK(std::isfinite(logit));
}

TEST_CASE("halves are rounded to even, so both signs alike") {
  const LexicalHead head = LexicalHead::Quantize(2, 1, {127.0F, 2.5F, -2.5F, 3.5F});
  CHECK(head.weights == std::vector<std::int8_t>{127, 2, -2, 4});
}

TEST_CASE("weights that are not numbers become zero rather than anything at all") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  const LexicalHead head = LexicalHead::Quantize(2, 1, {nan, 1.0F, -1.0F, nan});
  CHECK(head.weights == std::vector<std::int8_t>{0, 127, -127, 0});
  // The scale keeps telling of an infinite weight, so that no model file is written with it.
  CHECK(LexicalHead::Quantize(1, 1, {infinity, 1.0F}).scale[0] == infinity);
  CHECK(LexicalHead::Quantize(1, 1, {infinity, 1.0F}).weights == std::vector<std::int8_t>{0, 0});
}
