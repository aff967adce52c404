// The command line options of TrainerOptions but the seed.
#pragma once

#include <CLI/CLI.hpp>

#include "smartsynch/learn/trainer.h"

namespace smartsynch {

void AddTrainerOptions(CLI::App& command, TrainerOptions& trainer);

}  // namespace smartsynch
