#include "smartsynch/learn/calibrate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "smartsynch/learn/training_data.h"
#include "smartsynch/nn/math.h"

namespace smartsynch {
namespace {

constexpr int kNewtonSteps = 40;
// Keeps the fit finite when the samples are perfectly separable.
constexpr double kRidge = 1e-4;

template <std::size_t N>
using Vector = std::array<double, N>;
template <std::size_t N>
using Matrix = std::array<std::array<double, N>, N>;

// Gaussian elimination with pivoting; the matrix is positive definite thanks to the ridge.
template <std::size_t N>
Vector<N> Solve(Matrix<N> a, Vector<N> b) {
  for (std::size_t i = 0; i < N; ++i) {
    std::size_t pivot = i;
    for (std::size_t r = i + 1; r < N; ++r) {
      if (std::fabs(a[r][i]) > std::fabs(a[pivot][i])) pivot = r;
    }
    std::swap(a[i], a[pivot]);
    std::swap(b[i], b[pivot]);
    for (std::size_t r = i + 1; r < N; ++r) {
      const double factor = a[r][i] / a[i][i];
      for (std::size_t c = i; c < N; ++c) a[r][c] -= factor * a[i][c];
      b[r] -= factor * b[i];
    }
  }
  for (std::size_t i = N; i-- > 0;) {
    for (std::size_t c = i + 1; c < N; ++c) b[i] -= a[i][c] * b[c];
    b[i] /= a[i][i];
  }
  return b;
}

float LogitAt(const std::vector<float>& logits, std::size_t outputs, std::size_t row,
              std::size_t column) {
  return logits.empty() ? 0.0F : logits[row * outputs + column];
}

// Value, gradient and curvature of the cross-entropy in the two heads' weights, with a head that is
// switched off held at zero.
double CategoryLoss(const HeldOutLogits& h, const Vector<2>& w, Vector<2>& gradient,
                    Matrix<2>& curvature) {
  const std::size_t categories = h.outputs - 1;
  double loss = 0.5 * kRidge * (w[0] * w[0] + w[1] * w[1]);
  gradient = {kRidge * w[0], kRidge * w[1]};
  curvature = {{{kRidge, 0.0}, {0.0, kRidge}}};
  std::vector<double> z(categories);
  for (std::size_t r = 0; r < h.labels.size(); ++r) {
    if (h.labels[r] < 0) continue;
    for (std::size_t c = 0; c < categories; ++c) {
      z[c] = w[0] * static_cast<double>(LogitAt(h.dense, h.outputs, r, c)) +
             w[1] * static_cast<double>(LogitAt(h.lexical, h.outputs, r, c));
    }
    const double highest = *std::max_element(z.begin(), z.end());
    const auto label = static_cast<std::size_t>(h.labels[r]);
    const double label_z = z[label];
    double sum = 0.0;
    for (double& value : z) {
      value = static_cast<double>(Exp(static_cast<float>(value - highest)));
      sum += value;
    }
    Vector<2> mean = {0.0, 0.0};
    Matrix<2> square = {};
    for (std::size_t c = 0; c < categories; ++c) {
      const double p = z[c] / sum;
      const Vector<2> x = {static_cast<double>(LogitAt(h.dense, h.outputs, r, c)),
                           static_cast<double>(LogitAt(h.lexical, h.outputs, r, c))};
      for (std::size_t i = 0; i < 2; ++i) {
        mean[i] += p * x[i];
        for (std::size_t j = 0; j < 2; ++j) square[i][j] += p * x[i] * x[j];
      }
    }
    const Vector<2> of_label = {static_cast<double>(LogitAt(h.dense, h.outputs, r, label)),
                                static_cast<double>(LogitAt(h.lexical, h.outputs, r, label))};
    const auto weight = static_cast<double>(h.weights[r]);
    loss += weight * (highest + static_cast<double>(Log(static_cast<float>(sum))) - label_z);
    for (std::size_t i = 0; i < 2; ++i) {
      gradient[i] += weight * (mean[i] - of_label[i]);
      for (std::size_t j = 0; j < 2; ++j) {
        curvature[i][j] += weight * (square[i][j] - mean[i] * mean[j]);
      }
    }
  }
  return loss;
}

Vector<2> FitCategoryWeights(const HeldOutLogits& h) {
  Vector<2> w = {h.dense.empty() ? 0.0 : 0.5, h.lexical.empty() ? 0.0 : 0.5};
  std::array<bool, 2> is_free = {!h.dense.empty(), !h.lexical.empty()};
  Vector<2> gradient{};
  Matrix<2> curvature{};
  double loss = CategoryLoss(h, w, gradient, curvature);
  for (int step = 0; step < kNewtonSteps; ++step) {
    for (std::size_t i = 0; i < 2; ++i) {
      if (is_free[i]) continue;
      gradient[i] = 0.0;
      curvature[i] = {};
      curvature[0][i] = curvature[1][i] = 0.0;
      curvature[i][i] = 1.0;
    }
    const Vector<2> direction = Solve(curvature, gradient);
    double length = 1.0;
    bool improved = false;
    for (int halving = 0; halving < 20 && !improved; ++halving, length *= 0.5) {
      Vector<2> next = w;
      for (std::size_t i = 0; i < 2; ++i) next[i] = std::max(0.0, w[i] - length * direction[i]);
      Vector<2> next_gradient{};
      Matrix<2> next_curvature{};
      const double next_loss = CategoryLoss(h, next, next_gradient, next_curvature);
      if (next_loss < loss) {
        w = next;
        loss = next_loss;
        gradient = next_gradient;
        curvature = next_curvature;
        improved = true;
      }
    }
    for (std::size_t i = 0; i < 2; ++i)
      is_free[i] = is_free[i] && (w[i] > 0.0 || gradient[i] < 0.0);
    if (!improved) break;
  }
  return w;
}

// Logistic regression of "belongs to no category" on the two open-set logits.
Vector<3> FitNovelty(const HeldOutLogits& h) {
  const std::size_t column = h.outputs - 1;
  Vector<3> w = {h.dense.empty() ? 0.0 : 0.5, h.lexical.empty() ? 0.0 : 0.5, 0.0};
  for (int step = 0; step < kNewtonSteps; ++step) {
    Vector<3> gradient = {kRidge * w[0], kRidge * w[1], kRidge * w[2]};
    Matrix<3> curvature = {};
    for (std::size_t i = 0; i < 3; ++i) curvature[i][i] = kRidge;
    for (std::size_t r = 0; r < h.labels.size(); ++r) {
      const Vector<3> x = {static_cast<double>(LogitAt(h.dense, h.outputs, r, column)),
                           static_cast<double>(LogitAt(h.lexical, h.outputs, r, column)), 1.0};
      const double z = w[0] * x[0] + w[1] * x[1] + w[2] * x[2];
      const auto p = static_cast<double>(Sigmoid(static_cast<float>(z)));
      const double target = h.labels[r] < 0 ? 1.0 : 0.0;
      const auto weight = static_cast<double>(h.weights[r]);
      // The floor keeps a step bounded where every sample is already certain.
      const double slope = weight * std::max(p * (1.0 - p), 1e-4);
      for (std::size_t i = 0; i < 3; ++i) {
        gradient[i] += weight * (p - target) * x[i];
        for (std::size_t j = 0; j < 3; ++j) curvature[i][j] += slope * x[i] * x[j];
      }
    }
    const Vector<3> direction = Solve(curvature, gradient);
    double largest = 0.0;
    for (std::size_t i = 0; i < 3; ++i) {
      w[i] -= direction[i];
      largest = std::max(largest, std::fabs(direction[i]));
    }
    if (largest < 1e-9) break;
  }
  return w;
}

struct ScoredSample {
  float confidence = 0.0F;
  float novelty = 0.0F;
  bool known = false;
  bool right = false;
};

std::vector<ScoredSample> ScoreAll(const HeldOutLogits& h, const Calibration& calibration) {
  std::vector<ScoredSample> samples(h.labels.size());
  const auto row_of = [&](const std::vector<float>& logits, std::size_t row) {
    return logits.empty() ? std::span<const float>{}
                          : std::span<const float>(logits).subspan(row * h.outputs, h.outputs);
  };
  for (std::size_t r = 0; r < samples.size(); ++r) {
    const Scores scores = Calibrate(row_of(h.dense, r), row_of(h.lexical, r), calibration);
    const auto best = std::max_element(scores.probabilities.begin(), scores.probabilities.end());
    samples[r].confidence = *best;
    samples[r].novelty = scores.novelty;
    samples[r].known = h.labels[r] >= 0;
    samples[r].right = best - scores.probabilities.begin() == h.labels[r];
  }
  return samples;
}

// The lower end of Wilson's score interval for `right` of `count`.
double WilsonLowerBound(std::size_t right, std::size_t count, double z) {
  const auto n = static_cast<double>(count);
  const double share = static_cast<double>(right) / n;
  const double margin = z * std::sqrt(share * (1.0 - share) / n + z * z / (4.0 * n * n));
  return (share + z * z / (2.0 * n) - margin) / (1.0 + z * z / n);
}

float NewNoveltyThreshold(const std::vector<ScoredSample>& samples, double false_new) {
  std::vector<float> known;
  for (const ScoredSample& s : samples) {
    if (s.known) known.push_back(s.novelty);
  }
  if (known.empty()) return DecisionThresholds{}.new_novelty;
  std::sort(known.begin(), known.end(), std::greater<>());
  const auto allowed = static_cast<std::size_t>(false_new * static_cast<double>(known.size()));
  // Just above the first value that would break the allowance.
  return std::nextafter(known[std::min(allowed, known.size() - 1)], 2.0F);
}

}  // namespace

Calibration FitCalibration(const HeldOutLogits& held_out) {
  Calibration calibration;
  const bool has_known = std::any_of(held_out.labels.begin(), held_out.labels.end(),
                                     [](int label) { return label >= 0; });
  calibration.has_open_set =
      has_known && std::any_of(held_out.labels.begin(), held_out.labels.end(),
                               [](int label) { return label == kOpenSetLabel; });
  if (has_known) {
    const Vector<2> w = FitCategoryWeights(held_out);
    calibration.dense_weight = static_cast<float>(w[0]);
    calibration.lexical_weight = static_cast<float>(w[1]);
  }
  if (held_out.dense.empty()) calibration.dense_weight = 0.0F;
  if (calibration.has_open_set) {
    const Vector<3> w = FitNovelty(held_out);
    calibration.open_dense_weight = static_cast<float>(w[0]);
    calibration.open_lexical_weight = static_cast<float>(w[1]);
    calibration.open_bias = static_cast<float>(w[2]);
  }
  return calibration;
}

DecisionThresholds FitThresholds(const HeldOutLogits& held_out, const Calibration& calibration,
                                 const ThresholdOptions& options) {
  std::vector<ScoredSample> samples = ScoreAll(held_out, calibration);
  DecisionThresholds best;
  best.new_novelty = NewNoveltyThreshold(samples, options.false_new);
  best.auto_confidence = 2.0F;
  best.auto_novelty = best.new_novelty;
  std::sort(samples.begin(), samples.end(), [](const ScoredSample& a, const ScoredSample& b) {
    return a.confidence > b.confidence;
  });
  std::size_t most_selected = 0;
  constexpr int kNoveltySteps = 20;
  for (int step = 1; step <= kNoveltySteps; ++step) {
    const float novelty = best.new_novelty * static_cast<float>(step) / kNoveltySteps;
    std::size_t selected = 0;
    std::size_t right = 0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      if (samples[i].novelty >= novelty) continue;
      ++selected;
      right += samples[i].right ? 1 : 0;
      // A threshold lies between two different confidences, never within a group of equal ones.
      const bool last_of_group =
          i + 1 == samples.size() || samples[i + 1].confidence < samples[i].confidence;
      if (last_of_group && right > most_selected &&
          WilsonLowerBound(right, selected, options.z) >= options.precision) {
        most_selected = right;
        best.auto_confidence = samples[i].confidence;
        best.auto_novelty = novelty;
      }
    }
  }
  return best;
}

}  // namespace smartsynch
