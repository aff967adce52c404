// The training loss written once more, plainly and in double, for the tests to differentiate.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "smartsynch/learn/loss.h"

namespace smartsynch::testing {

// As ClassificationLoss: `logits` [labels.size(), outputs], the open-set logit last.
inline double ReferenceLoss(const std::vector<double>& logits, std::size_t outputs,
                            const std::vector<int>& labels, const std::vector<float>& weights,
                            const LossOptions& options) {
  const std::size_t categories = outputs - 1;
  const auto smoothing = static_cast<double>(options.label_smoothing);
  double total = 0.0;
  for (std::size_t r = 0; r < labels.size(); ++r) {
    const double* z = logits.data() + r * outputs;
    double row = 0.0;
    if (labels[r] >= 0) {
      double sum = 0.0;
      for (std::size_t c = 0; c < categories; ++c) sum += std::exp(z[c]);
      for (std::size_t c = 0; c < categories; ++c) {
        const double target = smoothing / static_cast<double>(categories) +
                              (static_cast<int>(c) == labels[r] ? 1.0 - smoothing : 0.0);
        row -= target * (z[c] - std::log(sum));
      }
    }
    if (options.has_open_set) {
      const double target = labels[r] < 0 ? 1.0 - smoothing / 2.0 : smoothing / 2.0;
      const double p = 1.0 / (1.0 + std::exp(-z[categories]));
      row -= target * std::log(p) + (1.0 - target) * std::log(1.0 - p);
    }
    total += static_cast<double>(weights[r]) * row / static_cast<double>(labels.size());
  }
  return total;
}

// d f / d values, by central differences.
template <typename Function>
std::vector<double> NumericalGradient(std::vector<double>& values, Function f) {
  constexpr double kStep = 1e-5;
  std::vector<double> gradient;
  for (double& value : values) {
    const double before = value;
    value = before + kStep;
    const double above = f();
    value = before - kStep;
    const double below = f();
    value = before;
    gradient.push_back((above - below) / (2.0 * kStep));
  }
  return gradient;
}

// The largest difference, measured against the largest entry.
inline double RelativeDifference(const std::vector<float>& found,
                                 const std::vector<double>& expected) {
  double difference = found.size() == expected.size() ? 0.0 : 1e9;
  double largest = 1e-12;
  for (std::size_t i = 0; i < std::min(found.size(), expected.size()); ++i) {
    difference = std::max(difference, std::fabs(static_cast<double>(found[i]) - expected[i]));
    largest = std::max(largest, std::fabs(expected[i]));
  }
  return difference / largest;
}

inline std::vector<double> ToDouble(const std::vector<float>& values) {
  return {values.begin(), values.end()};
}

}  // namespace smartsynch::testing
