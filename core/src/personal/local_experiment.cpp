#include "smartsynch/personal/local_experiment.h"

#include <array>
#include <cmath>
#include <set>
#include <utility>

#include "smartsynch/experiment/assignment.h"
#include "smartsynch/text/task_text.h"

namespace smartsynch {
namespace {

constexpr std::size_t kMaxIdBytes = 100;
// Shares are weights out of so many, so that a share is a whole number on every host.
constexpr double kWeights = 1000.0;

std::string TaskOf(const FeedbackEvent& event) {
  return event.task_id.empty() ? "text " + NormalizedTaskKey(event.title, event.description)
                               : "id " + event.task_id;
}

bool WasKept(const FeedbackEvent& event) {
  if (event.kind == EventKind::kAccepted) return true;
  return event.kind == EventKind::kChanged && !event.shown.empty() &&
         event.shown.front().category_id == event.category_id;
}

}  // namespace

Status CheckExperiment(const LocalExperiment& experiment) {
  if (experiment.id.empty() || experiment.id.size() > kMaxIdBytes) {
    return Fail(ErrorCode::kInvalidArgument,
                "the experiment's id has " + std::to_string(experiment.id.size()) +
                    " bytes, expected 1 to " + std::to_string(kMaxIdBytes),
                "id");
  }
  if (!(experiment.challenger_share >= 0.001 && experiment.challenger_share <= 0.999)) {
    return Fail(ErrorCode::kInvalidArgument,
                "the challenger's share is " + std::to_string(experiment.challenger_share) +
                    ", expected 0.001 to 0.999",
                "share");
  }
  const Result<ArmComparison> options = CompareArms({}, {}, experiment.test);
  if (!options) return tl::unexpected(options.error());
  return {};
}

Arm ArmOf(const LocalExperiment& experiment, std::string_view key) {
  const auto challenger =
      static_cast<std::uint32_t>(std::lround(experiment.challenger_share * kWeights));
  const std::array<WeightedArm, 2> arms = {
      {{ArmName(Arm::kChampion), static_cast<std::uint32_t>(kWeights) - challenger},
       {ArmName(Arm::kChallenger), challenger}}};
  return AssignArm(experiment.id, key, arms) == std::size_t{1} ? Arm::kChallenger : Arm::kChampion;
}

Result<LocalComparison> CompareLocally(const FeedbackLog& log, const LocalExperiment& experiment) {
  if (Status status = CheckExperiment(experiment); !status) return tl::unexpected(status.error());
  LocalComparison comparison;
  std::set<std::string> seen;
  for (const FeedbackEvent* event : log.Effective()) {
    if (!IsAboutTask(event->kind) || event->experiment_id != experiment.id) continue;
    if (!seen.insert(TaskOf(*event)).second) continue;
    ArmOutcomes& outcomes =
        event->arm == Arm::kChallenger ? comparison.challenger : comparison.champion;
    ++outcomes.shown;
    if (WasKept(*event)) ++outcomes.accepted;
  }
  const Result<ArmComparison> test =
      CompareArms(comparison.champion, comparison.challenger, experiment.test);
  if (!test) return tl::unexpected(test.error());
  comparison.test = *test;
  return comparison;
}

}  // namespace smartsynch
