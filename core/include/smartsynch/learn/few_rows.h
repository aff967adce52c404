// How heads are trained where examples are few. They learn by steps, and few rows give few steps an
// epoch: with 5 examples of each of 77 intents the epochs that are plenty for 7,000 rows are 312
// steps, too few to get anywhere, so they are repeated more often. Nor does early stopping help
// there: its one validation row a category says little about when to stop, and the loss turns up,
// from growing confidence, while more rows still come right; whatever confidence is too much the
// calibration takes back. So the whole schedule is run, to the end of which the learning rate falls
// to zero.
//
// What is then left is chance: with so few rows, where the weights started decides a point or so of
// accuracy. Several heads from different starts are trained, and their mean answers.
//
//   least_steps = 1500, 385 rows in batches of 32: 13 steps an epoch, so 116 epochs.
//
// Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "smartsynch/learn/trainer.h"

namespace smartsynch {

// Heads whose mean answers: one to so many.
inline constexpr std::size_t kMostMembers = 16;

// The defaults were chosen on the validation splits of the few-shot sets of CLINC150 and BANKING77.
struct FewRowsOptions {
  std::size_t least_steps = 1500;  // a schedule with fewer steps is lengthened; 0: none is
  std::size_t members = 3;         // in place of TrainModelOptions::members, then
};

// At most so many times the epochs, for a handful of rows would otherwise take a thousand.
inline constexpr std::size_t kMostFewRowsFactor = 10;

// The options to train `rows` rows with, early stopping left out; or nothing when the schedule
// already has the steps. Options that no Trainer takes give nothing as well.
std::optional<TrainerOptions> ScheduleForFewRows(const TrainerOptions& options,
                                                 const FewRowsOptions& few_rows, std::size_t rows);

// Heads whose logits are the mean of the members': the hidden units of all stand side by side in
// one, so what they cost is width. `members`: one or more, of equal shapes.
TrainedHeads AverageHeads(const std::vector<TrainedHeads>& members);

}  // namespace smartsynch
