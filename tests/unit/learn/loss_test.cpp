#include "smartsynch/learn/loss.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "support/floats.h"
#include "support/reference_loss.h"

using smartsynch::ClassificationLoss;
using smartsynch::LossOptions;
using smartsynch::testing::NormalFloats;
using smartsynch::testing::NumericalGradient;
using smartsynch::testing::ReferenceLoss;
using smartsynch::testing::RelativeDifference;
using smartsynch::testing::ToDouble;

namespace {

struct Loss {
  float value = 0.0F;
  std::vector<float> gradient;
};

Loss LossOf(const std::vector<float>& logits, std::size_t outputs, const std::vector<int>& labels,
            const std::vector<float>& weights, const LossOptions& options) {
  // Filled beforehand: what is not written would be seen.
  Loss loss = {0.0F, std::vector<float>(logits.size(), 99.0F)};
  loss.value =
      ClassificationLoss(logits.data(), outputs, labels, weights, options, loss.gradient.data());
  return loss;
}

const std::vector<int> kLossLabels = {0, 2, -1, 1, 3, -1, 0};
const std::vector<float> kLossWeights = {1.0F, 0.5F, 1.0F, 0.0F, 2.5F, 0.25F, 1.0F};

}  // namespace

TEST_CASE("loss and gradient agree with the definition and its finite differences") {
  for (const float smoothing : {0.0F, 0.05F, 0.3F}) {
    for (const bool has_open_set : {false, true}) {
      const LossOptions options = {smoothing, has_open_set};
      const std::vector<float> logits = NormalFloats(kLossLabels.size() * 5, 1);
      const Loss loss = LossOf(logits, 5, kLossLabels, kLossWeights, options);
      std::vector<double> z = ToDouble(logits);
      const auto reference = [&] {
        return ReferenceLoss(z, 5, kLossLabels, kLossWeights, options);
      };
      CHECK(static_cast<double>(loss.value) == doctest::Approx(reference()).epsilon(1e-5));
      CHECK(RelativeDifference(loss.gradient, NumericalGradient(z, reference)) < 1e-5);
    }
  }
}

TEST_CASE("an open-set row moves the open-set logit only, and no row does without open set") {
  const std::vector<float> logits = NormalFloats(5, 2);
  const Loss open = LossOf(logits, 5, {-1}, {1.0F}, {0.05F, true});
  CHECK(std::count(open.gradient.begin(), open.gradient.end(), 0.0F) == 4);
  CHECK(open.gradient[4] < 0.0F);  // towards a higher novelty
  const Loss nothing = LossOf(logits, 5, {-1}, {1.0F}, {0.05F, false});
  CHECK(nothing.value == 0.0F);
  CHECK(nothing.gradient == std::vector<float>(5, 0.0F));
  CHECK(LossOf(logits, 5, {2}, {1.0F}, {0.05F, false}).gradient[4] == 0.0F);
}

TEST_CASE("a row of weight zero counts for nothing but the number of rows") {
  const std::vector<float> one = NormalFloats(4, 3);
  std::vector<float> two = one;
  two.insert(two.end(), {50.0F, -50.0F, 0.0F, 50.0F});
  const Loss alone = LossOf(one, 4, {1}, {1.0F}, {});
  const Loss beside = LossOf(two, 4, {1, 0}, {1.0F, 0.0F}, {});
  CHECK(beside.value == doctest::Approx(alone.value / 2.0F));
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(beside.gradient[i] == doctest::Approx(alone.gradient[i] / 2.0F));
    CHECK(beside.gradient[4 + i] == 0.0F);
  }
}

TEST_CASE("no rows, no loss") {
  CHECK(ClassificationLoss(nullptr, 4, {}, {}, {}, nullptr) == 0.0F);
}

TEST_CASE("a perfect answer costs nothing, a hopeless one a finite amount") {
  const LossOptions plain = {0.0F, true};
  CHECK(LossOf({90.0F, -90.0F, -90.0F}, 3, {0}, {1.0F}, plain).value == 0.0F);
  const Loss wrong = LossOf({90.0F, -90.0F, 90.0F}, 3, {1}, {1.0F}, plain);
  CHECK(wrong.value == doctest::Approx(270.0));
  CHECK(wrong.gradient[0] == 1.0F);
  CHECK(wrong.gradient[1] == -1.0F);
  CHECK(wrong.gradient[2] == 1.0F);
  for (const float huge : {1e30F, -1e30F}) {
    for (const int label : {0, 1, -1}) {
      const Loss loss = LossOf({huge, -huge, huge}, 3, {label}, {1.0F}, {});
      CHECK(std::isfinite(loss.value));
      for (const float g : loss.gradient) CHECK(std::isfinite(g));
    }
  }
}

TEST_CASE("one category: its own part of the loss is zero") {
  const Loss loss = LossOf({3.0F, 0.0F}, 2, {0}, {1.0F}, {0.0F, false});
  CHECK(loss.value == 0.0F);
  CHECK(loss.gradient == std::vector<float>{0.0F, 0.0F});
}

TEST_CASE("the categories' gradients of a row sum to zero") {
  const Loss loss =
      LossOf(NormalFloats(kLossLabels.size() * 5, 4), 5, kLossLabels, kLossWeights, {});
  for (std::size_t r = 0; r < kLossLabels.size(); ++r) {
    float sum = 0.0F;
    for (std::size_t c = 0; c < 4; ++c) sum += loss.gradient[r * 5 + c];
    CHECK(std::fabs(sum) < 1e-6F);
  }
}
