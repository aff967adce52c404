#include "smartsynch/learn/calibrate.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "smartsynch/base/random.h"
#include "support/floats.h"

using smartsynch::Calibrate;
using smartsynch::Calibration;
using smartsynch::FitCalibration;
using smartsynch::HeldOutLogits;
using smartsynch::Random;
using smartsynch::testing::NormalFloats;

namespace {

constexpr std::size_t kOutputs = 4;  // three categories

// Logits as drawn, labels as the true calibration says: each row stands there once for every
// category and once as open set, weighted by the probability of each, so that the best fit is the
// true calibration itself and no chance is left.
HeldOutLogits FromTruth(const Calibration& truth, std::size_t rows) {
  HeldOutLogits h;
  h.outputs = kOutputs;
  for (std::uint64_t row = 0; row < rows; ++row) {
    const std::vector<float> dense = NormalFloats(kOutputs, 2 * row);
    const std::vector<float> lexical = NormalFloats(kOutputs, 2 * row + 1);
    const smartsynch::Scores scores = Calibrate({dense, lexical}, truth);
    for (int label = -1; label < 3; ++label) {
      if (label < 0 && !truth.has_open_set) continue;
      h.dense.insert(h.dense.end(), dense.begin(), dense.end());
      h.lexical.insert(h.lexical.end(), lexical.begin(), lexical.end());
      h.labels.push_back(label);
      const float known = truth.has_open_set ? 1.0F - scores.novelty : 1.0F;
      h.weights.push_back(label < 0
                              ? scores.novelty
                              : known * scores.probabilities[static_cast<std::size_t>(label)]);
    }
  }
  return h;
}

// Labels by the sign of the logits, blurred by `noise`; logits of size `scale`.
HeldOutLogits Blurred(std::size_t rows, float scale, float noise, std::uint64_t seed) {
  HeldOutLogits h;
  h.outputs = kOutputs;
  Random random(seed);
  for (std::size_t row = 0; row < rows; ++row) {
    const int label = static_cast<int>(random.NextBelow(4)) - 1;
    for (std::vector<float>* logits : {&h.dense, &h.lexical}) {
      for (int o = 0; o < 4; ++o) {
        const bool is_label = o == (label < 0 ? 3 : label);
        logits->push_back(scale * ((is_label ? 1.0F : -1.0F) + noise * random.NextNormal()));
      }
    }
    h.labels.push_back(label);
    h.weights.push_back(1.0F);
  }
  return h;
}

// What the fit minimises, in double: the weighted cross-entropy and a slight pull towards zero,
// which keeps it finite.
constexpr double kRidge = 1e-4;

double NoveltyLoss(const HeldOutLogits& h, double size, double dense, double lexical, double bias) {
  double total = 0.5 * kRidge * (size * size * (dense * dense + lexical * lexical) + bias * bias);
  for (std::size_t r = 0; r < h.labels.size(); ++r) {
    const std::size_t place = r * h.outputs + h.outputs - 1;
    const double z = bias + dense * static_cast<double>(h.dense[place]) +
                     lexical * static_cast<double>(h.lexical[place]);
    const double towards = h.labels[r] < 0 ? z : -z;
    total += static_cast<double>(h.weights[r]) *
             (std::log1p(std::exp(-std::fabs(towards))) + std::max(-towards, 0.0));
  }
  return total;
}

double CategoryLoss(const HeldOutLogits& h, double size, double dense, double lexical) {
  double total = 0.5 * kRidge * size * size * (dense * dense + lexical * lexical);
  for (std::size_t r = 0; r < h.labels.size(); ++r) {
    if (h.labels[r] < 0) continue;
    std::vector<double> z(h.outputs - 1);
    for (std::size_t c = 0; c < z.size(); ++c) {
      z[c] = dense * static_cast<double>(h.dense[r * h.outputs + c]) +
             lexical * static_cast<double>(h.lexical[r * h.outputs + c]);
    }
    const double highest = *std::max_element(z.begin(), z.end());
    double sum = 0.0;
    for (const double value : z) sum += std::exp(value - highest);
    total += static_cast<double>(h.weights[r]) *
             (highest + std::log(sum) - z[static_cast<std::size_t>(h.labels[r])]);
  }
  return total;
}

bool IsFinite(const Calibration& c) {
  return std::isfinite(c.dense_weight) && std::isfinite(c.lexical_weight) &&
         std::isfinite(c.open_dense_weight) && std::isfinite(c.open_lexical_weight) &&
         std::isfinite(c.open_bias);
}

}  // namespace

TEST_CASE("the fit finds the calibration that made the labels") {
  for (const Calibration& truth : {Calibration{2.0F, 0.5F, true, 1.5F, 0.75F, -1.0F},
                                   Calibration{0.3F, 3.0F, true, 0.2F, 2.0F, 0.5F},
                                   Calibration{1.0F, 1.0F, false, 0.0F, 0.0F, 0.0F}}) {
    const Calibration fit = FitCalibration(FromTruth(truth, 400));
    CHECK(fit.dense_weight == doctest::Approx(truth.dense_weight).epsilon(0.002));
    CHECK(fit.lexical_weight == doctest::Approx(truth.lexical_weight).epsilon(0.002));
    CHECK(fit.has_open_set == truth.has_open_set);
    CHECK(fit.open_dense_weight == doctest::Approx(truth.open_dense_weight).epsilon(0.002));
    CHECK(fit.open_lexical_weight == doctest::Approx(truth.open_lexical_weight).epsilon(0.002));
    CHECK(fit.open_bias == doctest::Approx(truth.open_bias).epsilon(0.002));
  }
}

TEST_CASE("three heads: each gets its weight, and one that says nothing gets none") {
  Calibration truth{1.5F, 0.5F, true, 1.0F, 0.75F, -1.0F};
  truth.token_weight = 2.0F;
  truth.open_token_weight = 0.5F;
  HeldOutLogits h;
  h.outputs = kOutputs;
  for (std::uint64_t row = 0; row < 400; ++row) {
    const std::vector<float> dense = NormalFloats(kOutputs, 3 * row);
    const std::vector<float> lexical = NormalFloats(kOutputs, 3 * row + 1);
    const std::vector<float> token = NormalFloats(kOutputs, 3 * row + 2);
    const smartsynch::Scores scores = Calibrate({dense, lexical, token}, truth);
    for (int label = -1; label < 3; ++label) {
      h.dense.insert(h.dense.end(), dense.begin(), dense.end());
      h.lexical.insert(h.lexical.end(), lexical.begin(), lexical.end());
      h.token.insert(h.token.end(), token.begin(), token.end());
      h.labels.push_back(label);
      h.weights.push_back(label < 0 ? scores.novelty
                                    : (1.0F - scores.novelty) *
                                          scores.probabilities[static_cast<std::size_t>(label)]);
    }
  }
  const Calibration fit = FitCalibration(h);
  CHECK(fit.dense_weight == doctest::Approx(truth.dense_weight).epsilon(0.002));
  CHECK(fit.lexical_weight == doctest::Approx(truth.lexical_weight).epsilon(0.002));
  CHECK(fit.token_weight == doctest::Approx(truth.token_weight).epsilon(0.002));
  CHECK(fit.open_token_weight == doctest::Approx(truth.open_token_weight).epsilon(0.002));
  CHECK(fit.open_bias == doctest::Approx(truth.open_bias).epsilon(0.002));

  HeldOutLogits instant = h;
  instant.dense.clear();
  const Calibration without_dense = FitCalibration(instant);
  CHECK(without_dense.dense_weight == 0.0F);
  CHECK(without_dense.token_weight > 0.5F);

  for (float& logit : h.token) logit = -logit;
  CHECK(FitCalibration(h).token_weight == 0.0F);
  h.token.clear();
  const Calibration two = FitCalibration(h);
  CHECK(two.token_weight == 0.0F);
  CHECK(two.open_token_weight == 0.0F);
}

TEST_CASE("with the lexical head alone its weight is the inverse temperature") {
  HeldOutLogits h = FromTruth({0.0F, 2.5F, true, 0.0F, 1.5F, -0.5F}, 400);
  h.dense.clear();
  const Calibration fit = FitCalibration(h);
  CHECK(fit.dense_weight == 0.0F);
  CHECK(fit.open_dense_weight == 0.0F);
  CHECK(fit.lexical_weight == doctest::Approx(2.5).epsilon(0.002));
  CHECK(fit.open_lexical_weight == doctest::Approx(1.5).epsilon(0.002));
}

TEST_CASE("weights are never negative: a head that misleads is switched off") {
  HeldOutLogits h = FromTruth({1.5F, 1.0F, false, 0.0F, 0.0F, 0.0F}, 300);
  for (float& logit : h.lexical) logit = -logit;
  const Calibration fit = FitCalibration(h);
  CHECK(fit.lexical_weight == 0.0F);
  CHECK(fit.dense_weight > 0.5F);
  for (float& logit : h.dense) logit = -logit;
  const Calibration none = FitCalibration(h);
  CHECK(none.lexical_weight == 0.0F);
  CHECK(none.dense_weight == 0.0F);
}

TEST_CASE("perfectly separable samples give a finite fit that is sure of them") {
  for (const float scale : {0.01F, 1.0F, 100.0F, 1e6F}) {
    const HeldOutLogits h = Blurred(60, scale, 0.0F, 1);
    const Calibration fit = FitCalibration(h);
    CHECK(IsFinite(fit));
    for (std::size_t r = 0; r < h.labels.size(); ++r) {
      const auto row = [&](const std::vector<float>& logits) {
        return std::span<const float>(logits).subspan(r * kOutputs, kOutputs);
      };
      const smartsynch::Scores scores = Calibrate({row(h.dense), row(h.lexical)}, fit);
      CHECK((scores.novelty > 0.5F) == (h.labels[r] < 0));
      if (h.labels[r] < 0) continue;
      CHECK(scores.probabilities[static_cast<std::size_t>(h.labels[r])] > 0.9F);
    }
  }
}

TEST_CASE("the fit is the best there is nearby, whatever the logits' size") {
  for (const float scale : {0.1F, 1.0F, 10.0F, 100.0F, 1000.0F}) {
    for (const float noise : {0.7F, 2.0F}) {
      for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        CAPTURE(scale);
        CAPTURE(noise);
        CAPTURE(seed);
        const HeldOutLogits h = Blurred(80, scale, noise, seed);
        const Calibration fit = FitCalibration(h);
        REQUIRE(IsFinite(fit));
        const auto d = static_cast<double>(fit.open_dense_weight);
        const auto l = static_cast<double>(fit.open_lexical_weight);
        const auto b = static_cast<double>(fit.open_bias);
        const double size =
            static_cast<double>(scale) * std::hypot(1.0, static_cast<double>(noise));
        const double loss = NoveltyLoss(h, size, d, l, b);
        const auto wd = static_cast<double>(fit.dense_weight);
        const auto wl = static_cast<double>(fit.lexical_weight);
        const double category_loss = CategoryLoss(h, size, wd, wl);
        for (const double factor : {0.0, 0.5, 0.9, 0.99, 1.01, 1.1, 2.0}) {
          CHECK(loss <= NoveltyLoss(h, size, factor * d, factor * l, factor * b) + 1e-3);
          CHECK(loss <= NoveltyLoss(h, size, factor * d, l, b) + 1e-3);
          CHECK(loss <= NoveltyLoss(h, size, d, factor * l, b) + 1e-3);
          CHECK(category_loss <= CategoryLoss(h, size, factor * wd, factor * wl) + 1e-3);
          CHECK(category_loss <= CategoryLoss(h, size, factor * wd, wl) + 1e-3);
          CHECK(category_loss <= CategoryLoss(h, size, wd, factor * wl) + 1e-3);
        }
      }
    }
  }
}

TEST_CASE("the novelty fit does not run away from one gross error among sure samples") {
  // Every sample but one is far on its right side: a full Newton step from there overshoots.
  HeldOutLogits h = Blurred(40, 30.0F, 0.0F, 2);
  h.labels[0] = h.labels[0] < 0 ? 0 : -1;
  const Calibration fit = FitCalibration(h);
  REQUIRE(IsFinite(fit));
  const double size = 30.0;
  const double loss =
      NoveltyLoss(h, size, static_cast<double>(fit.open_dense_weight),
                  static_cast<double>(fit.open_lexical_weight), static_cast<double>(fit.open_bias));
  CHECK(loss < NoveltyLoss(h, size, 0.0, 0.0, 0.0));
  CHECK(loss < 6.0);  // one wrong in forty costs at best 40 times the entropy of 1/40, about 4.7
}

TEST_CASE("sample weights count") {
  HeldOutLogits h = FromTruth({2.0F, 0.5F, true, 1.5F, 0.75F, -1.0F}, 300);
  const Calibration before = FitCalibration(h);
  const std::size_t rows = h.labels.size();
  for (std::size_t r = 0; r < rows; ++r) {  // nonsense of weight zero
    h.dense.insert(h.dense.end(), {9.0F, -9.0F, 9.0F, -9.0F});
    h.lexical.insert(h.lexical.end(), {-9.0F, 9.0F, -9.0F, 9.0F});
    h.labels.push_back(static_cast<int>(r % 4) - 1);
    h.weights.push_back(0.0F);
  }
  const Calibration after = FitCalibration(h);
  CHECK(after.dense_weight == doctest::Approx(before.dense_weight).epsilon(1e-3));
  CHECK(after.open_bias == doctest::Approx(before.open_bias).epsilon(1e-3));
}

TEST_CASE("without a sample of a category the defaults stay") {
  HeldOutLogits h;
  h.outputs = kOutputs;
  const Calibration defaults;
  CHECK(FitCalibration(h).lexical_weight == defaults.lexical_weight);
  CHECK_FALSE(FitCalibration(h).has_open_set);
  h.lexical = NormalFloats(8, 1);
  h.dense = NormalFloats(8, 2);
  h.labels = {-1, -1};
  h.weights = {1.0F, 1.0F};
  const Calibration fit = FitCalibration(h);
  CHECK(fit.dense_weight == defaults.dense_weight);
  CHECK(fit.lexical_weight == defaults.lexical_weight);
  CHECK_FALSE(fit.has_open_set);
}

TEST_CASE("logits that say nothing give even chances") {
  HeldOutLogits h;
  h.outputs = kOutputs;
  h.dense.assign(40, 0.0F);
  h.lexical.assign(40, 0.0F);
  h.labels = {0, 1, 2, -1, -1, 0, 1, 2, -1, -1};
  h.weights.assign(10, 1.0F);
  const Calibration fit = FitCalibration(h);
  REQUIRE(IsFinite(fit));
  const std::vector<float> zeros(kOutputs, 0.0F);
  const smartsynch::Scores scores = Calibrate({zeros, zeros}, fit);
  CHECK(scores.probabilities[0] == doctest::Approx(1.0 / 3.0));
  CHECK(scores.novelty == doctest::Approx(0.4).epsilon(1e-3));  // four of ten
}
