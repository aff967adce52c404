// Learning again and again, in one process of all that share a store: the others find its lock
// taken, or its run too recent, and wait for their turn. Failures are logged and tried again; a
// store that is away is waited for.
// Thread safety: as LearnFromStore().
#pragma once

#include <chrono>
#include <functional>
#include <string_view>

#include "server/learn/learn.h"

namespace smartsynch {

struct ScheduleOptions {
  std::chrono::milliseconds every{};  // from the start of one run to that of the next
  std::function<void(const LearningRun&)> on_run;
};

// "90s", "15m", "24h", "7d". Fails with kInvalidArgument for anything else, zero, and a year or
// more.
Result<std::chrono::milliseconds> ParseInterval(std::string_view text);

// Returns once IsCancelled() says so, at most some 100 ms after that. The first run is due `every`
// after the last one that the store knows of, at once when it knows none. Feedback that has all
// been looked at makes no run.
void LearnOnSchedule(Store& store, const LearnOptions& options, const ScheduleOptions& schedule);

}  // namespace smartsynch
