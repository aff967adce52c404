// Shared by what makes the rows of a fine-tuning.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "smartsynch/base/status.h"
#include "smartsynch/personal/fine_tune_task.h"

namespace smartsynch {

// Appends `dimension` values of length one in this direction, zeros for an empty one.
void AppendUnit(std::span<const std::int8_t> direction, std::size_t dimension,
                std::vector<float>& x);

// kInvalidArgument, field "log", with too few rows to train and judge on.
Status CheckEnoughToFineTune(const FineTuneTask& task);

}  // namespace smartsynch
