#include "server/api/app.h"

#include <chrono>
#include <cmath>
#include <cstdio>

#include "server/log.h"

namespace smartsynch {
namespace {

constexpr std::size_t kPoolThreads = 4;
constexpr std::size_t kPoolWaiting = 256;

std::vector<std::string> RouteNames() {
  std::vector<std::string> names;
  for (const Route& route : kRoutes) {
    names.push_back(std::string(route.method) + " " + route.path);
  }
  names.emplace_back("none");
  return names;
}

bool IsUnlimited(RouteId id) {
  return id == RouteId::kHealth || id == RouteId::kReady || id == RouteId::kMetrics;
}

HttpResponse Busy(const std::string& what) {
  return Problem(503, {ErrorCode::kResourceExhausted, what + "; try again", {}});
}

HttpResponse Preflight() {
  HttpResponse response;
  response.status = 204;
  response.headers = {
      {"Access-Control-Allow-Methods", "GET, POST, DELETE"},
      {"Access-Control-Allow-Headers", "Authorization, Content-Type, Idempotency-Key"},
      {"Access-Control-Max-Age", "600"}};
  return response;
}

}  // namespace

std::vector<std::string> AllRouteNames() { return RouteNames(); }

std::int64_t NowMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

App::App(const AppOptions& options, const AppParts& parts)
    : options_(options),
      parts_(parts),
      access_(options.access),
      limiter_(options.rate, options.burst > 0 ? options.burst : std::max(1.0, options.rate)),
      streams_(options.max_streams),
      state_(std::make_shared<ServingState>()),
      service_(parts.models.encoder(), {options.threads, options.max_waiting}, parts.metrics),
      pool_(kPoolThreads, kPoolWaiting) {
  ServerMetrics& metrics = parts.metrics;
  metrics.Watch("smartsynch_waiting", "gauge", "Tasks and blocks that wait for a thread.",
                [this] { return static_cast<double>(service_.waiting()); });
  metrics.Watch("smartsynch_cache_hits_total", "counter", "Predictions from memory.",
                [this] { return static_cast<double>(parts_.models.cache_statistics().hits); });
  metrics.Watch("smartsynch_cache_misses_total", "counter", "Predictions not in memory.",
                [this] { return static_cast<double>(parts_.models.cache_statistics().misses); });
  metrics.Watch("smartsynch_cache_bytes", "gauge", "Memory of the predictions kept.",
                [this] { return static_cast<double>(parts_.models.cache_statistics().bytes); });
  metrics.Watch("smartsynch_ready", "gauge", "Whether the server takes requests.",
                [this] { return ready_ ? 1.0 : 0.0; });
  metrics.Watch("smartsynch_state_revision", "counter", "The store's revision followed here.",
                [this] { return static_cast<double>(state()->revision); });
  if (parts.redis != nullptr) {
    metrics.Watch("smartsynch_redis_available", "gauge", "Whether Redis answers.",
                  [this] { return parts_.redis->Metrics().available ? 1.0 : 0.0; });
    metrics.Watch("smartsynch_redis_failures_total", "counter", "Calls Redis did not answer.",
                  [this] { return static_cast<double>(parts_.redis->Metrics().failures); });
    metrics.Watch("smartsynch_redis_hits_total", "counter", "Predictions from Redis.",
                  [this] { return static_cast<double>(parts_.redis->Metrics().hits); });
  }
}

App::~App() = default;

HttpHandler::Plan App::Begin(const HttpRequest& head) {
  Plan plan;
  const RouteMatch match = MatchRoute(head.method, head.path);
  if (match.route == nullptr) {
    if (head.method == "OPTIONS" && !match.allowed.empty()) {
      plan.refusal = Preflight();
    } else if (match.allowed.empty()) {
      plan.refusal =
          Problem(404, {ErrorCode::kNotFound, "no such path; see /openapi.json", "path"});
    } else {
      plan.refusal =
          Problem(405, {ErrorCode::kInvalidArgument, "this path takes " + match.allowed, "method"});
      plan.refusal->headers.emplace_back("Allow", match.allowed);
    }
    return plan;
  }
  const Route& route = *match.route;
  if (!IsUnlimited(route.id)) {
    const double wait = limiter_.Take(access_.Client(head), RateLimiter::Clock::now());
    if (wait > 0) {
      parts_.metrics.CountRejected(ServerMetrics::kRateLimited);
      plan.refusal = Problem(429, {ErrorCode::kResourceExhausted,
                                   "more requests than this server takes from one client",
                                   {}});
      plan.refusal->headers = {{"Retry-After", std::to_string(std::lround(std::ceil(wait)))}};
      return plan;
    }
  }
  plan.refusal = access_.Check(head, route.access);
  if (plan.refusal) {
    parts_.metrics.CountRejected(ServerMetrics::kUnauthorised);
    return plan;
  }
  plan.refusal = CheckBody(head, route);
  if (plan.refusal) return plan;
  plan.max_body_bytes = route.body == Body::kModel  ? options_.max_model_bytes
                        : route.body == Body::kJson ? options_.max_body_bytes
                                                    : 0;
  if (route.id == RouteId::kExport) plan.stream = OpenExportStream(head, plan.refusal);
  if (route.id == RouteId::kBatch && head.content_type == "application/x-ndjson") {
    plan.stream = OpenBatchStream(head, plan.refusal);
  }
  return plan;
}

std::optional<HttpResponse> App::CheckBody(const HttpRequest& head, const Route& route) const {
  const auto refuse = [&](const std::string& expected) {
    return Problem(415,
                   {ErrorCode::kInvalidArgument,
                    "found the content type \"" + head.content_type + "\", expected " + expected,
                    "Content-Type"});
  };
  if (route.id == RouteId::kBatch && head.content_type == "application/x-ndjson") return {};
  if (route.body == Body::kJson && head.content_type != "application/json") {
    return refuse(route.id == RouteId::kBatch ? "application/json or application/x-ndjson"
                                              : "application/json");
  }
  if (route.body == Body::kModel && head.content_type != "application/octet-stream") {
    return refuse("application/octet-stream");
  }
  return {};
}

void App::Later(Respond respond, std::function<HttpResponse()> work) {
  const bool taken = pool_.Submit([respond, work = std::move(work)] { respond(work()); });
  if (!taken) {
    parts_.metrics.CountRejected(ServerMetrics::kQueueFull);
    respond(Busy("too much waits for the store"));
  }
}

void App::Handle(HttpRequest request, Respond respond) {
  const RouteMatch match = MatchRoute(request.method, request.path);
  const std::string id = match.id;
  switch (match.route->id) {
    case RouteId::kPredict:
      return Predict(request, std::move(respond));
    case RouteId::kBatch:
      return Batch(request, respond);
    case RouteId::kHealth:
      return respond({200, "application/json", R"({"status":"ok"})", {}});
    case RouteId::kReady:
      return respond(Ready());
    case RouteId::kMetrics:
      return respond({200, "text/plain; version=0.0.4", parts_.metrics.Text(), {}});
    case RouteId::kOpenApi:
      return respond({200, "application/json", OpenApiJson(), {}});
    case RouteId::kCategories:
      return respond(Categories());
    default:
      break;
  }
  // What remains talks to the store.
  Later(std::move(respond), [this, id, route = match.route->id, request = std::move(request)] {
    switch (route) {
      case RouteId::kFeedback:
        return Feedback(request);
      case RouteId::kForget:
        return Forget(request);
      case RouteId::kAddCategory:
        return AddCategory(request);
      case RouteId::kRenameCategory:
        return RenameCategory(id, request);
      case RouteId::kMergeCategory:
        return MergeCategory(id, request);
      case RouteId::kRemoveCategory:
        return RemoveCategory(id);
      case RouteId::kModels:
        return ListModels();
      case RouteId::kUploadModel:
        return UploadModel(request);
      case RouteId::kActivate:
        return ActivateModel(id);
      case RouteId::kRollBack:
        return RollBackModel();
      case RouteId::kLearning:
        return Learning();
      case RouteId::kExperiments:
        return ListExperiments();
      case RouteId::kCreateExperiment:
        return CreateExperiment(request);
      case RouteId::kExperiment:
        return OneExperiment(id);
      case RouteId::kWeights:
        return SetWeights(id, request);
      case RouteId::kPromote:
        return Promote(id, request);
      case RouteId::kStop:
        return EndExperiment(id, ExperimentState::kStopped, "");
      default:
        return Problem({ErrorCode::kInternal, "a route without an answer", {}});
    }
  });
}

std::string App::CommonHeaders(const HttpRequest& head) const {
  return "X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n" +
         access_.CorsHeaders(head);
}

void App::Finished(const HttpRequest& head, int status, double seconds) {
  const RouteMatch match = MatchRoute(head.method, head.path);
  const RouteId id = match.route == nullptr ? RouteId::kNone : match.route->id;
  parts_.metrics.CountRequest(static_cast<std::size_t>(id), status, seconds);
  if (!options_.log_requests && status != 500) return;
  char milliseconds[32];
  std::snprintf(milliseconds, sizeof milliseconds, "%.2f", seconds * 1000);
  // The route and not the path: what a client puts into a path is its own affair.
  LogEvent(status == 500 ? "error" : "info", "request",
           {{"route", AllRouteNames()[static_cast<std::size_t>(id)]},
            {"status", std::to_string(status)},
            {"ms", milliseconds}});
}

std::shared_ptr<const ServingState> App::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

void App::Announce() {
  if (feed_ != nullptr) feed_->Announce();
}

void App::AnnounceAndFollow() {
  if (const Result<ServingState> now = ReadServingState(parts_.store)) Adopt(*now);
  Announce();
}

void App::Adopt(const ServingState& state) {
  const std::lock_guard adopting(adopting_);
  if (state.revision < this->state()->revision) return;
  std::vector<std::string> others;
  for (const Experiment& experiment : state.experiments) {
    if (experiment.state != ExperimentState::kRunning) continue;
    for (const ExperimentArm& arm : experiment.arms) others.push_back(arm.model_version);
  }
  const std::string before = parts_.models.active()->version();
  const std::string version = state.active ? state.active->version : parts_.models.first_version();
  const Status adopted = parts_.models.Adopt(
      {version, others, state.category_changes},
      [this](const std::string& name) { return parts_.store.ModelBytes(name); });
  if (!adopted) {
    LogEvent("error", "version_not_adopted",
             {{"version", version}, {"error", adopted.error().message}});
    return;
  }
  if (before != version) LogEvent("info", "version_active", {{"version", version}});
  const std::lock_guard lock(mutex_);
  state_ = std::make_shared<ServingState>(state);
}

}  // namespace smartsynch
