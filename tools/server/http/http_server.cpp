#include "server/http/http_server.h"

#include <list>
#include <mutex>
#include <thread>
#include <vector>

#include "server/http/session.h"

namespace smartsynch {

using http_internal::Session;
using http_internal::Strand;
namespace net = http_internal::net;
namespace beast = http_internal::beast;

struct HttpServer::Impl {
  Impl(HttpServerOptions given, HttpHandler& handler)
      : options(std::move(given)),
        shared{options, handler},
        io(static_cast<int>(options.threads)),
        control(net::make_strand(io)),
        acceptor(control),
        signals(control),
        again(control),
        end(control) {}

  void Accept() {
    const Strand strand = net::make_strand(io.get_executor());
    acceptor.async_accept(strand, [this, strand](beast::error_code error, auto socket) {
      if (shared.stopping) return;
      if (error) {
        // Most likely no file descriptor is left; some will be when a connection ends.
        again.expires_after(std::chrono::milliseconds(50));
        again.async_wait([this](beast::error_code) { Accept(); });
        return;
      }
      Admit(net::ip::tcp::socket(std::move(socket)), strand);
      Accept();
    });
  }

  void Admit(net::ip::tcp::socket socket, const Strand& strand) {
    if (shared.open >= options.max_connections && !MakeRoom()) {
      ++refused;
      static const std::string response = [] {
        const std::string body = ProblemJson(
            503, {ErrorCode::kResourceExhausted, "too many connections; try again", {}});
        return "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\n"
               "Retry-After: 1\r\nConnection: close\r\nContent-Length: " +
               std::to_string(body.size()) + "\r\n\r\n" + body;
      }();
      beast::error_code error;
      socket.non_blocking(true, error);
      socket.write_some(net::buffer(response), error);
      socket.shutdown(net::ip::tcp::socket::shutdown_send, error);
      return;
    }
    ++accepted;
    auto session = std::make_shared<Session>(std::move(socket), strand, shared);
    {
      const std::lock_guard lock(mutex);
      if (sessions.size() >= next_sweep) {
        sessions.remove_if([](const std::weak_ptr<Session>& other) { return other.expired(); });
        next_sweep = sessions.size() * 2 + 64;
      }
      sessions.push_back(session);
    }
    session->Start();
  }

  // Ends the connection that lets the server wait longest, if one does for long; an idle one costs
  // its client nothing but a new connection.
  bool MakeRoom() {
    const std::lock_guard lock(mutex);
    std::shared_ptr<Session> longest;
    for (const std::weak_ptr<Session>& weak : sessions) {
      std::shared_ptr<Session> session = weak.lock();
      if (session && (!longest || session->yields_from() < longest->yields_from())) {
        longest = std::move(session);
      }
    }
    if (!longest || longest->yields_from() > std::chrono::steady_clock::now()) return false;
    longest->Abort();
    return true;
  }

  void BeginToStop() {
    if (shared.stopping.exchange(true)) return;
    if (options.on_stop) options.on_stop();
    net::post(control, [this] {
      beast::error_code error;
      acceptor.close(error);
      drain_until = std::chrono::steady_clock::now() + options.drain_time;
      WaitForTheLast();
    });
  }

  void WaitForTheLast() {
    const bool is_late = std::chrono::steady_clock::now() > drain_until;
    {
      const std::lock_guard lock(mutex);
      for (const std::weak_ptr<Session>& weak : sessions) {
        if (const std::shared_ptr<Session> session = weak.lock()) {
          is_late ? session->Abort() : session->CloseWhenIdle();
        }
      }
    }
    if (shared.open == 0) {
      beast::error_code error;
      signals.cancel(error);
      again.cancel();
      return;
    }
    end.expires_after(std::chrono::milliseconds(20));
    end.async_wait([this](beast::error_code) { WaitForTheLast(); });
  }

  HttpServerOptions options;
  http_internal::Shared shared;
  net::io_context io;
  Strand control;  // of all below but the sessions
  net::ip::tcp::acceptor acceptor;
  net::signal_set signals;
  net::steady_timer again;
  net::steady_timer end;
  std::chrono::steady_clock::time_point drain_until;
  std::mutex mutex;
  std::list<std::weak_ptr<Session>> sessions;
  std::size_t next_sweep = 64;
  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> refused{0};
};

HttpServer::HttpServer(HttpServerOptions options, HttpHandler& handler)
    : impl_(std::make_unique<Impl>(std::move(options), handler)) {}
HttpServer::~HttpServer() = default;

Status HttpServer::Listen() {
  beast::error_code error;
  const auto address = net::ip::make_address(impl_->options.host, error);
  if (error) {
    return Fail(
        ErrorCode::kInvalidArgument,
        "--host: found \"" + impl_->options.host + "\", expected an address such as 127.0.0.1",
        "--host");
  }
  const net::ip::tcp::endpoint endpoint(address, impl_->options.port);
  impl_->acceptor.open(endpoint.protocol(), error);
  if (!error) impl_->acceptor.set_option(net::socket_base::reuse_address(true), error);
  if (!error) impl_->acceptor.bind(endpoint, error);
  if (!error) impl_->acceptor.listen(net::socket_base::max_listen_connections, error);
  if (error) {
    return Fail(ErrorCode::kUnavailable,
                "cannot listen on " + impl_->options.host + " port " +
                    std::to_string(impl_->options.port) + ": " + error.message(),
                "--port");
  }
  return {};
}

int HttpServer::port() const {
  beast::error_code error;
  return impl_->acceptor.local_endpoint(error).port();
}

void HttpServer::Run() {
  impl_->signals.add(SIGINT);
  impl_->signals.add(SIGTERM);
  impl_->signals.async_wait([this](beast::error_code error, int) {
    if (!error) impl_->BeginToStop();
  });
  impl_->Accept();
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < impl_->options.threads; ++i) {
    threads.emplace_back([this] { impl_->io.run(); });
  }
  impl_->io.run();
  for (std::thread& thread : threads) thread.join();
}

void HttpServer::Stop() { impl_->BeginToStop(); }

ConnectionCounts HttpServer::counts() const {
  return {impl_->shared.open, impl_->accepted, impl_->refused};
}

}  // namespace smartsynch
