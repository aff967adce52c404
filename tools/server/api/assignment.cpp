#include "server/api/assignment.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "smartsynch/experiment/assignment.h"

namespace smartsynch {
namespace {

constexpr double kZ = 1.959963984540054;  // 97.5 % point of the normal distribution

}  // namespace

std::optional<Assignment> Assign(std::span<const Experiment> experiments, const std::string& user) {
  for (const Experiment& experiment : experiments) {
    if (experiment.state != ExperimentState::kRunning) continue;
    std::vector<WeightedArm> arms;
    for (const ExperimentArm& arm : experiment.arms) arms.push_back({arm.name, arm.weight});
    if (const std::optional<std::size_t> arm = AssignArm(experiment.id, user, arms)) {
      return Assignment{&experiment, &experiment.arms[*arm]};
    }
  }
  return std::nullopt;
}

Interval WilsonInterval(std::uint64_t successes, std::uint64_t trials) {
  if (trials == 0) return {};
  const double n = static_cast<double>(trials);
  const double p = static_cast<double>(successes) / n;
  const double middle = (p + kZ * kZ / (2 * n)) / (1 + kZ * kZ / n);
  const double half = kZ / (1 + kZ * kZ / n) * std::sqrt(p * (1 - p) / n + kZ * kZ / (4 * n * n));
  return {std::max(0.0, middle - half), std::min(1.0, middle + half)};
}

}  // namespace smartsynch
