// POST /v1/predict, POST /v1/batch with one JSON array, GET /readyz.
#include <nlohmann/json.hpp>

#include "server/api/app.h"
#include "server/api/assignment.h"
#include "server/api/redis_cache.h"
#include "server/api/request_json.h"

namespace smartsynch {
namespace {

using nlohmann::json;

HttpResponse Answer(const Prediction& prediction, const std::string& experiment) {
  HttpResponse response;
  response.body = ToJson(prediction);
  if (!experiment.empty()) response.headers.emplace_back("SmartSynch-Experiment", experiment);
  return response;
}

}  // namespace

void App::Predict(const HttpRequest& request, Respond respond) {
  const Result<json> body = ParseObject(request.body);
  if (!body) return respond(Problem(body.error()));
  Result<TaskRequest> wanted = ReadTask(*body);
  if (!wanted) return respond(Problem(wanted.error()));
  std::shared_ptr<ServingModel> model = parts_.models.active();
  std::string experiment;
  if (!wanted->user.empty()) {
    const std::shared_ptr<const ServingState> now = state();
    if (const std::optional<Assignment> arm = Assign(now->experiments, wanted->user)) {
      if (std::shared_ptr<ServingModel> other = parts_.models.Find(arm->arm->model_version)) {
        model = std::move(other);
        experiment = arm->experiment->id + "; arm=" + arm->arm->name;
      }
    }
  }
  const Tier tier = wanted->tier.value_or(parts_.models.default_tier());
  if (tier == Tier::kFull && parts_.models.encoder() == nullptr) {
    return respond(Problem(400, {ErrorCode::kInvalidArgument,
                                 "this server answers with the instant tier only", "tier"}));
  }
  const std::string key = PredictionCacheKey(wanted->task.title, wanted->task.description);
  if (const std::optional<Prediction> known = model->cache().Find(tier, key)) {
    return respond(Answer(*known, experiment));
  }
  if (tier == Tier::kInstant) {
    // Takes less than handing it to another thread would.
    const PersonalClassifier& classifier = model->personal();
    const Prediction prediction = classifier.ClassifyInstant(
        classifier.Prepare(wanted->task.title, wanted->task.description));
    parts_.metrics.CountPredictions(1);
    model->cache().Insert(tier, key, prediction);
    return respond(Answer(prediction, experiment));
  }
  SingleJob job;
  job.model = model;
  job.task = std::move(wanted->task);
  job.done = [this, respond, model, key, experiment](Result<Prediction> answer) {
    if (!answer) return respond(Problem(answer.error()));
    model->cache().Insert(Tier::kFull, key, *answer);
    if (parts_.redis != nullptr) PutInRedis(*parts_.redis, *answer, key);
    respond(Answer(*answer, experiment));
  };
  if (parts_.redis != nullptr && !key.empty()) {
    // Redis answers on the network, so not in this thread.
    const bool taken = pool_.Submit([this, respond, job, key, experiment]() mutable {
      const std::string redis_key = RedisKey(job.model->answer_version(), Tier::kFull, key);
      if (std::optional<std::string> known = parts_.redis->Get(redis_key)) {
        HttpResponse response;
        response.body = std::move(*known);
        if (!experiment.empty()) response.headers.emplace_back("SmartSynch-Experiment", experiment);
        return respond(std::move(response));
      }
      if (!service_.Submit(std::move(job))) {
        parts_.metrics.CountRejected(ServerMetrics::kQueueFull);
        respond(
            Problem(503, {ErrorCode::kResourceExhausted, "too many tasks wait; try again", {}}));
      }
    });
    if (taken) return;
  }
  if (!service_.Submit(std::move(job))) {
    parts_.metrics.CountRejected(ServerMetrics::kQueueFull);
    respond(Problem(503, {ErrorCode::kResourceExhausted, "too many tasks wait; try again", {}}));
  }
}

void App::Batch(const HttpRequest& request, const Respond& respond) {
  const Result<json> body = ParseAny(request.body);
  if (!body) return respond(Problem(body.error()));
  if (!body->is_array()) {
    return respond(Problem(
        400, {ErrorCode::kInvalidData,
              std::string("found ") + body->type_name() + ", expected an array of tasks", "body"}));
  }
  if (body->size() > options_.max_rows) {
    return respond(Problem(
        413, {ErrorCode::kResourceExhausted,
              "found " + std::to_string(body->size()) + " rows, expected at most " +
                  std::to_string(options_.max_rows) + "; application/x-ndjson takes any number",
              "body"}));
  }
  HttpRequest head = request;
  head.body.clear();
  std::optional<HttpResponse> refusal;
  std::shared_ptr<BodyStream> rows = OpenBatchStream(head, refusal);
  if (refusal) return respond(std::move(*refusal));
  // The same rows as streamed ones, gathered.
  for (const json& row : *body) {
    rows->Feed(row.dump(-1, ' ', false, json::error_handler_t::replace) + "\n");
  }
  rows->End();
  auto text = std::make_shared<std::string>("[");
  auto step = std::make_shared<std::function<void()>>();
  *step = [rows, text, respond, step] {
    if (!rows->HasOutput()) {
      if (text->size() > 1) text->back() = ']';  // in place of the last comma
      if (text->size() == 1) *text += "]";
      respond({200, "application/json", std::move(*text), {}});
      *step = {};
      return;
    }
    rows->Next([text, step](const std::string& part) {
      for (const char c : part) *text += c == '\n' ? ',' : c;
      const std::function<void()> next = *step;
      next();
    });
  };
  const std::function<void()> first = *step;
  first();
}

HttpResponse App::Ready() const {
  if (!ready_) {
    return Problem(503, {ErrorCode::kUnavailable, "the server is starting or ending", {}});
  }
  return JsonResponse(200, {{"status", "ready"},
                            {"modelVersion", parts_.models.active()->version()},
                            {"revision", state()->revision}});
}

}  // namespace smartsynch
