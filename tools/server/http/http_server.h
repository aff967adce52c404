// An HTTP/1.1 server over Boost.Beast: any number of connections on a few threads, every wait
// bounded. A request's body can be read while its response is written, with bounded memory.
//
//   HttpServer server(options, handler);
//   if (Status status = server.Listen(); !status) return Complain(status.error());
//   std::printf("%d\n", server.port());
//   server.Run();   // until SIGTERM, SIGINT or Stop(); finishes what it accepted
//
// Why Beast: cpp-httplib needs a thread for every connection and writes no byte of a response
// before it has the whole request, so a stream of answers would need memory without bound.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "server/http/handler.h"
#include "smartsynch/base/status.h"

namespace smartsynch {

struct HttpServerOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;  // 0: any free one
  std::size_t threads = 1;
  std::size_t max_connections = 1024;    // beyond them: 503
  std::size_t max_header_bytes = 16384;  // beyond them: 431
  std::chrono::seconds header_time{10};  // for a request's head once its first byte is there
  std::chrono::seconds body_time{30};    // for the whole of a body that is not streamed
  std::chrono::seconds idle_time{60};    // between the requests of a connection
  std::chrono::seconds stream_time{30};  // for each row of a stream, and for its answers to be read
  std::chrono::seconds answer_time{30};  // for the handler
  std::chrono::seconds drain_time{30};   // for what was accepted before the end
  std::function<void()> on_stop;         // called once when the end begins
};

struct ConnectionCounts {
  std::size_t open = 0;
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;  // beyond max_connections
};

class HttpServer {
 public:
  // `handler` must outlive the server.
  HttpServer(HttpServerOptions options, HttpHandler& handler);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Fails with kUnavailable when the address cannot be had.
  Status Listen();
  int port() const;  // once Listen() succeeded

  // Serves until told to stop, and then until nothing is left to do.
  void Run();
  void Stop();  // from any thread

  ConnectionCounts counts() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace smartsynch
