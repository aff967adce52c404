// A request whose rows are answered while they arrive.
#include <cstdio>
#include <optional>

#include "server/http/session_parts.h"

namespace smartsynch::http_internal {
namespace {

constexpr std::size_t kChunkEnd = 2;  // a line break, which alone brings nothing to answer

// As one chunk, or as it is for a client of HTTP/1.0.
std::string Framed(const std::string& part, bool chunked) {
  if (!chunked) return part;
  char size[24];
  std::snprintf(size, sizeof size, "%zx\r\n", part.size());
  return size + part + "\r\n";
}

}  // namespace

net::awaitable<bool> Session::ServeStream(RequestParser& head, const HttpRequest& request,
                                          BodyStream& body) {
  const Clock::time_point start = Clock::now();
  const bool chunked = head.get().version() >= 11;
  const bool is_head = request.method == "HEAD";
  const bool keep_alive = head.keep_alive() && chunked && (!is_head || head.is_done());
  if (!co_await ContinueIfExpected(head)) co_return false;
  std::string first = "HTTP/1.1 200 OK\r\nContent-Type: " + body.ContentType() + "\r\n" +
                      shared_.handler.CommonHeaders(request) +
                      (chunked ? "Transfer-Encoding: chunked\r\n" : "") +
                      (keep_alive ? "\r\n" : "Connection: close\r\n\r\n");
  if (is_head) {  // nothing follows the head, and the stream is not read
    const bool sent = co_await Write(first);
    shared_.handler.Finished(request, sent ? 200 : 0, Since(start));
    co_return sent&& keep_alive && !shared_.stopping;
  }
  StreamParser parser(std::move(head));
  parser.body_limit(kNoLimit);
  if (parser.is_done()) body.End();
  WatchPlace(body);
  bool good = true;
  // Each row has its own time, so that bytes one by one do not draw it out.
  Clock::time_point row_limit = Clock::now() + shared_.options.stream_time;
  while (good && !is_late_ && (!parser.is_done() || body.HasOutput())) {
    const bool can_read = !parser.is_done() && !body.IsFull();
    if (can_read && (IsMoreThere() || !body.HasOutput())) {
      good = co_await ReadRows(parser, body, row_limit);
      continue;
    }
    const std::string part = co_await NextPart(body);
    if (!part.empty() && !is_late_) {
      const std::string bytes = first + Framed(part, chunked);
      first.clear();
      good = co_await Write(bytes);
    }
    // Until now the client could not write on, or had an answer to read.
    row_limit = Clock::now() + shared_.options.stream_time;
  }
  ++streams_ended_;
  EndReading();
  if (is_late_ && !first.empty()) {  // nothing was answered yet
    const HttpResponse problem = TooLate();
    co_return co_await Refuse(request, problem, Since(start));
  }
  good = good && !is_late_;
  // A stream that broke is not closed in form, so the client sees that it is not complete.
  const std::string last = first + (chunked ? "0\r\n\r\n" : "");
  if (good) good = co_await Write(last);
  shared_.handler.Finished(request, good ? 200 : 0, Since(start));
  co_return good&& keep_alive && !shared_.stopping;
}

void Session::WatchPlace(BodyStream& body) {
  body.WhenRevoked([weak = weak_from_this(), number = streams_ended_] {
    const std::shared_ptr<Session> self = weak.lock();
    if (!self) return;
    net::post(self->strand_, [self, number] {
      if (self->streams_ended_ != number) return;
      self->is_late_ = true;
      self->deadline_.expires_after({});
      self->WatchDeadline();
    });
  });
}

bool Session::IsMoreThere() {
  beast::error_code error;
  return buffer_.size() > kChunkEnd || stream_.socket().available(error) > 0;
}

net::awaitable<bool> Session::ReadRows(StreamParser& parser, BodyStream& body,
                                       Clock::time_point& limit) {
  std::string bytes(kReadBytes, '\0');
  parser.get().body().data = bytes.data();
  parser.get().body().size = bytes.size();
  beast::error_code error;
  LimitReading(limit - Clock::now());
  co_await http::async_read_some(stream_, buffer_, parser, Quietly(error));
  EndReading();
  if (error && error != http::error::need_buffer) co_return false;
  bytes.resize(bytes.size() - parser.get().body().size);
  if (bytes.find('\n') != std::string::npos) limit = Clock::now() + shared_.options.stream_time;
  body.Feed(bytes);
  if (parser.is_done()) {
    body.End();
  } else if (!IsMoreThere()) {
    body.Flush();  // someone who waits for answers before writing on must get them
  }
  co_return true;
}

net::awaitable<std::string> Session::NextPart(BodyStream& body) {
  auto slot = std::make_shared<std::optional<std::string>>();
  body.Next([slot, self = shared_from_this()](std::string part) {
    if (self->strand_.running_in_this_thread()) {
      *slot = std::move(part);
      return;
    }
    net::post(self->strand_, [slot, self, part = std::move(part)]() mutable {
      *slot = std::move(part);
      self->answered_.cancel();
    });
  });
  while (!*slot) {
    beast::error_code error;
    answered_.expires_at(net::steady_timer::time_point::max());
    co_await answered_.async_wait(Quietly(error));
  }
  co_return std::move(**slot);
}

}  // namespace smartsynch::http_internal
