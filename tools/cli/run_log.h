// The local log of training runs: one folder a run, each file complete or absent whenever the
// program is killed.
//
//   RUN/run.json       {"id", "status": "running" | "finished" | "failed", "started", "ended",
//                       "parameters", "data_sha256", "git_commit", "metrics", "artifacts", "error"}
//   RUN/epochs.jsonl   a line an epoch, written as it ends: {"run", "epoch", "train_loss",
//                       "validation_loss", "validation_accuracy", "time"}
//   RUN/sent.json      where it was sent to, once it was (cli/mlflow.h)
//
// A killed run stays "running"; its last line may be cut, which LoadRun() drops.
// Thread safety: one thread at a time; several programs may write into one runs folder.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "smartsynch/base/status.h"
#include "smartsynch/learn/trainer.h"

namespace smartsynch {

class RunLog {
 public:
  // Makes a folder of its own, named after the time and the process, below `runs`. Fails with kIo.
  static Result<RunLog> Start(const std::string& runs, const nlohmann::ordered_json& parameters);

  void SetDataHash(const std::string& sha256);
  // Failures to log an epoch are kept for Finish(): a full disk must not end a training.
  void AddEpoch(const std::string& name, const EpochMetrics& metrics);
  // `artifacts`: paths of files the run wrote, as given by the caller.
  Status Finish(const nlohmann::ordered_json& metrics, const std::vector<std::string>& artifacts);
  Status FinishFailed(const Error& error);

  const std::string& folder() const { return folder_; }

 private:
  RunLog(std::string folder, const nlohmann::ordered_json& run);
  Status Save();

  std::string folder_;
  std::shared_ptr<nlohmann::ordered_json> run_;
  Status epochs_written_;
};

struct LoggedRun {
  std::string folder;
  std::shared_ptr<const nlohmann::ordered_json> run;     // run.json
  std::shared_ptr<const nlohmann::ordered_json> epochs;  // array: whole lines of epochs.jsonl
  bool is_sent = false;
};

// Fails with kNotFound, kIo or kInvalidData, naming the file.
Result<LoggedRun> LoadRun(const std::string& folder);

// Folders below `runs` that hold a run.json, oldest first; none when `runs` does not exist.
std::vector<std::string> ListRuns(const std::string& runs);

// The commit of the git repository that holds the working folder; empty outside one.
std::string GitCommit();

std::int64_t UnixMilliseconds();

}  // namespace smartsynch
