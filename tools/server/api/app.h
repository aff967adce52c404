// The server's answers: routes, access, limits, and one function a route.
// Thread safety: every member may be called from any thread.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "server/api/access.h"
#include "server/api/routes.h"
#include "server/http/handler.h"
#include "server/http/rate_limit.h"
#include "server/http/stream_places.h"
#include "server/metrics.h"
#include "server/predict/model_set.h"
#include "server/predict/predict_service.h"
#include "server/store/change_feed.h"
#include "server/store/redis.h"
#include "server/store/store.h"
#include "server/work_pool.h"

namespace smartsynch {

struct AppOptions {
  std::size_t threads = 1;
  std::size_t max_body_bytes = std::size_t{8} << 20U;
  std::size_t max_model_bytes = std::size_t{256} << 20U;
  std::size_t max_rows = 10000;               // of a batch that is one JSON array
  std::uint64_t max_stream_rows = 100000000;  // of a batch that is streamed
  std::size_t max_streams = 16;               // at the same time
  std::size_t max_waiting = 1024;
  double rate = 0;  // requests a second of one client; 0: no limit
  double burst = 0;
  bool log_requests = false;
  AccessOptions access;
};

// What the app answers with; all of it outlives the app. `redis` may be null.
struct AppParts {
  ModelSet& models;
  Store& store;
  Redis* redis = nullptr;
  ServerMetrics& metrics;
};

class App final : public HttpHandler {
 public:
  App(const AppOptions& options, const AppParts& parts);
  ~App() override;

  Plan Begin(const HttpRequest& head) override;
  void Handle(HttpRequest request, Respond respond) override;
  std::string CommonHeaders(const HttpRequest& head) const override;
  void Finished(const HttpRequest& head, int status, double seconds) override;

  void set_ready(bool ready) { ready_ = ready; }
  // Called once before serving; announces changes made here.
  void set_feed(ChangeFeed* feed) { feed_ = feed; }
  // Follows what the store says is active and running.
  void Adopt(const ServingState& state);

 private:
  std::optional<HttpResponse> CheckBody(const HttpRequest& head, const Route& route) const;
  std::unique_ptr<BodyStream> OpenBatchStream(const HttpRequest& head,
                                              std::optional<HttpResponse>& refusal);
  std::unique_ptr<BodyStream> OpenExportStream(const HttpRequest& head,
                                               std::optional<HttpResponse>& refusal);
  // The answer of `work` from the pool's threads.
  void Later(Respond respond, std::function<HttpResponse()> work);
  std::shared_ptr<const ServingState> state() const;
  void Announce();
  // The same, and this replica has followed when it returns.
  void AnnounceAndFollow();

  void Predict(const HttpRequest& request, Respond respond);
  void Batch(const HttpRequest& request, const Respond& respond);
  HttpResponse Categories() const;
  HttpResponse AddCategory(const HttpRequest& request);
  HttpResponse RenameCategory(const std::string& id, const HttpRequest& request);
  HttpResponse MergeCategory(const std::string& id, const HttpRequest& request);
  HttpResponse RemoveCategory(const std::string& id);
  // `change` records an event, or none where all is as asked, and gives the category it is about.
  using Change = std::function<Result<Category>(PersonalClassifier& categories)>;
  HttpResponse ChangeCategories(int status, const Change& change);
  HttpResponse Ready() const;
  HttpResponse Feedback(const HttpRequest& request);
  HttpResponse Forget(const HttpRequest& request);
  HttpResponse ListModels();
  HttpResponse UploadModel(const HttpRequest& request);
  HttpResponse ActivateModel(const std::string& version);
  HttpResponse RollBackModel();
  HttpResponse Learning();
  HttpResponse ListExperiments();
  HttpResponse CreateExperiment(const HttpRequest& request);
  HttpResponse OneExperiment(const std::string& id);
  HttpResponse SetWeights(const std::string& id, const HttpRequest& request);
  HttpResponse EndExperiment(const std::string& id, ExperimentState how, const std::string& winner);
  HttpResponse Promote(const std::string& id, const HttpRequest& request);
  HttpResponse DescribeExperiment(const Experiment& experiment, int status);

  AppOptions options_;
  AppParts parts_;
  AccessControl access_;
  RateLimiter limiter_;
  std::atomic<bool> ready_{false};
  StreamPlaces streams_;
  ChangeFeed* feed_ = nullptr;
  mutable std::mutex mutex_;
  std::shared_ptr<const ServingState> state_;
  std::mutex adopting_;
  // Last, so that their threads end before what they use.
  PredictService service_;
  WorkPool pool_;
};

// Milliseconds since 1970.
std::int64_t NowMs();

// "POST /v1/predict" and so on, then "none"; in the order of RouteId.
std::vector<std::string> AllRouteNames();

const std::string& OpenApiJson();

}  // namespace smartsynch
