// Which version a user sees while an experiment runs, and how sure an arm's rate is.
// Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "server/store/records.h"

namespace smartsynch {

struct Assignment {
  const Experiment* experiment = nullptr;
  const ExperimentArm* arm = nullptr;
};

// In the running experiment that has the user's slice, as experiment/assignment.h does. Nothing
// when none has it. The pointers are into `experiments`.
std::optional<Assignment> Assign(std::span<const Experiment> experiments, const std::string& user);

// Which of kUserSlices equal parts of all users this one is in: always the same, whatever runs.
std::uint32_t UserSlice(const std::string& user);

struct Interval {
  double low = 0;
  double high = 1;
};

// 95 % Wilson score interval of a rate (Wilson 1927); [0, 1] for no trial.
Interval WilsonInterval(std::uint64_t successes, std::uint64_t trials);

}  // namespace smartsynch
