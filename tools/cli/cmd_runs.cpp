// runs: the local log of training runs, and sending what a tracking server has not got yet.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/common.h"
#include "cli/locations.h"
#include "cli/mlflow.h"
#include "cli/run_log.h"

namespace smartsynch {
namespace {

using nlohmann::ordered_json;

struct RunsOptions {
  std::string runs;
  MlflowOptions mlflow;
  bool all = false;
  bool json = false;
};

Result<std::vector<LoggedRun>> LoadRuns(const RunsOptions& options) {
  const Result<std::string> folder =
      options.runs.empty() ? DefaultRunsFolder() : Result<std::string>(options.runs);
  if (!folder) return tl::unexpected(folder.error());
  std::vector<LoggedRun> runs;
  for (const std::string& path : ListRuns(*folder)) {
    Result<LoggedRun> run = LoadRun(path);
    if (run) {
      runs.push_back(std::move(*run));
    } else {
      std::fprintf(stderr, "smartsynch: skipped %s\n", run.error().message.c_str());
    }
  }
  return runs;
}

ordered_json Accuracy(const ordered_json& run) {
  const ordered_json::json_pointer place("/metrics/held_out/accuracy");
  return run.contains(place) ? run[place] : ordered_json(nullptr);
}

int List(const RunsOptions& options) {
  const Result<std::vector<LoggedRun>> runs = LoadRuns(options);
  if (!runs) return ReportFailure(runs.error());
  ordered_json json = ordered_json::array();
  std::string text = runs->empty() ? "no runs yet\n" : "";
  for (const LoggedRun& logged : *runs) {
    const ordered_json& run = *logged.run;
    const ordered_json accuracy = Accuracy(run);
    json.push_back({{"id", run["id"]},
                    {"status", run["status"]},
                    {"folder", logged.folder},
                    {"epochs", logged.epochs->size()},
                    {"accuracy", accuracy},
                    {"sent", logged.is_sent}});
    char line[256];
    std::snprintf(line, sizeof line, "%-32s %-9s %4zu epochs  %s%s\n",
                  run["id"].get<std::string>().c_str(), run["status"].get<std::string>().c_str(),
                  logged.epochs->size(),
                  accuracy.is_number() ? ("held out " + accuracy.dump().substr(0, 5)).c_str() : "",
                  logged.is_sent ? ", sent" : "");
    text += line;
  }
  return options.json ? PrintJson(json) : PrintText(text);
}

int Send(const RunsOptions& options) {
  const Result<std::vector<LoggedRun>> runs = LoadRuns(options);
  if (!runs) return ReportFailure(runs.error());
  std::size_t sent = 0;
  std::size_t failed = 0;
  for (const LoggedRun& logged : *runs) {
    if ((logged.is_sent || (*logged.run)["status"] == "running") && !options.all) continue;
    const Status status = SendRun(logged.folder, options.mlflow);
    if (status) {
      ++sent;
      continue;
    }
    ++failed;
    std::fprintf(stderr, "smartsynch: %s: %s\n", logged.folder.c_str(),
                 status.error().message.c_str());
    if (status.error().code == ErrorCode::kUnavailable) break;  // nor will the next one go
  }
  const int printed =
      options.json
          ? PrintJson({{"sent", sent}, {"failed", failed}})
          : PrintText(std::to_string(sent) + " sent, " + std::to_string(failed) + " failed\n");
  return failed > 0 ? kExitFailure : printed;
}

}  // namespace

VerbAction DefineRuns(CLI::App& command) {
  auto options = std::make_shared<RunsOptions>();
  command.require_subcommand(1);
  CLI::App* list = command.add_subcommand("list", "the runs in the log, oldest first");
  CLI::App* send = command.add_subcommand("send", "send finished runs to an MLflow server");
  for (CLI::App* action : {list, send}) {
    action->add_option("--runs", options->runs,
                       "folder of the run log (default: $SMARTSYNCH_RUNS, else runs/)");
    AddJsonFlag(*action, options->json);
  }
  const auto is_uri = [](std::string& uri) {
    const Status status = CheckTrackingUri(uri);
    return status ? std::string() : status.error().message;
  };
  send->add_option("--tracking-uri", options->mlflow.uri, "such as http://localhost:5000")
      ->required()
      ->check(CLI::Validator(is_uri, "URI"));
  send->add_option("--experiment", options->mlflow.experiment, "its name on that server")
      ->capture_default_str();
  send->add_flag("--all", options->all, "those that were sent, and killed ones, too");
  return [options, list] { return list->parsed() ? List(*options) : Send(*options); };
}

}  // namespace smartsynch
