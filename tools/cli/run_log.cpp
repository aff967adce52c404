#include "cli/run_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "cli/file.h"

namespace smartsynch {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

std::string Dump(const ordered_json& json, int indent) {
  return json.dump(indent, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

std::string Trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

std::string ReadOrEmpty(const fs::path& path) {
  constexpr std::size_t kMost = std::size_t{1} << 24U;
  return ReadFile(path.string(), kMost).value_or(std::string());
}

// What a name such as refs/heads/main points to, loose or packed.
std::string ResolveReference(const fs::path& git, const std::string& name) {
  if (std::string loose = Trimmed(ReadOrEmpty(git / name)); !loose.empty()) return loose;
  const std::string packed = ReadOrEmpty(git / "packed-refs");
  const std::size_t place = packed.find(" " + name + "\n");
  return place == std::string::npos || place < 40 ? "" : packed.substr(place - 40, 40);
}

}  // namespace

std::int64_t UnixMilliseconds() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

std::string GitCommit() {
  std::error_code error;
  for (fs::path folder = fs::current_path(error); !error; folder = folder.parent_path()) {
    fs::path git = folder / ".git";
    if (fs::is_regular_file(git, error)) {  // a worktree: "gitdir: PATH"
      const std::string link = Trimmed(ReadOrEmpty(git));
      if (link.rfind("gitdir: ", 0) == 0) git = folder / link.substr(8);
    }
    if (fs::exists(git / "HEAD", error)) {
      std::string head = Trimmed(ReadOrEmpty(git / "HEAD"));
      if (head.rfind("ref: ", 0) != 0) return head;
      if (std::string commit = ResolveReference(git, head.substr(5)); !commit.empty()) {
        return commit;
      }
      const std::string common = Trimmed(ReadOrEmpty(git / "commondir"));
      return common.empty() ? "" : ResolveReference(git / common, head.substr(5));
    }
    error.clear();
    if (folder == folder.root_path()) break;
  }
  return {};
}

RunLog::RunLog(std::string folder, const ordered_json& run)
    : folder_(std::move(folder)), run_(std::make_shared<ordered_json>(run)) {}

void RunLog::SetDataHash(const std::string& sha256) { (*run_)["data_sha256"] = sha256; }

Result<RunLog> RunLog::Start(const std::string& runs, const ordered_json& parameters) {
  std::error_code error;
  fs::create_directories(runs, error);
  if (error) {
    return Fail(ErrorCode::kIo, "cannot make the folder " + runs + ": " + error.message(),
                "--runs");
  }
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char stamp[32];
  std::strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", &utc);
  // Another program may start in the same second with the same process number in its container.
  for (int attempt = 0; attempt < 1000; ++attempt) {
    const std::string id = std::string(stamp) + "-" + std::to_string(getpid()) +
                           (attempt == 0 ? std::string() : "-" + std::to_string(attempt));
    const fs::path folder = fs::path(runs) / id;
    if (!fs::create_directory(folder, error)) {
      if (!error) continue;
      return Fail(ErrorCode::kIo,
                  "cannot make the folder " + folder.string() + ": " + error.message(), "--runs");
    }
    ordered_json run;
    run["id"] = id;
    run["status"] = "running";
    run["started"] = UnixMilliseconds();
    run["parameters"] = parameters;
    const std::string commit = GitCommit();
    run["git_commit"] = commit.empty() ? ordered_json(nullptr) : ordered_json(commit);
    RunLog log(folder.string(), run);
    if (Status status = log.Save(); !status) return tl::unexpected(status.error());
    return log;
  }
  return Fail(ErrorCode::kIo, "no free name for a run in " + runs, "--runs");
}

void RunLog::AddEpoch(const std::string& name, const EpochMetrics& metrics) {
  if (!epochs_written_) return;
  ordered_json line;
  line["run"] = name;
  line["epoch"] = metrics.epoch;
  line["train_loss"] = metrics.train_loss;
  line["validation_loss"] = metrics.validation_loss;
  line["validation_accuracy"] = metrics.validation_accuracy;
  line["time"] = UnixMilliseconds();
  const std::string path = (fs::path(folder_) / "epochs.jsonl").string();
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  OutputStream out(file);
  if (file >= 0) out.Write(Dump(line, -1));
  epochs_written_ =
      file < 0 ? Status(Fail(ErrorCode::kIo, "cannot write " + path, "--runs")) : out.Flush();
  if (file >= 0) close(file);
}

Status RunLog::Finish(const ordered_json& metrics, const std::vector<std::string>& artifacts) {
  (*run_)["status"] = "finished";
  (*run_)["ended"] = UnixMilliseconds();
  (*run_)["metrics"] = metrics;
  (*run_)["artifacts"] = artifacts;
  if (Status status = Save(); !status) return status;
  return epochs_written_;
}

Status RunLog::FinishFailed(const Error& error) {
  (*run_)["status"] = "failed";
  (*run_)["ended"] = UnixMilliseconds();
  (*run_)["error"] = error.message;
  return Save();
}

Status RunLog::Save() {
  return WriteFileAtomically((fs::path(folder_) / "run.json").string(), Dump(*run_, 1));
}

Result<LoggedRun> LoadRun(const std::string& folder) {
  const std::string path = (fs::path(folder) / "run.json").string();
  const Result<std::string> bytes = ReadFile(path);
  if (!bytes) return tl::unexpected(bytes.error());
  ordered_json run = ordered_json::parse(*bytes, nullptr, false);
  if (!run.is_object() || !run.contains("id") || !run["id"].is_string() ||
      !run.contains("status") || !run["status"].is_string()) {
    return Fail(ErrorCode::kInvalidData,
                path + " is no run log: expected an object with \"id\" and \"status\"", path);
  }
  ordered_json epochs = ordered_json::array();
  const std::string lines = ReadOrEmpty(fs::path(folder) / "epochs.jsonl");
  for (std::size_t begin = 0; begin < lines.size();) {
    const std::size_t end = lines.find('\n', begin);
    if (end == std::string::npos) break;  // cut by a kill
    ordered_json line = ordered_json::parse(lines.substr(begin, end - begin), nullptr, false);
    if (line.is_object()) epochs.push_back(std::move(line));
    begin = end + 1;
  }
  LoggedRun logged;
  logged.folder = folder;
  logged.run = std::make_shared<const ordered_json>(std::move(run));
  logged.epochs = std::make_shared<const ordered_json>(std::move(epochs));
  const ordered_json sent =
      ordered_json::parse(ReadOrEmpty(fs::path(folder) / "sent.json"), nullptr, false);
  logged.is_sent = sent.is_object() && sent.value("complete", false);
  return logged;
}

std::vector<std::string> ListRuns(const std::string& runs) {
  std::vector<std::string> folders;
  std::error_code error;
  for (fs::directory_iterator i(runs, error), end; !error && i != end; i.increment(error)) {
    std::error_code ignored;
    if (fs::exists(i->path() / "run.json", ignored)) folders.push_back(i->path().string());
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

}  // namespace smartsynch
