// A comparison of two versions of the personal model on one user's device: a share of the tasks is
// answered by the challenger, and what the user then keeps is counted from the feedback log, so
// that replaying the log gives the same counts.
//
//   LocalExperiment experiment;
//   experiment.id = "e1";
//   personal.UseExperiment(experiment, challenger_heads);
//   PersonalTask task = personal.Prepare(title, description, task_id);   // task.arm is the key's
//   // the feedback's event carries experiment.id and task.arm
//   Result<LocalComparison> now = CompareLocally(personal.log(), experiment);
//
// Which arm a task sees depends on experiment and key alone (experiment/assignment.h), whether it
// is predicted again, later, or in another tab. The test (experiment/sequential_test.h) may be read
// after every feedback. Thread safety: plain values and pure functions.
#pragma once

#include <string>
#include <string_view>

#include "smartsynch/base/status.h"
#include "smartsynch/experiment/sequential_test.h"
#include "smartsynch/personal/feedback_log.h"

namespace smartsynch {

struct LocalExperiment {
  std::string id;                 // which events name it; never used twice on a device
  double challenger_share = 0.5;  // of the keys, 0.001 to 0.999
  SequentialTestOptions test;
};

// Fails with kInvalidArgument, field "id" (empty or longer than 100 bytes), "share", "alpha" or
// "least_gain".
Status CheckExperiment(const LocalExperiment& experiment);

// Whose turn a key is: always the same one.
Arm ArmOf(const LocalExperiment& experiment, std::string_view key);

struct LocalComparison {
  ArmOutcomes champion;
  ArmOutcomes challenger;
  ArmComparison test;
};

// Counts the events that name the experiment and were not undone. Only the first one about a task
// (its task_id, else its text) counts, since the test needs independent outcomes. It was accepted
// when the category shown was kept, or the best suggestion was chosen. Fails as CheckExperiment().
Result<LocalComparison> CompareLocally(const FeedbackLog& log, const LocalExperiment& experiment);

}  // namespace smartsynch
