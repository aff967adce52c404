#include "cli/fine_tune_store.h"

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/cancel.h"
#include "cli/common.h"
#include "server/learn/schedule.h"
#include "server/store/postgres_store.h"
#include "server/store/sqlite_store.h"

namespace smartsynch {
namespace {

using nlohmann::ordered_json;

constexpr int kPatienceMs = 60000;

// On a schedule a PostgreSQL that is away now is waited for.
Result<std::unique_ptr<Store>> Open(const StoreArguments& arguments) {
  if (!arguments.postgres.empty()) {
    PostgresOptions options;
    options.connection = arguments.postgres;
    return OpenPostgresStore(options, arguments.schedule.empty());
  }
  std::error_code error;
  if (!std::filesystem::is_regular_file(arguments.store, error)) {
    return Fail(ErrorCode::kNotFound,
                arguments.store + ": no such file, expected the server.db of a server", "--store");
  }
  return OpenSqliteStore({arguments.store});
}

ordered_json ToJson(const LearningRun& run) {
  ordered_json json = {{"accepted", !run.challenger.empty()},
                       {"outcome", run.outcome},
                       {"reason", run.reason},
                       {"run", run.number},
                       {"parent", run.champion},
                       {"model_version", run.challenger.empty() ? ordered_json(nullptr)
                                                                : ordered_json(run.challenger)}};
  const ordered_json details = ordered_json::parse(run.details, nullptr, false);
  if (details.is_object()) json.update(details);
  return json;
}

int Report(const LearningRun& run, bool json) {
  if (json) {
    if (const int code = PrintJson(ToJson(run)); code != kExitSuccess) return code;
  } else if (!run.challenger.empty()) {
    return PrintText(run.outcome + " version " + run.challenger + ", from " + run.champion + ": " +
                     run.reason + "\n");
  }
  if (!run.challenger.empty()) return kExitSuccess;
  return ReportFailure(
      {ErrorCode::kInvalidData, "the fine-tuned model is refused: " + run.reason, {}});
}

}  // namespace

int FineTuneStore(const StoreArguments& arguments) {
  ScheduleOptions schedule;
  if (!arguments.schedule.empty()) {
    const auto every = ParseInterval(arguments.schedule);
    if (!every) return ReportUsage(every.error().field + ": " + every.error().message);
    schedule.every = *every;
  }
  CancelOnSignals();
  const Result<std::unique_ptr<Store>> store = Open(arguments);
  if (!store) return ReportFailure(store.error());
  LearnOptions options = arguments.learn;
  if (arguments.schedule.empty()) {
    const Result<LearningRun> run = LearnFromStore(**store, options);
    return run ? Report(*run, arguments.json) : ReportFailure(run.error());
  }
  options.patience_ms = kPatienceMs;
  if (arguments.json) {
    schedule.on_run = [](const LearningRun& run) { PrintText(ToJson(run).dump() + "\n"); };
  }
  LearnOnSchedule(**store, options, schedule);
  return kExitSuccess;
}

}  // namespace smartsynch
