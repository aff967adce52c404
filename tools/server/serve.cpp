#include "server/serve.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <thread>
#include <utility>

#include "cli/locations.h"
#include "server/log.h"
#include "server/store/postgres_store.h"
#include "server/store/spooled_store.h"
#include "server/store/sqlite_store.h"

namespace smartsynch {
namespace {

namespace fs = std::filesystem;

void LogStore(const std::string& line) { LogEvent("warning", "store", {{"detail", line}}); }
void LogRedis(const std::string& line) { LogEvent("warning", "redis", {{"detail", line}}); }

struct OpenedStore {
  std::unique_ptr<Store> store;
  SpooledStore* spooled = nullptr;  // the same one, where it can go away
};

Result<OpenedStore> OpenStore(const ServeOptions& options) {
  std::string folder = options.state_folder;
  if (folder.empty()) {
    const Result<std::string> home = HomeFolder();
    if (!home) return tl::unexpected(home.error());
    folder = (fs::path(*home) / "server").string();
  }
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    return Fail(ErrorCode::kIo, "cannot make the folder " + folder + ": " + error.message(),
                "--state");
  }
  OpenedStore opened;
  if (options.postgres.empty()) {
    Result<std::unique_ptr<Store>> store =
        OpenSqliteStore({(fs::path(folder) / "server.db").string()});
    if (!store) return tl::unexpected(store.error());
    opened.store = std::move(*store);
    return opened;
  }
  PostgresOptions postgres;
  postgres.connection = options.postgres;
  Result<std::unique_ptr<Store>> store = OpenPostgresStore(postgres, false);
  if (!store) return tl::unexpected(store.error());
  SpoolOptions spool;
  spool.folder = (fs::path(folder) / "spool").string();
  spool.log = LogStore;
  Result<std::unique_ptr<SpooledStore>> spooled = OpenSpooledStore(std::move(*store), spool);
  if (!spooled) return tl::unexpected(spooled.error());
  opened.spooled = spooled->get();
  opened.store = std::move(*spooled);
  return opened;
}

Result<std::unique_ptr<Redis>> OpenRedis(const ServeOptions& options) {
  if (options.redis.empty()) return nullptr;
  Result<RedisOptions> redis = ParseRedisAddress(options.redis);
  if (!redis) return tl::unexpected(redis.error());
  redis->log = LogRedis;
  return ConnectRedis(*redis);
}

// The model loaded at start is a version like the others, so that going back to it is possible. A
// store that is away is asked again by nobody: another replica, or the next start, does it.
void RegisterFirst(Store& store, const ModelSet& models) {
  ModelVersion first;
  first.source = "base";
  first.added_ms = NowMs();
  const Result<ModelVersion> added = store.AddModel(first, models.first_bytes());
  if (!added) return LogStore("the first version was not registered: " + added.error().message);
  const Result<std::optional<Activation>> active = store.ActiveModel();
  if (!active) return LogStore("the active version is not known: " + active.error().message);
  if (!*active) {
    const auto activated = store.ActivateModel(models.first_version(), NowMs(), "first start");
    if (!activated) LogStore("the first version is not active: " + activated.error().message);
  } else if ((*active)->version != models.first_version()) {
    LogEvent("info", "another_version_is_active",
             {{"loaded", models.first_version()}, {"active", (*active)->version}});
  }
}

void WatchStore(ServerMetrics& metrics, const SpooledStore* spooled) {
  if (spooled == nullptr) return;
  const auto watch = [&](const char* name, const char* type, const char* help, auto value) {
    metrics.Watch(name, type, help,
                  [spooled, value] { return static_cast<double>(value(spooled->Metrics())); });
  };
  watch("smartsynch_store_available", "gauge", "Whether the store answers.",
        [](const SpoolMetrics& m) { return m.store_available ? 1 : 0; });
  watch("smartsynch_store_failures_total", "counter", "Calls the store did not answer.",
        [](const SpoolMetrics& m) { return m.store_failures; });
  watch("smartsynch_spool_waiting", "gauge", "Feedback on this disk that waits for the store.",
        [](const SpoolMetrics& m) { return m.waiting; });
  watch("smartsynch_spool_delivered_total", "counter", "Feedback the store took from the spool.",
        [](const SpoolMetrics& m) { return m.delivered; });
}

}  // namespace

Status Serve(ServeOptions options) {
  if (options.engine.threads == 0) {
    options.engine.threads = std::max(1U, std::thread::hardware_concurrency());
  }
  const std::size_t threads = options.engine.threads;
  options.app.threads = threads;
  options.http.threads = threads;
  EngineOptions engine = options.engine;
  // Every thread of the server runs the encoder by itself, which wastes no time on meeting.
  engine.threads = 1;
  const Result<std::unique_ptr<ModelSet>> models = ModelSet::Load(engine, options.cache_bytes);
  if (!models) return tl::unexpected(models.error());
  const Result<OpenedStore> opened = OpenStore(options);
  if (!opened) return tl::unexpected(opened.error());
  Store& store = *opened->store;
  Result<std::unique_ptr<Redis>> redis = OpenRedis(options);
  if (!redis) return tl::unexpected(redis.error());
  RegisterFirst(store, **models);

  ServerMetrics metrics(AllRouteNames());
  WatchStore(metrics, opened->spooled);
  App app(options.app, {**models, store, redis->get(), metrics});
  options.http.on_stop = [&app] {
    app.set_ready(false);
    LogEvent("info", "stopping");
  };
  HttpServer server(options.http, app);
  if (Status status = server.Listen(); !status) return status;
  {
    ChangeFeed feed(store, redis->get(), {},
                    [&app](const ServingState& state) { app.Adopt(state); });
    app.set_feed(&feed);
    metrics.Watch("smartsynch_connections", "gauge", "Open connections.",
                  [&server] { return static_cast<double>(server.counts().open); });
    metrics.Watch("smartsynch_connections_total", "counter", "Connections accepted.",
                  [&server] { return static_cast<double>(server.counts().accepted); });
    metrics.Watch("smartsynch_connections_refused_total", "counter",
                  "Connections beyond the limit.",
                  [&server] { return static_cast<double>(server.counts().refused); });
    app.set_ready(true);
    const bool is_v6 = options.http.host.find(':') != std::string::npos;
    const std::string url = "http://" +
                            (is_v6 ? "[" + options.http.host + "]" : options.http.host) + ":" +
                            std::to_string(server.port());
    std::printf("%s\n", url.c_str());
    std::fflush(stdout);
    LogEvent("info", "started",
             {{"url", url},
              {"version", (*models)->active()->version()},
              {"threads", std::to_string(threads)}});
    server.Run();
    // The subscription to Redis calls the feed, so it goes first.
    app.set_feed(nullptr);
    redis->reset();
  }
  LogEvent("info", "stopped");
  return {};
}

}  // namespace smartsynch
