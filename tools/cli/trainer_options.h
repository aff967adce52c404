// The command line options of TrainerOptions but the seed, and of FewRowsOptions.
#pragma once

#include <CLI/CLI.hpp>

#include "smartsynch/learn/train_model.h"
#include "smartsynch/learn/trainer.h"

namespace smartsynch {

void AddTrainerOptions(CLI::App& command, TrainerOptions& trainer);

void AddMembersOptions(CLI::App& command, TrainModelOptions& training);

// A schedule that the command line names (--epochs, --patience, --learning-rate) is taken as it is,
// however few the rows, unless it names --least-steps as well. Call when it is parsed.
void KeepGivenSchedule(const CLI::App& command, FewRowsOptions& few_rows);

}  // namespace smartsynch
