// Requests to the server's answers, without a network: the first byte chooses the route, the second
// the content type; the first line after them is the path's id and the query, the rest the body.
// Model: the project's own, instant tier. Store: SQLite in memory.
#include <cstdio>
#include <future>
#include <memory>

#include "fuzz_target.h"
#include "server/api/app.h"
#include "server/log.h"
#include "server/store/sqlite_store.h"
#include "smartsynch/text/utf8.h"

namespace smartsynch::fuzz {
namespace {

constexpr std::size_t kRequestsPerServer = 2000;  // so that the store does not grow for ever
constexpr std::size_t kMaxStreamParts = 10000;

class Server {
 public:
  Server() {
    EngineOptions options;
    const std::string folder = SMARTSYNCH_BASE_MODEL_DIR;
    options.model = folder + "/model.safetensors";
    options.vocabulary = folder + "/vocab.txt";
    options.token_table = folder + "/token_table.safetensors";
    options.tier = Tier::kInstant;
    Result<std::unique_ptr<ModelSet>> models = ModelSet::Load(options, std::size_t{1} << 20U);
    Result<std::unique_ptr<Store>> store = OpenSqliteStore({":memory:"});
    CheckThat(models && store, "the project's model and a store in memory can be opened");
    models_ = std::move(*models);
    store_ = std::move(*store);
    AppOptions limits;
    limits.max_rows = 50;
    app_ = std::make_unique<App>(limits, AppParts{*models_, *store_, nullptr, metrics_});
    app_->set_ready(true);
  }

  App& app() { return *app_; }

 private:
  std::unique_ptr<ModelSet> models_;
  std::unique_ptr<Store> store_;
  ServerMetrics metrics_{AllRouteNames()};
  std::unique_ptr<App> app_;
};

void CheckResponse(const HttpResponse& response) {
  CheckThat(std::string(StatusPhrase(response.status)) != "Unknown", "the status has a name");
  CheckThat(response.status != 500, "no request is the server's own failure");
  CheckThat(RepairUtf8(response.body) == response.body, "the body is well-formed UTF-8");
  for (const auto& [name, value] : response.headers) {
    CheckThat(value.find_first_of("\r\n") == std::string::npos, "a header is one line");
  }
}

void Stream(BodyStream& stream, std::string_view body) {
  const auto drain = [&stream] {
    for (std::size_t part = 0; stream.HasOutput(); ++part) {
      CheckThat(part < kMaxStreamParts, "a response ends");
      std::promise<std::string> text;
      stream.Next([&text](std::string bytes) { text.set_value(std::move(bytes)); });
      const std::string bytes = text.get_future().get();
      CheckThat(RepairUtf8(bytes) == bytes, "the body is well-formed UTF-8");
    }
  };
  constexpr std::size_t kPiece = 100;
  for (std::size_t begin = 0; begin < body.size(); begin += kPiece) {
    if (stream.IsFull()) {
      stream.Flush();
      drain();
    }
    stream.Feed(body.substr(begin, kPiece));
  }
  stream.End();
  drain();
}

HttpRequest ReadRequest(Choices& choices) {
  const Route& route = kRoutes[choices.Byte() % std::size(kRoutes)];
  constexpr const char* kTypes[] = {"application/json", "application/x-ndjson",
                                    "application/octet-stream", "text/plain"};
  HttpRequest request;
  request.method = route.method;
  request.content_type = kTypes[choices.Byte() % std::size(kTypes)];
  const std::string_view line = choices.Line();
  const std::size_t question = std::min(line.find('?'), line.size());
  request.path = route.path;
  if (const std::size_t id = request.path.find("{id}"); id != std::string::npos) {
    request.path.replace(id, 4, line.substr(0, question));
  }
  request.query = line.substr(std::min(question + 1, line.size()));
  request.idempotency_key = QueryValue(request, "key").value_or("");
  request.origin = QueryValue(request, "origin").value_or("");
  request.authorization = QueryValue(request, "authorization").value_or("");
  request.peer = "127.0.0.1";
  request.host = "localhost:8080";
  return request;
}

}  // namespace

void TestOneInput(std::string_view input) {
  static std::unique_ptr<Server> server;
  static std::size_t requests = 0;
  if (requests++ % kRequestsPerServer == 0) server = std::make_unique<Server>();
  App& app = server->app();
  Choices choices(input);
  HttpRequest request = ReadRequest(choices);
  const std::string headers = app.CommonHeaders(request);
  CheckThat(headers.size() >= 2 && headers.substr(headers.size() - 2) == "\r\n",
            "common headers are whole lines");
  HttpHandler::Plan plan = app.Begin(request);
  if (plan.refusal) return CheckResponse(*plan.refusal);
  if (plan.stream) return Stream(*plan.stream, choices.rest());
  request.body = choices.rest().substr(0, plan.max_body_bytes);
  std::promise<HttpResponse> promise;
  app.Handle(std::move(request),
             [&promise](HttpResponse response) { promise.set_value(std::move(response)); });
  CheckResponse(promise.get_future().get());
}

std::vector<std::string> Seeds() {
  using std::string_literals::operator""s;
  return {"\0\0\n"s + std::string(5000, '['), "\1\1\n"s + std::string(5000, 'x'),
          "\1\0\n["s + std::string(200, ',') + "]"};
}

}  // namespace smartsynch::fuzz
