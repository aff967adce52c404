// /v1/models: list, upload, activate, roll back; /v1/learning.
#include <nlohmann/json.hpp>

#include "server/api/app.h"
#include "server/api/request_json.h"
#include "server/log.h"

namespace smartsynch {
namespace {

using nlohmann::ordered_json;

ordered_json ToJsonObject(const ModelVersion& model, const std::string& active) {
  ordered_json object = {
      {"version", model.version},         {"sha256", model.sha256}, {"bytes", model.bytes},
      {"parent", model.parent},           {"source", model.source}, {"added", model.added_ms},
      {"active", model.version == active}};
  const ordered_json lineage = ordered_json::parse(model.lineage, nullptr, false);
  object["lineage"] = lineage.is_object() ? lineage : ordered_json();
  return object;
}

HttpResponse Describe(const Activation& activation) {
  return JsonResponse(200, {{"number", activation.number},
                            {"version", activation.version},
                            {"time", activation.time_ms},
                            {"reason", activation.reason}});
}

}  // namespace

HttpResponse App::ListModels() {
  const Result<std::vector<ModelVersion>> models = parts_.store.ListModels();
  if (!models) return Problem(models.error());
  const std::string active = parts_.models.active()->version();
  ordered_json list = ordered_json::array();
  for (const ModelVersion& model : *models) list.push_back(ToJsonObject(model, active));
  return JsonResponse(200, {{"active", active}, {"models", std::move(list)}});
}

HttpResponse App::Learning() {
  constexpr std::size_t kLatest = 100;
  const Result<std::vector<LearningRun>> runs = parts_.store.LearningRuns(kLatest);
  if (!runs) return Problem(runs.error());
  ordered_json list = ordered_json::array();
  for (const LearningRun& run : *runs) {
    const ordered_json details = ordered_json::parse(run.details, nullptr, false);
    list.push_back({{"number", run.number},
                    {"started", run.started_ms},
                    {"ended", run.ended_ms},
                    {"outcome", run.outcome},
                    {"reason", run.reason},
                    {"champion", run.champion},
                    {"challenger", run.challenger},
                    {"details", details.is_object() ? details : ordered_json()}});
  }
  return JsonResponse(200, {{"runs", std::move(list)}});
}

HttpResponse App::UploadModel(const HttpRequest& request) {
  if (const Result<Classifier> fits = parts_.models.Parse(request.body); !fits) {
    Error error = fits.error();
    if (error.field.empty()) error.field = "body";
    // Whatever is wrong with the bytes, it is the bytes that cannot be used.
    return Problem(422, error);
  }
  ModelVersion model;
  model.parent = parts_.models.active()->version();
  model.source = "upload";
  model.added_ms = NowMs();
  const Result<ModelVersion> added = parts_.store.AddModel(model, request.body);
  if (!added) return Problem(added.error());
  LogEvent("info", "model_uploaded", {{"version", added->version}});
  return JsonResponse(201, ToJsonObject(*added, parts_.models.active()->version()));
}

HttpResponse App::ActivateModel(const std::string& version) {
  // Nothing is activated that could not answer here.
  const Result<std::string> bytes = parts_.store.ModelBytes(version);
  if (!bytes) return Problem(bytes.error());
  if (!parts_.models.Find(version)) {
    if (const auto fits = parts_.models.Parse(*bytes); !fits) return Problem(fits.error());
  }
  const Result<Activation> activation = parts_.store.ActivateModel(version, NowMs(), "activated");
  if (!activation) return Problem(activation.error());
  Announce();
  return Describe(*activation);
}

HttpResponse App::RollBackModel() {
  const Result<Activation> activation = parts_.store.RollBackModel(NowMs());
  if (!activation) return Problem(activation.error());
  Announce();
  return Describe(*activation);
}

}  // namespace smartsynch
