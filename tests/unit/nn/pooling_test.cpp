#include "smartsynch/nn/pooling.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "smartsynch/base/hash.h"
#include "support/floats.h"

using smartsynch::MeanPoolNormalize;
using smartsynch::testing::BytesOf;
using smartsynch::testing::NormalFloats;

namespace {

std::vector<float> Pool(const std::vector<float>& hidden, std::size_t tokens,
                        std::size_t dimension) {
  // Filled beforehand: what is not written would be seen.
  std::vector<float> out(dimension, 99.0F);
  MeanPoolNormalize(hidden.data(), tokens, dimension, out.data());
  return out;
}

double Norm(const std::vector<float>& values) {
  double squares = 0.0;
  for (const float value : values)
    squares += static_cast<double>(value) * static_cast<double>(value);
  return std::sqrt(squares);
}

}  // namespace

TEST_CASE("pooling gives the direction of the mean, with length one") {
  CHECK(Pool({3.0F, 4.0F}, 1, 2) == std::vector<float>{0.6F, 0.8F});
  CHECK(Pool({3.0F, 0.0F, 0.0F, 4.0F}, 2, 2) == std::vector<float>{0.6F, 0.8F});
  CHECK(Pool({-5.0F}, 1, 1) == std::vector<float>{-1.0F});
  for (const std::size_t tokens : {1U, 2U, 12U, 256U}) {
    CHECK(Norm(Pool(NormalFloats(tokens * 384, tokens), tokens, 384)) ==
          doctest::Approx(1.0).epsilon(1e-6));
  }
}

TEST_CASE("pooling nothing, or what cancels out, gives zeros") {
  CHECK(Pool({}, 0, 3) == std::vector<float>(3, 0.0F));
  CHECK(Pool(std::vector<float>(6, 0.0F), 2, 3) == std::vector<float>(3, 0.0F));
  CHECK(Pool({1.0F, -2.0F, -1.0F, 2.0F}, 2, 2) == std::vector<float>(2, 0.0F));
  CHECK(Pool({}, 5, 0).empty());
}

TEST_CASE("huge and tiny values neither overflow nor vanish") {
  constexpr float kMax = std::numeric_limits<float>::max();
  const std::vector<float> huge = Pool(std::vector<float>(std::size_t{256} * 4, kMax), 256, 4);
  for (const float value : huge) CHECK(value == 0.5F);
  constexpr float kTiny = std::numeric_limits<float>::denorm_min();
  CHECK(Pool({kTiny, 0.0F, 0.0F}, 1, 3) == std::vector<float>{1.0F, 0.0F, 0.0F});
  CHECK(Pool({kTiny, kMax}, 1, 2) == std::vector<float>{0.0F, 1.0F});
}

TEST_CASE("a value that is not a number is passed on, for the classifier to refuse") {
  const std::vector<float> out = Pool({1.0F, std::numeric_limits<float>::quiet_NaN()}, 1, 2);
  CHECK(std::isnan(out[0]));
  CHECK(std::isnan(out[1]));
  CHECK(std::isnan(Pool({std::numeric_limits<float>::infinity()}, 1, 1)[0]));
}

TEST_CASE("pooled bits are these, on every host") {
  CHECK(smartsynch::Sha256Hex(BytesOf(Pool(NormalFloats(std::size_t{37} * 384, 8), 37, 384))) ==
        "222b3d486beec719c6c784b5a2e80cbb3527d78bddde1bc322644b64f5313064");
}
