// What the HTTP server asks of whoever answers: a decision once a request's head is there, then
// either one response to a whole body, or a stream that takes the body and gives the response at
// the same time.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "server/http/message.h"

namespace smartsynch {

// Input and output of one streamed request. One call at a time, from any thread.
class BodyStream {
 public:
  BodyStream() = default;
  BodyStream(const BodyStream&) = delete;
  BodyStream& operator=(const BodyStream&) = delete;
  virtual ~BodyStream() = default;

  virtual std::string ContentType() const = 0;

  // Takes the next bytes of the body. Not called while IsFull().
  virtual void Feed(std::string_view bytes) = 0;
  // No more bytes come now: what was fed is to be answered without waiting for more.
  virtual void Flush() = 0;
  virtual void End() = 0;

  // True when so much is waiting for its answer that no more should be read.
  virtual bool IsFull() const = 0;
  // True while Next() would give something (now or later).
  virtual bool HasOutput() const = 0;
  // `revoked` is called at most once, from any thread, when the stream waited so long for its
  // client that it makes room for another one: it is to end. It must not call the stream.
  virtual void WhenRevoked(std::function<void()> revoked) = 0;

  // Gives the next part of the response; only when HasOutput(). `done` may be called from any
  // thread, exactly once.
  virtual void Next(std::function<void(std::string)> done) = 0;
};

class HttpHandler {
 public:
  HttpHandler() = default;
  HttpHandler(const HttpHandler&) = delete;
  HttpHandler& operator=(const HttpHandler&) = delete;
  virtual ~HttpHandler() = default;

  struct Plan {
    std::optional<HttpResponse> refusal;  // the body is not read at all
    std::size_t max_body_bytes = 0;
    std::unique_ptr<BodyStream> stream;  // set: Handle() is not called
  };
  // `head` has no body yet.
  virtual Plan Begin(const HttpRequest& head) = 0;

  // Must not block for long; whatever does belongs into a thread of its own.
  virtual void Handle(HttpRequest request, Respond respond) = 0;

  // Headers that every response gets, given in one block of lines "Name: value\r\n".
  virtual std::string CommonHeaders(const HttpRequest& head) const = 0;

  // Called once a request, with the status sent (0: the client was gone before).
  virtual void Finished(const HttpRequest& head, int status, double seconds) = 0;
};

}  // namespace smartsynch
