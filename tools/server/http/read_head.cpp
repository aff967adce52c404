// What the rest of the server sees of a request's head.
#include <algorithm>

#include "server/http/session.h"

namespace smartsynch::http_internal {
namespace {

std::string Lower(beast::string_view text) {
  std::string lower(text.data(), text.size());
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string Text(beast::string_view text) { return std::string(text.data(), text.size()); }

}  // namespace

HttpRequest ReadHead(const RequestParser& head, const std::string& peer) {
  const auto& message = head.get();
  HttpRequest request;
  request.method = Text(message.method_string());
  std::string target = Text(message.target());
  if (target.rfind("http://", 0) == 0) {
    const std::size_t path = target.find('/', 7);
    target = path == std::string::npos ? "/" : target.substr(path);
  }
  const std::size_t query = std::min(target.find('?'), target.size());
  request.path = target.substr(0, query);
  if (query < target.size()) request.query = target.substr(query + 1);
  request.peer = peer;
  const std::string type = Lower(message[http::field::content_type]);
  request.content_type = type.substr(0, std::min(type.find(';'), type.size()));
  while (!request.content_type.empty() && request.content_type.back() == ' ') {
    request.content_type.pop_back();
  }
  request.authorization = Text(message[http::field::authorization]);
  request.origin = Text(message[http::field::origin]);
  request.host = Text(message[http::field::host]);
  request.idempotency_key = Text(message["Idempotency-Key"]);
  return request;
}

// RFC 9112, sections 3.2 and 6.3. Beast refuses what is wrong with Content-Length, also beside a
// Transfer-Encoding of chunked, and takes a request with any other coding for one without a body.
std::string HeadFault(const RequestParser& head) {
  const auto& message = head.get();
  const bool is_old = message.version() < 11;
  const std::size_t codings = message.count(http::field::transfer_encoding);
  if (codings > 1 ||
      (codings == 1 &&
       (is_old || !beast::iequals(message[http::field::transfer_encoding], "chunked")))) {
    return "Transfer-Encoding: expected chunked and no other, in HTTP/1.1";
  }
  const std::size_t hosts = message.count(http::field::host);
  if (hosts > 1 || (hosts == 0 && !is_old)) {
    return "Host: found " + std::to_string(hosts) + ", expected one";
  }
  return {};
}

}  // namespace smartsynch::http_internal
