// One connection: reads requests, has them answered, writes the responses, one after the other.
// Private to http/: sees Boost.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

// Boost 1.74's Asio uses std::exchange without including <utility>, hence after it.
#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "server/http/http_server.h"
#include "server/http/place.h"

namespace smartsynch::http_internal {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

using Strand = net::strand<net::io_context::executor_type>;
using RequestParser = http::request_parser<http::empty_body>;
using StreamParser = http::request_parser<http::buffer_body>;

// What the sessions of a server share.
struct Shared {
  const HttpServerOptions& options;
  HttpHandler& handler;
  std::atomic<bool> stopping{false};
  std::atomic<std::size_t> open{0};
};

// Arguments of these coroutines are named variables, never temporaries: GCC 12 destroys some
// temporaries of a co_await expression twice.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(net::ip::tcp::socket socket, Strand strand, Shared& shared);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void Start();

  // Closes the connection if it waits for a request of which nothing has arrived; else its present
  // request is its last. From any thread.
  void CloseWhenIdle();
  // At once, whatever is under way. From any thread.
  void Abort();

  // Since when it could be aborted for a newcomer, as its client lets it wait; in the future if it
  // should not be. From any thread.
  std::chrono::steady_clock::time_point yields_from() const { return yields_from_; }

 private:
  net::awaitable<void> Run();
  // False: the connection ends.
  net::awaitable<bool> ServeOne();
  net::awaitable<bool> ServeBody(RequestParser& head, HttpRequest& request, std::size_t max_body);
  net::awaitable<bool> ServeStream(RequestParser& head, const HttpRequest& request,
                                   BodyStream& body);
  // Ends the stream when its place is taken away.
  void WatchPlace(BodyStream& body);
  // Of the request's body, without waiting.
  bool IsMoreThere();
  // False: the body broke off, or was not there at `limit`, which a whole row moves on.
  net::awaitable<bool> ReadRows(StreamParser& parser, BodyStream& body,
                                std::chrono::steady_clock::time_point& limit);
  // "100 Continue" for a client that asks before it sends the body.
  net::awaitable<bool> ContinueIfExpected(const RequestParser& head);
  // For a request that could not be read, or not to its end.
  net::awaitable<bool> Refuse(const HttpRequest& request, const HttpResponse& response,
                              double seconds);
  net::awaitable<bool> Send(const HttpRequest& request, const HttpResponse& response, bool close);
  net::awaitable<HttpResponse> Answer(HttpRequest& request);
  net::awaitable<std::string> NextPart(BodyStream& body);
  net::awaitable<bool> Write(const std::string& bytes);
  // What is read of a request from now on must end within `time`; else is_late_, and the read fails
  // but leaves the connection open for an answer, where the stream's own timeout would close it.
  void LimitReading(std::chrono::steady_clock::duration time);
  void EndReading();
  void WatchDeadline();
  // From when on this connection makes room for a newcomer if there is none.
  void YieldAfter(std::chrono::steady_clock::duration time);
  // Lets the client read the response before the connection is cut.
  net::awaitable<void> Linger();

  // First, so that it is given back last: at zero the server ends, and a session's last holder may
  // be in another thread than the server's.
  Place place_;
  Strand strand_;
  beast::tcp_stream stream_;
  net::steady_timer answered_;
  net::steady_timer deadline_;
  beast::flat_buffer buffer_;
  Shared& shared_;
  std::string peer_;
  bool waiting_ = false;
  bool is_late_ = false;
  std::uint64_t streams_ended_ = 0;
  std::atomic<std::chrono::steady_clock::time_point> yields_from_;
};

// From the head alone.
HttpRequest ReadHead(const RequestParser& head, const std::string& peer);

// What two readers of one connection, this server and a proxy before it, could understand
// differently: where the request ends and which host it is for. Empty: nothing.
std::string HeadFault(const RequestParser& head);

}  // namespace smartsynch::http_internal
