#include "server/api/access.h"

#include <algorithm>

#include "cli/file.h"
#include "smartsynch/base/hash.h"

namespace smartsynch {
namespace {

constexpr std::size_t kMinKeyBytes = 16;

std::vector<std::string> Hashes(const std::vector<std::string>& keys) {
  std::vector<std::string> hashes;
  for (const std::string& key : keys) hashes.push_back(Sha256Hex(key));
  return hashes;
}

bool Has(const std::vector<std::string>& hashes, const std::string& hash) {
  return std::find(hashes.begin(), hashes.end(), hash) != hashes.end();
}

// The hash of the key after "Bearer ", empty without one.
std::string BearerHash(const HttpRequest& request) {
  constexpr std::string_view kScheme = "bearer ";
  const std::string& value = request.authorization;
  if (value.size() <= kScheme.size()) return {};
  for (std::size_t i = 0; i < kScheme.size(); ++i) {
    const char c = value[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != kScheme[i]) return {};
  }
  return Sha256Hex(std::string_view(value).substr(kScheme.size()));
}

std::string WithoutPort(const std::string& host) {
  if (!host.empty() && host[0] == '[') return host.substr(0, host.find(']') + 1);
  return host.substr(0, std::min(host.find(':'), host.size()));
}

// A page elsewhere can make its own name mean this machine; it cannot choose this one.
bool NamesLoopback(const std::string& host) {
  const std::string name = WithoutPort(host);
  return name == "localhost" || name == "[::1]" || name.rfind("127.", 0) == 0;
}

bool IsReading(const HttpRequest& request) {
  return request.method == "GET" || request.method == "HEAD" || request.method == "OPTIONS";
}

}  // namespace

Result<std::vector<std::string>> ReadKeyFile(const std::string& path, const std::string& option) {
  const Result<std::string> bytes = ReadFile(path, std::size_t{1} << 20U);
  if (!bytes) return tl::unexpected(bytes.error());
  std::vector<std::string> keys;
  std::string_view rest = *bytes;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    if (line.empty() || line[0] == '#') continue;
    if (line.size() < kMinKeyBytes) {
      return Fail(ErrorCode::kInvalidArgument,
                  path + ": found a key of " + std::to_string(line.size()) +
                      " bytes, expected at least " + std::to_string(kMinKeyBytes),
                  option);
    }
    keys.emplace_back(line);
  }
  if (keys.empty()) {
    return Fail(ErrorCode::kInvalidArgument, path + ": holds no key, expected one a line", option);
  }
  return keys;
}

AccessControl::AccessControl(const AccessOptions& options)
    : write_(Hashes(options.write_keys)),
      admin_(Hashes(options.admin_keys)),
      origins_(options.origins),
      is_loopback_(options.is_loopback) {}

std::optional<HttpResponse> AccessControl::Check(const HttpRequest& request, Access access) const {
  if (!request.origin.empty() && !IsReading(request) && !IsAllowedOrigin(request.origin) &&
      !request.origin.ends_with("://" + request.host)) {
    return Problem(403, {ErrorCode::kInvalidArgument,
                         "this origin is not on the server's list (--cors-origin)", "Origin"});
  }
  if (access == Access::kAnyone) return std::nullopt;
  const std::vector<std::string>& keys = access == Access::kWrite ? write_ : admin_;
  if (keys.empty() && is_loopback_) {
    if (NamesLoopback(request.host)) return std::nullopt;
    return Problem(403, {ErrorCode::kInvalidArgument,
                         "without a key this is open to requests for localhost only", "Host"});
  }
  const std::string hash = BearerHash(request);
  if (!hash.empty() && (Has(keys, hash) || Has(admin_, hash))) return std::nullopt;
  if (keys.empty() && (access == Access::kAdmin || admin_.empty())) {
    return Problem(403, {ErrorCode::kInvalidArgument,
                         "closed: the server was started without a key for this", "Authorization"});
  }
  return Problem(401, {ErrorCode::kInvalidArgument,
                       hash.empty() ? "expected the header Authorization: Bearer KEY"
                                    : "this key is not one for this",
                       "Authorization"});
}

std::string AccessControl::Client(const HttpRequest& request) const {
  const std::string hash = BearerHash(request);
  return !hash.empty() && (Has(write_, hash) || Has(admin_, hash)) ? hash : request.peer;
}

bool AccessControl::IsAllowedOrigin(const std::string& origin) const {
  return std::any_of(origins_.begin(), origins_.end(), [&](const std::string& allowed) {
    return allowed == "*" || allowed == origin;
  });
}

std::string AccessControl::CorsHeaders(const HttpRequest& request) const {
  if (origins_.empty()) return {};
  if (request.origin.empty() || !IsAllowedOrigin(request.origin)) return "Vary: Origin\r\n";
  return "Access-Control-Allow-Origin: " + request.origin +
         "\r\nVary: Origin\r\nAccess-Control-Expose-Headers: Retry-After, "
         "SmartSynch-Experiment\r\n";
}

}  // namespace smartsynch
