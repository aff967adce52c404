#include "server/learn/schedule.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <thread>

#include "cli/cancel.h"
#include "server/api/app.h"
#include "server/log.h"

namespace smartsynch {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kTick(100);
constexpr milliseconds kLongestRetry(30000);

void WaitUntil(Clock::time_point end) {
  while (!IsCancelled() && Clock::now() < end) {
    std::this_thread::sleep_for(std::min<Clock::duration>(
        kTick, std::max<Clock::duration>(end - Clock::now(), kTick / 100)));
  }
}

// How long until a run is due, by the store's own record, which other processes write too.
Result<milliseconds> UntilDue(Store& store, milliseconds every) {
  const Result<std::vector<LearningRun>> runs = store.LearningRuns(1);
  if (!runs) return tl::unexpected(runs.error());
  if (runs->empty()) return milliseconds(0);
  const milliseconds left = milliseconds(runs->front().started_ms - NowMs()) + every;
  // A clock that was set back must not stop the learning for longer than it always waits.
  return std::clamp(left, milliseconds(0), every);
}

// Gives how long to wait before looking again.
Result<milliseconds> LookOnce(Store& store, const LearnOptions& options,
                              const ScheduleOptions& schedule) {
  Result<milliseconds> left = UntilDue(store, schedule.every);
  if (!left || *left > milliseconds(0)) return left;
  const Result<bool> is_new = HasNewFeedback(store);
  if (!is_new) return tl::unexpected(is_new.error());
  if (!*is_new) {
    LogEvent("info", "nothing_to_learn");
    return schedule.every;
  }
  const Result<LearningRun> run = LearnFromStore(store, options);
  if (!run) return tl::unexpected(run.error());
  LogEvent("info", "learning_run",
           {{"number", std::to_string(run->number)},
            {"outcome", run->outcome},
            {"champion", run->champion},
            {"challenger", run->challenger},
            {"reason", run->reason}});
  if (schedule.on_run) schedule.on_run(*run);
  return UntilDue(store, schedule.every);
}

}  // namespace

Result<milliseconds> ParseInterval(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  const std::int64_t seconds = unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : 86400;
  const bool is_unit = unit == "s" || unit == "m" || unit == "h" || unit == "d";
  constexpr std::int64_t kMostSeconds = std::int64_t{365} * 86400;
  if (error != std::errc() || !is_unit || count < 1 || count >= kMostSeconds / seconds) {
    return Fail(ErrorCode::kInvalidArgument,
                "found \"" + std::string(text) + "\", expected a time such as 90s, 15m, 24h or 7d",
                "--schedule");
  }
  return milliseconds(count * seconds * 1000);
}

void LearnOnSchedule(Store& store, const LearnOptions& options, const ScheduleOptions& schedule) {
  LogEvent("info", "learning_scheduled",
           {{"every_s", std::to_string(schedule.every.count() / 1000)}});
  while (!IsCancelled()) {
    const Result<milliseconds> wait = LookOnce(store, options, schedule);
    if (!wait && wait.error().code != ErrorCode::kCancelled) {
      LogEvent("warning", "learning_failed", {{"error", wait.error().message}});
    }
    WaitUntil(Clock::now() + (wait ? *wait : std::min(schedule.every, kLongestRetry)));
  }
  LogEvent("info", "learning_stopped");
}

}  // namespace smartsynch
