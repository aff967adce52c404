// serve: the HTTP server.
#include <cstdlib>
#include <memory>
#include <utility>

#include "cli/common.h"
#include "server/serve.h"

namespace smartsynch {
namespace {

struct CommandOptions {
  ServeOptions serve;
  std::string write_key_file;
  std::string admin_key_file;
  std::size_t max_body_mib = 8;
  std::size_t cache_mib = 16;
  int request_seconds = 30;
  int drain_seconds = 30;
};

// From the file, else one key from the environment.
Result<std::vector<std::string>> ReadKeys(const std::string& file, const std::string& option,
                                          const char* variable) {
  if (!file.empty()) return ReadKeyFile(file, option);
  const char* key = std::getenv(variable);
  if (key == nullptr || *key == '\0') return std::vector<std::string>();
  return std::vector<std::string>{key};
}

bool IsLoopback(const std::string& host) { return host.rfind("127.", 0) == 0 || host == "::1"; }

Status Prepare(CommandOptions& options) {
  ServeOptions& serve = options.serve;
  AccessOptions& access = serve.app.access;
  Result<std::vector<std::string>> keys =
      ReadKeys(options.write_key_file, "--write-key-file", "SMARTSYNCH_WRITE_KEY");
  if (!keys) return tl::unexpected(keys.error());
  access.write_keys = std::move(*keys);
  keys = ReadKeys(options.admin_key_file, "--admin-key-file", "SMARTSYNCH_ADMIN_KEY");
  if (!keys) return tl::unexpected(keys.error());
  access.admin_keys = std::move(*keys);
  access.is_loopback = IsLoopback(serve.http.host);
  serve.app.max_body_bytes = options.max_body_mib << 20U;
  serve.cache_bytes = options.cache_mib << 20U;
  serve.http.body_time = std::chrono::seconds(options.request_seconds);
  serve.http.stream_time = serve.http.body_time;
  serve.http.answer_time = serve.http.body_time;
  serve.http.header_time = std::chrono::seconds(std::min(options.request_seconds, 10));
  serve.http.drain_time = std::chrono::seconds(options.drain_seconds);
  return {};
}

void AddLimits(CLI::App& command, CommandOptions& options) {
  AppOptions& app = options.serve.app;
  command.add_option("--max-body-mib", options.max_body_mib, "of a JSON body (default: 8)")
      ->check(CLI::Range(1, 1024));
  command.add_option("--max-rows", app.max_rows, "of a batch in one array (default: 10000)")
      ->check(CLI::Range(1, 10000000));
  command.add_option("--max-waiting", app.max_waiting, "tasks that may wait (default: 1024)")
      ->check(CLI::Range(1, 1000000));
  command.add_option("--max-streams", app.max_streams, "streams at once (default: 16)")
      ->check(CLI::Range(1, 10000));
  command
      .add_option("--max-connections", options.serve.http.max_connections,
                  "connections at once (default: 1024)")
      ->check(CLI::Range(1, 100000));
  command
      .add_option("--request-seconds", options.request_seconds,
                  "for a body to arrive, and for its answer (default: 30)")
      ->check(CLI::Range(1, 3600));
  command
      .add_option("--drain-seconds", options.drain_seconds,
                  "at the end, for what was accepted (default: 30)")
      ->check(CLI::Range(0, 3600));
  command.add_option("--rate", app.rate, "requests a second of one client (default: no limit)")
      ->check(Between(0, 1e6));
  command.add_option("--burst", app.burst, "requests of one client at once (default: as --rate)")
      ->check(Between(0, 1e6));
  command.add_option("--cache-mib", options.cache_mib, "of predictions kept (default: 16)")
      ->check(CLI::Range(0, 65536));
}

}  // namespace

VerbAction DefineServe(CLI::App& command) {
  const auto options = std::make_shared<CommandOptions>();
  ServeOptions& serve = options->serve;
  serve.http.port = 8765;
  AddModelOptions(command, serve.engine);
  command.add_option("--port", serve.http.port, "0 takes a free one (default: 8765)");
  command.add_option("--host", serve.http.host, "address to listen on (default: 127.0.0.1)");
  command.add_option("--state", serve.state_folder,
                     "folder of the database and the spool (default: server/)");
  command.add_option("--postgres", serve.postgres,
                     "keep feedback, versions and experiments there: postgresql://user@host/name");
  command.add_option("--redis", serve.redis, "share the cache of predictions: redis://host:port");
  command.add_option("--write-key-file", options->write_key_file,
                     "keys for feedback, one a line (or SMARTSYNCH_WRITE_KEY)");
  command.add_option("--admin-key-file", options->admin_key_file,
                     "keys for everything, one a line (or SMARTSYNCH_ADMIN_KEY)");
  command.add_option("--cors-origin", serve.app.access.origins,
                     "origin whose pages may ask; may be repeated");
  command.add_flag("--log-requests", serve.app.log_requests,
                   "a line on standard error for every request");
  AddLimits(command, *options);
  return [options] {
    if (const Status status = Prepare(*options); !status) return ReportFailure(status.error());
    const Status status = Serve(options->serve);
    return status ? kExitSuccess : ReportFailure(status.error());
  };
}

}  // namespace smartsynch
