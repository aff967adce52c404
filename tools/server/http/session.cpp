#include "server/http/session.h"

#include <chrono>
#include <optional>

#include "server/http/session_parts.h"

namespace smartsynch::http_internal {
namespace {

// A client that has been silent or amid a head for so long, or amid a body, makes room if need be.
constexpr auto kHeadPatience = std::chrono::seconds(1);
constexpr auto kBodyPatience = std::chrono::seconds(5);
constexpr auto kAgain = std::chrono::milliseconds(10);
constexpr std::size_t kLingerBytes = std::size_t{1} << 22U;

// No header value may end its line early.
bool IsOneLine(const std::string& text) { return text.find_first_of("\r\n") == std::string::npos; }

HttpResponse ReadProblem(beast::error_code error) {
  if (error == http::error::header_limit) {
    return Problem(431, {ErrorCode::kResourceExhausted, "the request's head is too long", {}});
  }
  if (error == http::error::body_limit) {
    return Problem(413, {ErrorCode::kResourceExhausted, "the request's body is too long", "body"});
  }
  return Problem(400, {ErrorCode::kInvalidData, "no HTTP request: " + error.message(), {}});
}

// The end of a connection rather than a bad request.
bool IsGone(beast::error_code error) {
  return error == http::error::end_of_stream || error == http::error::partial_message ||
         error == net::error::eof || error == net::error::connection_reset ||
         error == net::error::operation_aborted || error == net::error::broken_pipe;
}

}  // namespace

Session::Session(net::ip::tcp::socket socket, Strand strand, Shared& shared)
    : place_(shared.open),
      strand_(strand),
      stream_(std::move(socket)),
      answered_(strand, net::steady_timer::time_point::max()),
      deadline_(strand, net::steady_timer::time_point::max()),
      shared_(shared),
      yields_from_(Clock::time_point::max()) {
  beast::error_code error;
  const auto peer = stream_.socket().remote_endpoint(error);
  if (!error) peer_ = peer.address().to_string();
  stream_.socket().set_option(net::ip::tcp::no_delay(true), error);
  buffer_.max_size(shared.options.max_header_bytes + kReadBytes);
}

void Session::Start() {
  net::co_spawn(
      strand_, [self = shared_from_this()] { return self->Run(); }, net::detached);
}

void Session::CloseWhenIdle() {
  net::post(strand_, [self = shared_from_this()] {
    beast::error_code error;
    if (self->waiting_ && self->buffer_.size() == 0 &&
        self->stream_.socket().available(error) == 0) {
      self->stream_.cancel();
    }
  });
}

void Session::Abort() {
  yields_from_ = Clock::time_point::max();  // once is enough
  net::post(strand_, [self = shared_from_this()] {
    self->stream_.close();
    self->answered_.cancel();
  });
}

net::awaitable<void> Session::Run() {
  while (co_await ServeOne()) {
  }
  beast::error_code error;
  stream_.socket().shutdown(net::ip::tcp::socket::shutdown_both, error);
  stream_.close();
}

net::awaitable<bool> Session::ServeOne() {
  beast::error_code error;
  // The time for a head begins with its first byte.
  if (buffer_.size() == 0) {
    if (shared_.stopping) co_return false;
    stream_.expires_after(shared_.options.idle_time);
    YieldAfter(kHeadPatience);
    waiting_ = true;
    const std::size_t count =
        co_await stream_.async_read_some(buffer_.prepare(kReadBytes), Quietly(error));
    waiting_ = false;
    if (error) co_return false;
    buffer_.commit(count);
  }
  const Clock::time_point start = Clock::now();
  RequestParser head;
  head.header_limit(static_cast<std::uint32_t>(shared_.options.max_header_bytes));
  head.body_limit(kNoLimit);  // the limit follows from the head
  YieldAfter(kHeadPatience);
  LimitReading(shared_.options.header_time);
  co_await http::async_read_header(stream_, buffer_, head, Quietly(error));
  EndReading();
  yields_from_ = Clock::time_point::max();
  if (error) {
    if (!is_late_ && IsGone(error)) co_return false;
    const HttpRequest unknown;
    const HttpResponse problem = is_late_ ? TooLate() : ReadProblem(error);
    co_return co_await Refuse(unknown, problem, Since(start));
  }
  is_late_ = false;  // the last byte may have come with the end of the time
  HttpRequest request = ReadHead(head, peer_);
  if (const std::string fault = HeadFault(head); !fault.empty()) {
    const Error error_found = {ErrorCode::kInvalidData, fault, {}};
    const HttpResponse problem = Problem(400, error_found);
    co_return co_await Refuse(request, problem, Since(start));
  }
  HttpHandler::Plan plan = shared_.handler.Begin(request);
  if (plan.refusal) {
    // Without a body the connection can go on.
    if (head.is_done() || (!head.chunked() && head.content_length().value_or(0) == 0)) {
      const bool close = shared_.stopping || !head.keep_alive();
      const bool sent = co_await Send(request, *plan.refusal, close);
      shared_.handler.Finished(request, sent ? plan.refusal->status : 0, Since(start));
      co_return sent && !close;
    }
    co_return co_await Refuse(request, *plan.refusal, Since(start));
  }
  if (plan.stream) co_return co_await ServeStream(head, request, *plan.stream);
  if (head.content_length().value_or(0) > plan.max_body_bytes) {
    const Error error_found = {ErrorCode::kResourceExhausted,
                               "the body has " + std::to_string(*head.content_length()) +
                                   " bytes, expected at most " +
                                   std::to_string(plan.max_body_bytes),
                               "body"};
    const HttpResponse problem = Problem(413, error_found);
    co_return co_await Refuse(request, problem, Since(start));
  }
  co_return co_await ServeBody(head, request, plan.max_body_bytes);
}

net::awaitable<bool> Session::ServeBody(RequestParser& head, HttpRequest& request,
                                        std::size_t max_body) {
  const Clock::time_point start = Clock::now();
  const bool keep_alive = head.keep_alive();
  beast::error_code error;
  if (!co_await ContinueIfExpected(head)) co_return false;
  http::request_parser<http::string_body> whole(std::move(head));
  whole.body_limit(max_body);
  YieldAfter(kBodyPatience);
  LimitReading(shared_.options.body_time);
  co_await http::async_read(stream_, buffer_, whole, Quietly(error));
  EndReading();
  yields_from_ = Clock::time_point::max();
  if (error) {
    if (!is_late_ && IsGone(error)) {
      shared_.handler.Finished(request, 0, Since(start));
      co_return false;
    }
    const HttpResponse problem = is_late_ ? TooLate() : ReadProblem(error);
    co_return co_await Refuse(request, problem, Since(start));
  }
  request.body = std::move(whole.get().body());
  HttpRequest known = request;
  known.body.clear();
  const HttpResponse response = co_await Answer(request);
  const bool close = shared_.stopping || !keep_alive;
  const bool sent = co_await Send(known, response, close);
  shared_.handler.Finished(known, sent ? response.status : 0, Since(start));
  co_return sent && !close;
}

net::awaitable<bool> Session::ContinueIfExpected(const RequestParser& head) {
  // A client of HTTP/1.0 does not know the answer.
  const bool is_asking =
      head.get().version() >= 11 && beast::iequals(head.get()[http::field::expect], "100-continue");
  if (!is_asking) co_return true;
  const std::string go_on = "HTTP/1.1 100 Continue\r\n\r\n";
  co_return co_await Write(go_on);
}

net::awaitable<bool> Session::Refuse(const HttpRequest& request, const HttpResponse& response,
                                     double seconds) {
  const bool sent = co_await Send(request, response, true);
  shared_.handler.Finished(request, sent ? response.status : 0, seconds);
  if (sent) co_await Linger();
  co_return false;
}

net::awaitable<bool> Session::Send(const HttpRequest& request, const HttpResponse& response,
                                   bool close) {
  std::string bytes =
      "HTTP/1.1 " + std::to_string(response.status) + " " + StatusPhrase(response.status) + "\r\n";
  if (response.status != 204) {
    bytes += "Content-Type: " + response.content_type +
             "\r\nContent-Length: " + std::to_string(response.body.size()) + "\r\n";
  }
  bytes += shared_.handler.CommonHeaders(request);
  for (const auto& [name, value] : response.headers) {
    if (IsOneLine(value)) bytes += name + ": " + value + "\r\n";
  }
  bytes += close ? "Connection: close\r\n\r\n" : "\r\n";
  if (request.method != "HEAD" && response.status != 204) bytes += response.body;
  co_return co_await Write(bytes);
}

net::awaitable<HttpResponse> Session::Answer(HttpRequest& request) {
  // The handler may answer at once, later from another thread, or after this connection ended.
  auto slot = std::make_shared<std::optional<HttpResponse>>();
  shared_.handler.Handle(
      std::move(request), [slot, self = shared_from_this()](HttpResponse response) {
        if (self->strand_.running_in_this_thread()) {
          *slot = std::move(response);
          return;
        }
        net::post(self->strand_, [slot, self, response = std::move(response)]() mutable {
          if (!*slot) *slot = std::move(response);
          self->answered_.cancel();
        });
      });
  // An answer that came too late for the request before may end a wait, too.
  const Clock::time_point deadline = Clock::now() + shared_.options.answer_time;
  while (!*slot && Clock::now() < deadline) {
    beast::error_code error;
    answered_.expires_at(deadline);
    co_await answered_.async_wait(Quietly(error));
  }
  if (!*slot) {
    *slot = Problem(503, {ErrorCode::kUnavailable, "no answer in time; try again", {}});
  }
  co_return std::move(**slot);
}

net::awaitable<bool> Session::Write(const std::string& bytes) {
  beast::error_code error;
  stream_.expires_after(shared_.options.stream_time);
  co_await net::async_write(stream_, net::buffer(bytes), Quietly(error));
  co_return !error;
}

void Session::LimitReading(Clock::duration time) {
  is_late_ = false;
  stream_.expires_never();
  deadline_.expires_after(time);
  WatchDeadline();
}

void Session::EndReading() { deadline_.expires_at(Clock::time_point::max()); }

void Session::WatchDeadline() {
  deadline_.async_wait([self = shared_from_this()](beast::error_code error) {
    if (error || Clock::now() < self->deadline_.expiry()) return;
    self->is_late_ = true;
    self->stream_.cancel();
    // Once more, should it have come between two reads, when there was nothing to cancel.
    self->deadline_.expires_after(kAgain);
    self->WatchDeadline();
  });
}

void Session::YieldAfter(Clock::duration time) { yields_from_ = Clock::now() + time; }

net::awaitable<void> Session::Linger() {
  YieldAfter({});
  beast::error_code error;
  stream_.socket().shutdown(net::ip::tcp::socket::shutdown_send, error);
  std::string waste(kReadBytes, '\0');
  stream_.expires_after(std::chrono::seconds(2));
  for (std::size_t total = 0; !error && total < kLingerBytes;) {
    total += co_await stream_.async_read_some(net::buffer(waste), Quietly(error));
  }
}

}  // namespace smartsynch::http_internal
