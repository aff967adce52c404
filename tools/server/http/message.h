// A request and its response, free of any HTTP library, so that what answers requests can be
// understood (and replaced) without knowing what carries them.
// Thread safety: plain values.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "smartsynch/base/status.h"

namespace smartsynch {

struct HttpRequest {
  std::string method;        // "GET"
  std::string path;          // "/v1/predict", as sent, without the query
  std::string query;         // "after=3&limit=10", as sent
  std::string body;          // empty for a request whose body is streamed
  std::string peer;          // the client's address, without its port
  std::string content_type;  // lower case, without parameters: "application/json"
  std::string authorization;
  std::string origin;           // of a browser's cross-origin request, else empty
  std::string host;             // as the client named this server
  std::string idempotency_key;  // Idempotency-Key
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

// Bytes that are not UTF-8 are replaced.
HttpResponse JsonResponse(int status, const nlohmann::ordered_json& body);

// May be called from any thread, exactly once.
using Respond = std::function<void(HttpResponse)>;

// The value of a query parameter, percent-decoded; nothing when it is absent.
std::optional<std::string> QueryValue(const HttpRequest& request, std::string_view name);

// "%2F" and "+" (only where `plus_is_space`) undone; a malformed escape stays as it is.
std::string PercentDecode(std::string_view text, bool plus_is_space);

const char* StatusPhrase(int status);  // "Not Found"

// RFC 9457 problem details: {"type","title","status","detail","code","field"}; `code` is
// ErrorCodeName(), `field` the offending input and absent when no single one is to blame.
std::string ProblemJson(int status, const Error& error);
HttpResponse Problem(int status, const Error& error);

// With the status that fits the code: 400, 404, 409, 413, 422, 503 (with Retry-After) or 500.
HttpResponse Problem(const Error& error);
int StatusOf(ErrorCode code);

}  // namespace smartsynch
