#include "smartsynch/learn/calibrate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <utility>

#include "smartsynch/learn/training_data.h"
#include "smartsynch/nn/math.h"

namespace smartsynch {
namespace {

constexpr int kNewtonSteps = 100;
constexpr int kHalvings = 40;
// A slight pull towards zero keeps the fit finite when the samples are perfectly separable.
constexpr double kRidge = 1e-4;

template <std::size_t N>
using Vector = std::array<double, N>;
template <std::size_t N>
using Matrix = std::array<std::array<double, N>, N>;

// Beyond this, Exp is 0 or infinite and Sigmoid 0 or 1 anyway.
float Bounded(double x) { return static_cast<float>(std::clamp(x, -200.0, 200.0)); }

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

// What a fit minimises: returns its value at w, and fills in its slope and curvature there.
template <std::size_t N>
using Objective =
    std::function<double(const Vector<N>& w, Vector<N>& gradient, Matrix<N>& curvature)>;

// Newton's method. A step is halved until the objective falls, so that overshooting, which the
// logistic function invites where it is flat, can never run away. Parameters that are not free keep
// their value; with `non_negative` they stop at zero.
template <std::size_t N>
Vector<N> Minimize(const Objective<N>& objective, Vector<N> w, std::array<bool, N> is_free,
                   bool non_negative) {
  Vector<N> gradient{};
  Matrix<N> curvature{};
  double value = objective(w, gradient, curvature);
  for (int step = 0; step < kNewtonSteps; ++step) {
    for (std::size_t i = 0; i < N; ++i) {
      if (is_free[i]) continue;
      gradient[i] = 0.0;
      for (std::size_t j = 0; j < N; ++j) curvature[i][j] = curvature[j][i] = 0.0;
      curvature[i][i] = 1.0;
    }
    const Vector<N> direction = Solve(curvature, gradient);
    bool improved = false;
    double length = 1.0;
    for (int halving = 0; halving < kHalvings && !improved; ++halving, length *= 0.5) {
      Vector<N> next = w;
      for (std::size_t i = 0; i < N; ++i) {
        next[i] -= length * direction[i];
        if (non_negative) next[i] = std::max(next[i], 0.0);
      }
      Vector<N> next_gradient{};
      Matrix<N> next_curvature{};
      const double next_value = objective(next, next_gradient, next_curvature);
      if (!(next_value < value)) continue;
      w = next;
      value = next_value;
      gradient = next_gradient;
      curvature = next_curvature;
      improved = true;
    }
    if (!improved) break;
    for (std::size_t i = 0; i < N; ++i) {
      if (non_negative && w[i] <= 0.0 && gradient[i] >= 0.0) is_free[i] = false;
    }
  }
  return w;
}

// One head's logits in units of their root mean square, so that a fit does not depend on their
// size.
class ScaledLogits {
 public:
  ScaledLogits(const std::vector<float>& logits, std::size_t outputs, std::size_t first_column,
               std::size_t end_column)
      : logits_(logits), outputs_(outputs) {
    double squares = 0.0;
    std::size_t count = 0;
    for (std::size_t row = 0; row * outputs < logits.size(); ++row) {
      for (std::size_t c = first_column; c < end_column; ++c) {
        const auto logit = static_cast<double>(logits[row * outputs + c]);
        squares += logit * logit;
        ++count;
      }
    }
    if (squares > 0.0) unit_ = std::sqrt(squares / static_cast<double>(count));
  }

  bool empty() const { return logits_.empty(); }
  double At(std::size_t row, std::size_t column) const {
    return empty() ? 0.0 : static_cast<double>(logits_[row * outputs_ + column]) / unit_;
  }
  // The weight of the logits themselves, within the range of float.
  float Weight(double scaled_weight) const {
    return static_cast<float>(std::clamp(scaled_weight / unit_, -1e30, 1e30));
  }

 private:
  const std::vector<float>& logits_;
  std::size_t outputs_;
  double unit_ = 1.0;
};

template <std::size_t N>
double StartWithRidge(const Vector<N>& w, Vector<N>& gradient, Matrix<N>& curvature) {
  double value = 0.0;
  curvature = {};
  for (std::size_t i = 0; i < N; ++i) {
    value += 0.5 * kRidge * w[i] * w[i];
    gradient[i] = kRidge * w[i];
    curvature[i][i] = kRidge;
  }
  return value;
}

// Cross-entropy of the categories in the two heads' weights.
void FitCategoryWeights(const HeldOutLogits& h, Calibration& calibration) {
  const std::size_t categories = h.outputs - 1;
  const ScaledLogits dense(h.dense, h.outputs, 0, categories);
  const ScaledLogits lexical(h.lexical, h.outputs, 0, categories);
  std::vector<Vector<2>> x(categories);
  std::vector<double> z(categories);
  const Objective<2> objective = [&](const Vector<2>& w, Vector<2>& gradient,
                                     Matrix<2>& curvature) {
    double loss = StartWithRidge(w, gradient, curvature);
    for (std::size_t r = 0; r < h.labels.size(); ++r) {
      if (h.labels[r] < 0) continue;
      for (std::size_t c = 0; c < categories; ++c) {
        x[c] = {dense.At(r, c), lexical.At(r, c)};
        z[c] = w[0] * x[c][0] + w[1] * x[c][1];
      }
      const double highest = *std::max_element(z.begin(), z.end());
      const auto label = static_cast<std::size_t>(h.labels[r]);
      const double label_z = z[label];
      double sum = 0.0;
      for (double& value : z) {
        value = static_cast<double>(Exp(Bounded(value - highest)));
        sum += value;
      }
      Vector<2> mean = {0.0, 0.0};
      Matrix<2> square = {};
      for (std::size_t c = 0; c < categories; ++c) {
        const double p = z[c] / sum;
        for (std::size_t i = 0; i < 2; ++i) {
          mean[i] += p * x[c][i];
          for (std::size_t j = 0; j < 2; ++j) square[i][j] += p * x[c][i] * x[c][j];
        }
      }
      const auto weight = static_cast<double>(h.weights[r]);
      loss += weight * (highest + static_cast<double>(Log(static_cast<float>(sum))) - label_z);
      for (std::size_t i = 0; i < 2; ++i) {
        gradient[i] += weight * (mean[i] - x[label][i]);
        for (std::size_t j = 0; j < 2; ++j) {
          curvature[i][j] += weight * (square[i][j] - mean[i] * mean[j]);
        }
      }
    }
    return loss;
  };
  const std::array<bool, 2> is_free = {!dense.empty(), !lexical.empty()};
  const Vector<2> start = {is_free[0] ? 0.5 : 0.0, is_free[1] ? 0.5 : 0.0};
  const Vector<2> w = Minimize<2>(objective, start, is_free, /*non_negative=*/true);
  calibration.dense_weight = dense.Weight(w[0]);
  calibration.lexical_weight = lexical.Weight(w[1]);
}

// Logistic regression of "belongs to no category" on the two open-set logits.
void FitNovelty(const HeldOutLogits& h, Calibration& calibration) {
  const std::size_t column = h.outputs - 1;
  const ScaledLogits dense(h.dense, h.outputs, column, h.outputs);
  const ScaledLogits lexical(h.lexical, h.outputs, column, h.outputs);
  const Objective<3> objective = [&](const Vector<3>& w, Vector<3>& gradient,
                                     Matrix<3>& curvature) {
    double loss = StartWithRidge(w, gradient, curvature);
    for (std::size_t r = 0; r < h.labels.size(); ++r) {
      const Vector<3> x = {dense.At(r, column), lexical.At(r, column), 1.0};
      const double z = w[0] * x[0] + w[1] * x[1] + w[2] * x[2];
      const auto p = static_cast<double>(Sigmoid(Bounded(z)));
      const double target = h.labels[r] < 0 ? 1.0 : 0.0;
      const auto weight = static_cast<double>(h.weights[r]);
      const float certainty = Exp(Bounded(-std::fabs(z)));
      loss += weight * (static_cast<double>(Log(1.0F + certainty)) + std::max(z, 0.0) - z * target);
      for (std::size_t i = 0; i < 3; ++i) {
        gradient[i] += weight * (p - target) * x[i];
        for (std::size_t j = 0; j < 3; ++j) {
          curvature[i][j] += weight * p * (1.0 - p) * x[i] * x[j];
        }
      }
    }
    return loss;
  };
  const std::array<bool, 3> is_free = {!dense.empty(), !lexical.empty(), true};
  const Vector<3> start = {is_free[0] ? 0.5 : 0.0, is_free[1] ? 0.5 : 0.0, 0.0};
  const Vector<3> w = Minimize<3>(objective, start, is_free, /*non_negative=*/false);
  calibration.open_dense_weight = dense.Weight(w[0]);
  calibration.open_lexical_weight = lexical.Weight(w[1]);
  calibration.open_bias = static_cast<float>(std::clamp(w[2], -1e30, 1e30));
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
  const double share = false_new > 0.0 ? std::min(false_new, 1.0) : 0.0;  // 0 also for NaN
  const auto allowed = static_cast<std::size_t>(share * static_cast<double>(known.size()));
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
  if (has_known) FitCategoryWeights(held_out, calibration);
  if (held_out.dense.empty()) calibration.dense_weight = 0.0F;
  if (calibration.has_open_set) FitNovelty(held_out, calibration);
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
    // Never above new_novelty, not even by rounding: there the decision is "new".
    const float novelty =
        std::min(best.new_novelty * static_cast<float>(step) / kNoveltySteps, best.new_novelty);
    std::size_t selected = 0;
    std::size_t right = 0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      if (samples[i].novelty < novelty) {
        ++selected;
        right += samples[i].right ? 1 : 0;
      }
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
