// Who may do what: keys for writing and administration, and origins of web pages.
//
// Without a key of its kind, writing and administration are open on the loopback address and closed
// on any other. A key of administration may also write.
// Thread safety: immutable after creation.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/api/routes.h"
#include "server/http/message.h"
#include "smartsynch/base/status.h"

namespace smartsynch {

struct AccessOptions {
  std::vector<std::string> write_keys;
  std::vector<std::string> admin_keys;
  std::vector<std::string> origins;  // "https://tasks.example", or "*" for every one
  bool is_loopback = true;
};

// One key a line; blank lines and lines that begin with # do not count. Fails when the file cannot
// be read, holds no key, or one shorter than 16 bytes.
Result<std::vector<std::string>> ReadKeyFile(const std::string& path, const std::string& option);

class AccessControl {
 public:
  explicit AccessControl(const AccessOptions& options);

  // A refusal, or nothing.
  std::optional<HttpResponse> Check(const HttpRequest& request, Access access) const;
  // What rate limits count by: the key where it is a known one, else the client's address.
  std::string Client(const HttpRequest& request) const;
  // "Access-Control-Allow-Origin: …" and what belongs to it, as lines; empty without a page.
  std::string CorsHeaders(const HttpRequest& request) const;

 private:
  bool IsAllowedOrigin(const std::string& origin) const;

  // SHA-256 of the keys, so that comparing takes no longer for a key that is nearly right.
  std::vector<std::string> write_;
  std::vector<std::string> admin_;
  std::vector<std::string> origins_;
  bool is_loopback_;
};

}  // namespace smartsynch
