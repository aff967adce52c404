#include "cli/mlflow.h"

#include <httplib.h>

#include <chrono>
#include <filesystem>
#include <future>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>
#include <vector>

#include "cli/file.h"

namespace smartsynch {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

struct Uri {
  std::string server;  // "http://host:port"
  std::string path;    // without a slash at the end
};

Uri SplitUri(const std::string& uri) {
  const std::size_t slash = uri.find('/', std::string("http://").size());
  Uri parts{uri.substr(0, slash), slash == std::string::npos ? "" : uri.substr(slash)};
  while (!parts.path.empty() && parts.path.back() == '/') parts.path.pop_back();
  return parts;
}

std::string TextOf(const ordered_json& json, const char* name) {
  return json.is_object() && json.contains(name) && json[name].is_string()
             ? json[name].get<std::string>()
             : std::string();
}

std::string AsText(const ordered_json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// One server, spoken to in JSON.
class Server {
 public:
  explicit Server(const MlflowOptions& options)
      : uri_(SplitUri(options.uri)), client_(uri_.server) {
    client_.set_connection_timeout(5, 0);
    client_.set_read_timeout(options.seconds, 0);
    client_.set_write_timeout(options.seconds, 0);
  }

  Result<ordered_json> Get(const std::string& call) {
    return Answer(call, client_.Get(uri_.path + "/api/2.0/" + call));
  }
  Result<ordered_json> Post(const std::string& call, const ordered_json& body) {
    const std::string bytes = body.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
    return Answer(call, client_.Post(uri_.path + "/api/2.0/" + call, bytes, "application/json"));
  }
  Status Put(const std::string& call, const std::string& bytes) {
    const Result<ordered_json> answer = Answer(
        call, client_.Put(uri_.path + "/api/2.0/" + call, bytes, "application/octet-stream"));
    if (!answer) return tl::unexpected(answer.error());
    return {};
  }

 private:
  Result<ordered_json> Answer(const std::string& call, const httplib::Result& result) const {
    if (!result) {
      return Fail(ErrorCode::kUnavailable,
                  "no answer from " + uri_.server + " (" + httplib::to_string(result.error()) + ")",
                  "--tracking-uri");
    }
    ordered_json json = ordered_json::parse(result->body, nullptr, false);
    if (result->status < 200 || result->status > 299) {
      const std::string message = TextOf(json, "message");
      const ErrorCode code = TextOf(json, "error_code") == "RESOURCE_DOES_NOT_EXIST"
                                 ? ErrorCode::kNotFound
                                 : ErrorCode::kIo;
      return Fail(code,
                  uri_.server + " answered " + std::to_string(result->status) + " to " + call +
                      (message.empty() ? "" : ": " + message.substr(0, 300)),
                  "--tracking-uri");
    }
    return json.is_object() ? std::move(json) : ordered_json::object();
  }

  Uri uri_;
  httplib::Client client_;
};

Result<std::string> ExperimentId(Server& server, const std::string& name) {
  const Result<ordered_json> found = server.Get("mlflow/experiments/get-by-name?experiment_name=" +
                                                httplib::detail::encode_query_param(name));
  if (found && found->contains("experiment")) {
    return TextOf((*found)["experiment"], "experiment_id");
  }
  if (!found && found.error().code != ErrorCode::kNotFound) return tl::unexpected(found.error());
  const Result<ordered_json> made = server.Post("mlflow/experiments/create", {{"name", name}});
  if (!made) return tl::unexpected(made.error());
  return TextOf(*made, "experiment_id");
}

// {"a": {"b": 1}} gives {"a.b", 1}; only numbers are metrics.
void FlattenMetrics(const ordered_json& value, const std::string& name, std::int64_t time,
                    ordered_json& metrics) {
  if (value.is_number()) {
    metrics.push_back(
        {{"key", name}, {"value", value.get<double>()}, {"timestamp", time}, {"step", 0}});
  } else if (value.is_object()) {
    for (const auto& [key, inner] : value.items()) {
      std::string clean;  // what MLflow allows in a name
      for (const char c : key) {
        const bool ok = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                        (c >= 'A' && c <= 'Z') || c == '_' || c == '-' || c == ' ';
        clean += ok ? c : '_';
      }
      if (!name.empty()) clean.insert(0, name + ".");
      FlattenMetrics(inner, clean, time, metrics);
    }
  }
}

ordered_json AllMetrics(const LoggedRun& logged, std::int64_t ended) {
  ordered_json metrics = ordered_json::array();
  for (const ordered_json& line : *logged.epochs) {
    const std::string run = TextOf(line, "run");
    for (const char* name : {"train_loss", "validation_loss", "validation_accuracy"}) {
      if (!line.contains(name) || !line[name].is_number() || !line.contains("epoch")) continue;
      metrics.push_back({{"key", run + "." + name},
                         {"value", line[name]},
                         {"timestamp", line.value("time", ended)},
                         {"step", line["epoch"]}});
    }
  }
  if (logged.run->contains("metrics")) FlattenMetrics((*logged.run)["metrics"], "", ended, metrics);
  return metrics;
}

Status LogBatches(Server& server, const std::string& run_id, const LoggedRun& logged,
                  std::int64_t ended) {
  ordered_json params = ordered_json::array();
  if (logged.run->contains("parameters")) {
    for (const auto& [key, value] : (*logged.run)["parameters"].items()) {
      if (params.size() == 100) break;  // the most a batch takes
      params.push_back({{"key", key}, {"value", AsText(value).substr(0, 500)}});
    }
  }
  const ordered_json metrics = AllMetrics(logged, ended);
  constexpr std::size_t kMost = 800;  // the server's limit is 1,000 metrics and parameters
  for (std::size_t begin = 0; begin == 0 || begin < metrics.size(); begin += kMost) {
    ordered_json batch = {{"run_id", run_id}, {"metrics", ordered_json::array()}};
    if (begin == 0) batch["params"] = params;
    for (std::size_t i = begin; i < std::min(metrics.size(), begin + kMost); ++i) {
      batch["metrics"].push_back(metrics[i]);
    }
    const Result<ordered_json> answer = server.Post("mlflow/runs/log-batch", batch);
    if (!answer) return tl::unexpected(answer.error());
  }
  return {};
}

Status SendArtifacts(Server& server, const std::string& artifact_uri, const LoggedRun& logged) {
  const std::string scheme = "mlflow-artifacts:/";
  if (artifact_uri.rfind(scheme, 0) != 0) return {};
  std::vector<std::string> paths = {(fs::path(logged.folder) / "run.json").string()};
  if (logged.run->contains("artifacts")) {
    for (const ordered_json& path : (*logged.run)["artifacts"]) {
      if (path.is_string()) paths.push_back(path.get<std::string>());
    }
  }
  for (const std::string& path : paths) {
    const Result<std::string> bytes = ReadFile(path);
    if (!bytes) continue;  // moved or deleted since: the rest of the run still counts
    Status status =
        server.Put("mlflow-artifacts/artifacts/" + artifact_uri.substr(scheme.size()) + "/" +
                       httplib::detail::encode_query_param(fs::path(path).filename().string()),
                   *bytes);
    if (!status) return status;
  }
  return {};
}

Status Send(const std::string& folder, const MlflowOptions& options) {
  const Result<LoggedRun> logged = LoadRun(folder);
  if (!logged) return tl::unexpected(logged.error());
  const ordered_json& run = *logged->run;
  const std::string note = (fs::path(folder) / "sent.json").string();
  const std::int64_t started = run.value("started", UnixMilliseconds());
  const std::int64_t ended = run.value("ended", started);
  Server server(options);
  ordered_json sent = ordered_json::parse(ReadFile(note).value_or(std::string()), nullptr, false);
  if (!sent.is_object() || TextOf(sent, "uri") != options.uri || TextOf(sent, "run_id").empty()) {
    const Result<std::string> experiment = ExperimentId(server, options.experiment);
    if (!experiment) return tl::unexpected(experiment.error());
    ordered_json tags = ordered_json::array();
    tags.push_back({{"key", "smartsynch.run"}, {"value", TextOf(run, "id")}});
    for (const auto& [key, name] : {std::pair("data_sha256", "smartsynch.data_sha256"),
                                    std::pair("git_commit", "mlflow.source.git.commit")}) {
      if (!TextOf(run, key).empty()) tags.push_back({{"key", name}, {"value", TextOf(run, key)}});
    }
    const Result<ordered_json> made =
        server.Post("mlflow/runs/create", {{"experiment_id", *experiment},
                                           {"run_name", TextOf(run, "id")},
                                           {"start_time", started},
                                           {"tags", tags}});
    if (!made) return tl::unexpected(made.error());
    const ordered_json info = made->contains("run") && (*made)["run"].contains("info")
                                  ? (*made)["run"]["info"]
                                  : ordered_json();
    sent = {{"uri", options.uri},
            {"run_id", TextOf(info, "run_id")},
            {"artifact_uri", TextOf(info, "artifact_uri")},
            {"complete", false}};
    if (TextOf(sent, "run_id").empty()) {
      return Fail(ErrorCode::kIo, options.uri + " made no run: is it an MLflow server?",
                  "--tracking-uri");
    }
    if (Status status = WriteFileAtomically(note, sent.dump(1) + "\n"); !status) return status;
  }
  const std::string run_id = TextOf(sent, "run_id");
  if (Status status = LogBatches(server, run_id, *logged, ended); !status) return status;
  if (Status status = SendArtifacts(server, TextOf(sent, "artifact_uri"), *logged); !status) {
    return status;
  }
  const bool is_finished = TextOf(run, "status") == "finished";
  const Result<ordered_json> updated = server.Post(
      "mlflow/runs/update",
      {{"run_id", run_id}, {"status", is_finished ? "FINISHED" : "FAILED"}, {"end_time", ended}});
  if (!updated) return tl::unexpected(updated.error());
  sent["complete"] = true;
  return WriteFileAtomically(note, sent.dump(1) + "\n");
}

}  // namespace

Status CheckTrackingUri(const std::string& uri) {
  const std::string scheme = "http://";
  if (uri.rfind(scheme, 0) == 0 && uri.size() > scheme.size() && uri[scheme.size()] != '/' &&
      uri.find_first_of(" \t\r\n?#") == std::string::npos) {
    return {};
  }
  return Fail(ErrorCode::kInvalidArgument,
              "--tracking-uri: found \"" + uri + "\", expected http://HOST[:PORT][/PATH]",
              "--tracking-uri");
}

Status SendRun(const std::string& folder, const MlflowOptions& options) {
  if (Status status = CheckTrackingUri(options.uri); !status) return status;
  // On a thread of its own: a server that sends one byte now and then would pass every timeout of
  // the connection. When time is up the thread is left behind and ends with the program.
  auto promise = std::make_shared<std::promise<Status>>();
  std::future<Status> done = promise->get_future();
  std::thread([promise, folder, options] { promise->set_value(Send(folder, options)); }).detach();
  if (done.wait_for(std::chrono::seconds(options.seconds)) == std::future_status::ready) {
    return done.get();
  }
  return Fail(ErrorCode::kUnavailable,
              options.uri + " took longer than " + std::to_string(options.seconds) + " s",
              "--tracking-uri");
}

}  // namespace smartsynch
