#include "server/api/assignment.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "smartsynch/base/hash.h"
#include "smartsynch/experiment/assignment.h"

namespace smartsynch {
namespace {

constexpr double kZ = 1.959963984540054;  // 97.5 % point of the normal distribution

}  // namespace

std::uint32_t UserSlice(const std::string& user) {
  return static_cast<std::uint32_t>(SpreadBits(Fnv1a64("slice:" + user)) % kUserSlices);
}

std::optional<Assignment> Assign(std::span<const Experiment> experiments, const std::string& user) {
  const std::uint32_t slice = UserSlice(user);
  for (const Experiment& experiment : experiments) {
    const bool takes_part =
        slice >= experiment.first_slice && slice - experiment.first_slice < experiment.slices;
    if (experiment.state != ExperimentState::kRunning || !takes_part) continue;
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
