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

// The heads in the order of every vector below: dense, lexical, token.
constexpr std::size_t kHeads = 3;

std::array<ScaledLogits, kHeads> Heads(const HeldOutLogits& h, std::size_t first_column,
                                       std::size_t end_column) {
  return {ScaledLogits(h.dense, h.outputs, first_column, end_column),
          ScaledLogits(h.lexical, h.outputs, first_column, end_column),
          ScaledLogits(h.token, h.outputs, first_column, end_column)};
}

// Cross-entropy of the categories in the heads' weights.
void FitCategoryWeights(const HeldOutLogits& h, Calibration& calibration) {
  const std::size_t categories = h.outputs - 1;
  const auto heads = Heads(h, 0, categories);
  std::vector<Vector<kHeads>> x(categories);
  std::vector<double> z(categories);
  const Objective<kHeads> objective = [&](const Vector<kHeads>& w, Vector<kHeads>& gradient,
                                          Matrix<kHeads>& curvature) {
    double loss = StartWithRidge(w, gradient, curvature);
    for (std::size_t r = 0; r < h.labels.size(); ++r) {
      if (h.labels[r] < 0) continue;
      for (std::size_t c = 0; c < categories; ++c) {
        z[c] = 0.0;
        for (std::size_t i = 0; i < kHeads; ++i) {
          x[c][i] = heads[i].At(r, c);
          z[c] += w[i] * x[c][i];
        }
      }
      const double highest = *std::max_element(z.begin(), z.end());
      const auto label = static_cast<std::size_t>(h.labels[r]);
      const double label_z = z[label];
      double sum = 0.0;
      for (double& value : z) {
        value = static_cast<double>(Exp(Bounded(value - highest)));
        sum += value;
      }
      Vector<kHeads> mean = {};
      Matrix<kHeads> square = {};
      for (std::size_t c = 0; c < categories; ++c) {
        const double p = z[c] / sum;
        for (std::size_t i = 0; i < kHeads; ++i) {
          mean[i] += p * x[c][i];
          for (std::size_t j = 0; j < kHeads; ++j) square[i][j] += p * x[c][i] * x[c][j];
        }
      }
      const auto weight = static_cast<double>(h.weights[r]);
      loss += weight * (highest + static_cast<double>(Log(static_cast<float>(sum))) - label_z);
      for (std::size_t i = 0; i < kHeads; ++i) {
        gradient[i] += weight * (mean[i] - x[label][i]);
        for (std::size_t j = 0; j < kHeads; ++j) {
          curvature[i][j] += weight * (square[i][j] - mean[i] * mean[j]);
        }
      }
    }
    return loss;
  };
  std::array<bool, kHeads> is_free = {};
  Vector<kHeads> start = {};
  for (std::size_t i = 0; i < kHeads; ++i) {
    is_free[i] = !heads[i].empty();
    start[i] = is_free[i] ? 0.5 : 0.0;
  }
  const Vector<kHeads> w = Minimize<kHeads>(objective, start, is_free, /*non_negative=*/true);
  calibration.dense_weight = heads[0].Weight(w[0]);
  calibration.lexical_weight = heads[1].Weight(w[1]);
  calibration.token_weight = heads[2].Weight(w[2]);
}

// Logistic regression of "belongs to no category" on the heads' open-set logits.
void FitNovelty(const HeldOutLogits& h, Calibration& calibration) {
  constexpr std::size_t kParameters = kHeads + 1;  // the last is the bias
  const std::size_t column = h.outputs - 1;
  const auto heads = Heads(h, column, h.outputs);
  const Objective<kParameters> objective = [&](const Vector<kParameters>& w,
                                               Vector<kParameters>& gradient,
                                               Matrix<kParameters>& curvature) {
    double loss = StartWithRidge(w, gradient, curvature);
    for (std::size_t r = 0; r < h.labels.size(); ++r) {
      Vector<kParameters> x = {};
      double z = 0.0;
      for (std::size_t i = 0; i < kParameters; ++i) {
        x[i] = i < kHeads ? heads[i].At(r, column) : 1.0;
        z += w[i] * x[i];
      }
      const auto p = static_cast<double>(Sigmoid(Bounded(z)));
      const double target = h.labels[r] < 0 ? 1.0 : 0.0;
      const auto weight = static_cast<double>(h.weights[r]);
      const float certainty = Exp(Bounded(-std::fabs(z)));
      loss += weight * (static_cast<double>(Log(1.0F + certainty)) + std::max(z, 0.0) - z * target);
      for (std::size_t i = 0; i < kParameters; ++i) {
        gradient[i] += weight * (p - target) * x[i];
        for (std::size_t j = 0; j < kParameters; ++j) {
          curvature[i][j] += weight * p * (1.0 - p) * x[i] * x[j];
        }
      }
    }
    return loss;
  };
  std::array<bool, kParameters> is_free = {};
  Vector<kParameters> start = {};
  is_free[kHeads] = true;
  for (std::size_t i = 0; i < kHeads; ++i) {
    is_free[i] = !heads[i].empty();
    start[i] = is_free[i] ? 0.5 : 0.0;
  }
  const Vector<kParameters> w =
      Minimize<kParameters>(objective, start, is_free, /*non_negative=*/false);
  calibration.open_dense_weight = heads[0].Weight(w[0]);
  calibration.open_lexical_weight = heads[1].Weight(w[1]);
  calibration.open_token_weight = heads[2].Weight(w[2]);
  calibration.open_bias = static_cast<float>(std::clamp(w[kHeads], -1e30, 1e30));
}

}  // namespace

HeadLogits LogitsOf(const HeldOutLogits& held_out, std::size_t row) {
  const auto row_of = [&](const std::vector<float>& logits) {
    return logits.empty()
               ? std::span<const float>{}
               : std::span<const float>(logits).subspan(row * held_out.outputs, held_out.outputs);
  };
  return {row_of(held_out.dense), row_of(held_out.lexical), row_of(held_out.token)};
}

Scores ScoresOf(const HeldOutLogits& held_out, std::size_t row, const Calibration& calibration) {
  Scores scores = Calibrate(LogitsOf(held_out, row), calibration);
  if (row < held_out.novelty.size()) scores.novelty = held_out.novelty[row];
  return scores;
}

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

}  // namespace smartsynch
