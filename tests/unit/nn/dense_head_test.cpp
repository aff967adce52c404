#include "smartsynch/nn/dense_head.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "support/floats.h"

using smartsynch::DenseHead;
using smartsynch::testing::NormalFloats;
using smartsynch::testing::SameBits;

namespace {

DenseHead RandomHead(std::size_t input, std::size_t hidden, std::size_t outputs) {
  return {input,
          hidden,
          outputs,
          NormalFloats(input * hidden, 1),
          NormalFloats(hidden, 2),
          NormalFloats(hidden * outputs, 3),
          NormalFloats(outputs, 4)};
}

std::vector<float> Forward(const DenseHead& head, const std::vector<float>& embeddings) {
  const std::size_t rows = embeddings.size() / head.input;
  std::vector<float> logits(rows * head.outputs, 99.0F);
  head.Forward(embeddings.data(), rows, logits.data());
  return logits;
}

}  // namespace

TEST_CASE("the dense head computes relu(x w1 + b1) w2 + b2") {
  const DenseHead head = {2,
                          2,
                          3,
                          {1.0F, -1.0F, 2.0F, 1.0F},  // unit 0: x0 + 2 x1; unit 1: x1 - x0
                          {0.5F, 0.0F},
                          {1.0F, 2.0F, 3.0F, 10.0F, 20.0F, 30.0F},
                          {0.25F, 0.0F, -1.0F}};
  // Unit 0: 3 + 2 + 0.5; unit 1: 1 - 3, below zero and so silent.
  CHECK(Forward(head, {3.0F, 1.0F}) == std::vector<float>{5.75F, 11.0F, 15.5F});
  // Unit 0: -4 + 0.5, silent; unit 1: 4.
  CHECK(Forward(head, {-4.0F, 0.0F}) == std::vector<float>{40.25F, 80.0F, 119.0F});
  CHECK(Forward(head, {}).empty());
}

TEST_CASE("a row's bits do not depend on the rows beside it") {
  const DenseHead head = RandomHead(37, 19, 6);
  const std::vector<float> embeddings = NormalFloats(std::size_t{37} * 23, 5);
  const std::vector<float> together = Forward(head, embeddings);
  for (std::size_t row = 0; row < 23; ++row) {
    const auto begin = embeddings.begin() + static_cast<std::ptrdiff_t>(row * 37);
    const std::vector<float> alone = Forward(head, {begin, begin + 37});
    const auto expected = together.begin() + static_cast<std::ptrdiff_t>(row * 6);
    CHECK(SameBits(alone, {expected, expected + 6}));
  }
}

TEST_CASE("the dense head agrees with a plain computation in double") {
  const DenseHead head = RandomHead(384, 128, 6);
  std::vector<float> embedding = NormalFloats(384, 6);
  for (float& value : embedding) value /= 20.0F;
  const std::vector<float> logits = Forward(head, embedding);
  for (std::size_t o = 0; o < 6; ++o) {
    double sum = static_cast<double>(head.b2[o]);
    for (std::size_t h = 0; h < 128; ++h) {
      double unit = static_cast<double>(head.b1[h]);
      for (std::size_t i = 0; i < 384; ++i) {
        unit += static_cast<double>(embedding[i]) * static_cast<double>(head.w1[i * 128 + h]);
      }
      sum += std::max(unit, 0.0) * static_cast<double>(head.w2[h * 6 + o]);
    }
    CHECK(static_cast<double>(logits[o]) == doctest::Approx(sum).epsilon(1e-4));
  }
}
