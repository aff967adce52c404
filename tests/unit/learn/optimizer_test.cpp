#include "smartsynch/learn/optimizer.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "support/floats.h"

using smartsynch::AdaGrad;
using smartsynch::AdamW;
using smartsynch::testing::NormalFloats;
using smartsynch::testing::SameBits;

TEST_CASE("AdamW follows the paper's algorithm, written in double") {
  for (const double decay : {0.0, 0.01, 0.5}) {
    std::vector<float> parameters = NormalFloats(20, 1);
    std::vector<double> expected(parameters.begin(), parameters.end());
    std::vector<double> m(20, 0.0);
    std::vector<double> v(20, 0.0);
    AdamW adam;
    for (int t = 1; t <= 200; ++t) {
      const double rate = 0.01 * (1.0 - t / 250.0);
      const std::vector<float> gradient = NormalFloats(20, static_cast<std::uint64_t>(t));
      adam.Step(parameters, gradient, static_cast<float>(rate), static_cast<float>(decay));
      for (std::size_t i = 0; i < 20; ++i) {
        const auto g = static_cast<double>(gradient[i]);
        m[i] = 0.9 * m[i] + 0.1 * g;
        v[i] = 0.999 * v[i] + 0.001 * g * g;
        const double corrected_m = m[i] / (1.0 - std::pow(0.9, t));
        const double corrected_v = v[i] / (1.0 - std::pow(0.999, t));
        expected[i] -= rate * (corrected_m / (std::sqrt(corrected_v) + 1e-8) + decay * expected[i]);
      }
      for (std::size_t i = 0; i < 20; ++i) {
        REQUIRE(std::fabs(static_cast<double>(parameters[i]) - expected[i]) < 1e-4);
      }
    }
  }
}

TEST_CASE("AdamW's first step has the size of the learning rate, whatever the gradient's") {
  for (const float g : {1e-4F, 1.0F, 1e6F}) {
    std::vector<float> parameters = {2.0F, 2.0F};
    AdamW adam;
    adam.Step(parameters, {g, -g}, 0.1F, 0.0F);
    CHECK(parameters[0] == doctest::Approx(1.9).epsilon(1e-4));
    CHECK(parameters[1] == doctest::Approx(2.1).epsilon(1e-4));
  }
}

TEST_CASE("AdamW decays weights apart from the gradient") {
  std::vector<float> parameters = {2.0F};
  AdamW adam;
  adam.Step(parameters, {0.0F}, 0.1F, 0.5F);
  CHECK(parameters[0] == doctest::Approx(2.0 - 0.1 * 0.5 * 2.0));
  adam.Step(parameters, {0.0F}, 0.0F, 0.5F);
  CHECK(parameters[0] == doctest::Approx(1.9));
}

TEST_CASE("AdamW stays finite over very many steps") {
  std::vector<float> parameters = {1.0F};
  AdamW adam;
  for (int t = 0; t < 100000; ++t) adam.Step(parameters, {parameters[0]}, 1e-3F, 0.0F);
  CHECK(std::isfinite(parameters[0]));
  CHECK(std::fabs(parameters[0]) < 0.01F);
}

TEST_CASE("AdaGrad follows the paper's algorithm, written in double") {
  std::vector<float> parameters = NormalFloats(4, 2);
  std::vector<double> expected(parameters.begin(), parameters.end());
  std::vector<double> squares(4, 0.0);
  AdaGrad grad;
  grad.squared_sum.assign(4, 0.0F);
  for (std::uint64_t t = 1; t <= 200; ++t) {
    const std::vector<float> gradient = NormalFloats(4, t);
    for (const std::size_t i : {0U, 2U, 3U}) {  // index 1 never has a gradient
      grad.Step(parameters, i, gradient[i], 0.1F);
      const auto g = static_cast<double>(gradient[i]);
      squares[i] += g * g;
      expected[i] -= 0.1 * g / (std::sqrt(squares[i]) + 1e-8);
    }
  }
  CHECK(parameters[1] == NormalFloats(4, 2)[1]);
  CHECK(grad.squared_sum[1] == 0.0F);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(static_cast<double>(parameters[i]) == doctest::Approx(expected[i]).epsilon(1e-4));
  }
}

TEST_CASE("AdaGrad neither divides by zero nor moves without a gradient") {
  std::vector<float> parameters = {1.0F};
  AdaGrad grad;
  grad.squared_sum.assign(1, 0.0F);
  grad.Step(parameters, 0, 0.0F, 0.1F);
  CHECK(parameters[0] == 1.0F);
  grad.Step(parameters, 0, 1e-30F, 0.1F);  // its square is zero
  CHECK(parameters[0] == 1.0F);
}

TEST_CASE("an optimizer that is copied goes on alike") {
  std::vector<float> parameters = NormalFloats(8, 3);
  AdamW adam;
  adam.Step(parameters, NormalFloats(8, 4), 0.1F, 0.01F);
  std::vector<float> other = parameters;
  AdamW copy = adam;
  adam.Step(parameters, NormalFloats(8, 5), 0.1F, 0.01F);
  copy.Step(other, NormalFloats(8, 5), 0.1F, 0.01F);
  CHECK(SameBits(parameters, other));
}
