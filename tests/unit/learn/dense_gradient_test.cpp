#include "smartsynch/learn/dense_gradient.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "support/floats.h"
#include "support/reference_loss.h"

using smartsynch::DenseGradient;
using smartsynch::DenseHead;
using smartsynch::DenseLossAndGradient;
using smartsynch::LossOptions;
using smartsynch::testing::NormalFloats;
using smartsynch::testing::NumericalGradient;
using smartsynch::testing::ReferenceLoss;
using smartsynch::testing::RelativeDifference;
using smartsynch::testing::SameBits;
using smartsynch::testing::ToDouble;

namespace {

constexpr std::size_t kInput = 5;
constexpr std::size_t kHidden = 7;
constexpr std::size_t kGradientOutputs = 4;
const std::vector<int> kLabels = {0, 2, -1, 1, 2, -1};
const std::vector<float> kWeights = {1.0F, 0.5F, 1.0F, 2.0F, 0.0F, 0.75F};

DenseHead RandomHead() {
  return {kInput,
          kHidden,
          kGradientOutputs,
          NormalFloats(kInput * kHidden, 1),
          NormalFloats(kHidden, 2),
          NormalFloats(kHidden * kGradientOutputs, 3),
          NormalFloats(kGradientOutputs, 4)};
}

// About a third of the units left out, the others scaled up.
std::vector<float> DropoutMask() {
  std::vector<float> mask = NormalFloats(kLabels.size() * kHidden, 5);
  for (float& factor : mask) factor = factor < -0.4F ? 0.0F : 1.5F;
  return mask;
}

// The head once more, in double.
struct ReferenceHead {
  std::vector<double> w1, b1, w2, b2;

  double Loss(const std::vector<float>& embeddings, const std::vector<float>& mask,
              const LossOptions& options) const {
    std::vector<double> logits;
    for (std::size_t r = 0; r < kLabels.size(); ++r) {
      std::vector<double> hidden = b1;
      for (std::size_t h = 0; h < kHidden; ++h) {
        for (std::size_t i = 0; i < kInput; ++i) {
          hidden[h] += static_cast<double>(embeddings[r * kInput + i]) * w1[i * kHidden + h];
        }
        hidden[h] = std::max(hidden[h], 0.0) *
                    (mask.empty() ? 1.0 : static_cast<double>(mask[r * kHidden + h]));
      }
      for (std::size_t o = 0; o < kGradientOutputs; ++o) {
        double logit = b2[o];
        for (std::size_t h = 0; h < kHidden; ++h) logit += hidden[h] * w2[h * kGradientOutputs + o];
        logits.push_back(logit);
      }
    }
    return ReferenceLoss(logits, kGradientOutputs, kLabels, kWeights, options);
  }
};

}  // namespace

TEST_CASE("the gradient of every parameter agrees with finite differences") {
  const DenseHead head = RandomHead();
  const std::vector<float> embeddings = NormalFloats(kLabels.size() * kInput, 6);
  for (const bool with_dropout : {false, true}) {
    for (const LossOptions& options :
         {LossOptions{0.0F, false}, LossOptions{0.1F, true}, LossOptions{0.05F, false}}) {
      const std::vector<float> mask = with_dropout ? DropoutMask() : std::vector<float>{};
      DenseGradient gradient;
      const float loss =
          DenseLossAndGradient(head, embeddings.data(), kLabels, kWeights, mask, options, gradient);
      ReferenceHead reference = {ToDouble(head.w1), ToDouble(head.b1), ToDouble(head.w2),
                                 ToDouble(head.b2)};
      const auto f = [&] { return reference.Loss(embeddings, mask, options); };
      CHECK(static_cast<double>(loss) == doctest::Approx(f()).epsilon(1e-5));
      CHECK(RelativeDifference(gradient.w1, NumericalGradient(reference.w1, f)) < 1e-4);
      CHECK(RelativeDifference(gradient.b1, NumericalGradient(reference.b1, f)) < 1e-4);
      CHECK(RelativeDifference(gradient.w2, NumericalGradient(reference.w2, f)) < 1e-4);
      CHECK(RelativeDifference(gradient.b2, NumericalGradient(reference.b2, f)) < 1e-4);
    }
  }
}

TEST_CASE("a unit left out of every row gets no gradient, nor does one that never fires") {
  DenseHead head = RandomHead();
  head.b1[3] = -1000.0F;  // never fires
  const std::vector<float> embeddings = NormalFloats(kLabels.size() * kInput, 6);
  std::vector<float> mask(kLabels.size() * kHidden, 1.0F);
  for (std::size_t r = 0; r < kLabels.size(); ++r) mask[r * kHidden + 5] = 0.0F;  // left out
  DenseGradient gradient;
  DenseLossAndGradient(head, embeddings.data(), kLabels, kWeights, mask, {}, gradient);
  for (const std::size_t unit : {3U, 5U}) {
    CHECK(gradient.b1[unit] == 0.0F);
    for (std::size_t i = 0; i < kInput; ++i) CHECK(gradient.w1[i * kHidden + unit] == 0.0F);
    for (std::size_t o = 0; o < kGradientOutputs; ++o)
      CHECK(gradient.w2[unit * kGradientOutputs + o] == 0.0F);
  }
  CHECK(gradient.b1[0] != 0.0F);
}

TEST_CASE("a gradient used again is overwritten, not added to") {
  const DenseHead head = RandomHead();
  const std::vector<float> embeddings = NormalFloats(kLabels.size() * kInput, 6);
  DenseGradient once;
  DenseLossAndGradient(head, embeddings.data(), kLabels, kWeights, {}, {}, once);
  DenseGradient again = {std::vector<float>(99, 5.0F), std::vector<float>(1, 5.0F), {}, {7.0F}};
  DenseLossAndGradient(head, embeddings.data(), kLabels, kWeights, {}, {}, again);
  CHECK(SameBits(once.w1, again.w1));
  CHECK(SameBits(once.b1, again.b1));
  CHECK(SameBits(once.w2, again.w2));
  CHECK(SameBits(once.b2, again.b2));
}

TEST_CASE("no rows give a gradient of zeros, of the head's shapes") {
  const DenseHead head = RandomHead();
  DenseGradient gradient;
  CHECK(DenseLossAndGradient(head, nullptr, {}, {}, {}, {}, gradient) == 0.0F);
  CHECK(gradient.w1 == std::vector<float>(head.w1.size(), 0.0F));
  CHECK(gradient.b1 == std::vector<float>(head.b1.size(), 0.0F));
  CHECK(gradient.w2 == std::vector<float>(head.w2.size(), 0.0F));
  CHECK(gradient.b2 == std::vector<float>(head.b2.size(), 0.0F));
}
