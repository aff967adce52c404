#include "smartsynch/distill/principal_axes.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace smartsynch {
namespace {

constexpr int kMaxSweeps = 30;

// Turns the symmetric `a` [n, n] into a diagonal of eigenvalues; row i of `vectors` is then the
// eigenvector of a[i, i].
void Diagonalize(std::vector<double>& a, std::size_t n, std::vector<double>& vectors) {
  vectors.assign(n * n, 0.0);
  for (std::size_t i = 0; i < n; ++i) vectors[i * n + i] = 1.0;
  double scale = 0.0;
  for (const double value : a) scale += value * value;
  const auto rotate_rows = [n](double* p, double* q, double cosine, double sine) {
    for (std::size_t k = 0; k < n; ++k) {
      const double at_p = p[k];
      p[k] = cosine * at_p - sine * q[k];
      q[k] = sine * at_p + cosine * q[k];
    }
  };
  for (int sweep = 0; sweep < kMaxSweeps; ++sweep) {
    double off_diagonal = 0.0;
    for (std::size_t p = 0; p < n; ++p) {
      for (std::size_t q = p + 1; q < n; ++q) off_diagonal += a[p * n + q] * a[p * n + q];
    }
    if (off_diagonal <= 1e-24 * scale) return;
    for (std::size_t p = 0; p < n; ++p) {
      for (std::size_t q = p + 1; q < n; ++q) {
        const double entry = a[p * n + q];
        if (entry == 0.0) continue;
        const double theta = (a[q * n + q] - a[p * n + p]) / (2.0 * entry);
        const double tangent =
            (theta >= 0.0 ? 1.0 : -1.0) / (std::fabs(theta) + std::sqrt(theta * theta + 1.0));
        const double cosine = 1.0 / std::sqrt(tangent * tangent + 1.0);
        const double sine = tangent * cosine;
        rotate_rows(a.data() + p * n, a.data() + q * n, cosine, sine);
        for (std::size_t k = 0; k < n; ++k) {
          const double at_p = a[k * n + p];
          const double at_q = a[k * n + q];
          a[k * n + p] = cosine * at_p - sine * at_q;
          a[k * n + q] = sine * at_p + cosine * at_q;
        }
        rotate_rows(vectors.data() + p * n, vectors.data() + q * n, cosine, sine);
      }
    }
  }
}

}  // namespace

void PrincipalAxes::Project(const float* vector, float* out) const {
  for (std::size_t axis = 0; axis < axes; ++axis) {
    double sum = 0.0;
    for (std::size_t i = 0; i < input; ++i) {
      sum +=
          static_cast<double>(vector[i] - mean[i]) * static_cast<double>(basis[axis * input + i]);
    }
    out[axis] = static_cast<float>(sum);
  }
}

PrincipalAxes FindPrincipalAxes(std::span<const float> vectors, std::size_t input,
                                std::size_t axes) {
  PrincipalAxes result;
  result.input = input;
  result.axes = std::min(axes, input);
  const std::size_t rows = input == 0 ? 0 : vectors.size() / input;
  std::vector<double> mean(input, 0.0);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t i = 0; i < input; ++i) {
      mean[i] += static_cast<double>(vectors[r * input + i]) / static_cast<double>(rows);
    }
  }
  std::vector<double> covariance(input * input, 0.0);
  std::vector<double> centered(input);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t i = 0; i < input; ++i) {
      centered[i] = static_cast<double>(vectors[r * input + i]) - mean[i];
    }
    for (std::size_t i = 0; i < input; ++i) {
      for (std::size_t j = i; j < input; ++j)
        covariance[i * input + j] += centered[i] * centered[j];
    }
  }
  for (std::size_t i = 0; i < input; ++i) {
    for (std::size_t j = 0; j < i; ++j) covariance[i * input + j] = covariance[j * input + i];
  }
  std::vector<double> eigenvectors;
  Diagonalize(covariance, input, eigenvectors);
  std::vector<std::size_t> order(input);
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto strength = [&](std::size_t i) { return std::max(covariance[i * input + i], 0.0); };
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return strength(a) > strength(b); });
  double all = 0.0;
  for (std::size_t i = 0; i < input; ++i) all += strength(i);
  result.mean.assign(mean.begin(), mean.end());
  for (std::size_t axis = 0; axis < result.axes; ++axis) {
    if (all > 0.0) result.explained += strength(order[axis]) / all;
    const double* vector = eigenvectors.data() + order[axis] * input;
    for (std::size_t i = 0; i < input; ++i) result.basis.push_back(static_cast<float>(vector[i]));
  }
  return result;
}

}  // namespace smartsynch
