#include "server/api/routes.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "server/http/message.h"

namespace smartsynch {
namespace {

// What stands between the slashes, percent-decoded: an encoded slash is part of a name.
std::vector<std::string> Segments(std::string_view path) {
  std::vector<std::string> segments;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    segments.push_back(PercentDecode(path.substr(begin, end - begin), false));
    begin = end + 1;
  }
  return segments;
}

// What stands for {id} when the path fits; empty for a pattern without one.
std::optional<std::string> Fit(std::string_view pattern, const std::vector<std::string>& path) {
  std::string id;
  std::size_t begin = 0;
  for (const std::string& segment : path) {
    if (begin > pattern.size()) return std::nullopt;
    const std::size_t end = std::min(pattern.find('/', begin), pattern.size());
    const std::string_view wanted = pattern.substr(begin, end - begin);
    if (wanted == "{id}") {
      if (segment.empty()) return std::nullopt;
      id = segment;
    } else if (wanted != segment) {
      return std::nullopt;
    }
    begin = end + 1;
  }
  return begin > pattern.size() ? std::optional<std::string>(std::move(id)) : std::nullopt;
}

}  // namespace

RouteMatch MatchRoute(std::string_view method, std::string_view path) {
  RouteMatch match;
  const std::vector<std::string> segments = Segments(path);
  for (const Route& route : kRoutes) {
    const std::optional<std::string> id = Fit(route.path, segments);
    if (!id) continue;
    const bool is_head = method == "HEAD" && std::string_view(route.method) == "GET";
    if (method == route.method || is_head) {
      match.route = &route;
      match.id = *id;
      return match;
    }
    match.allowed += (match.allowed.empty() ? "" : ", ") + std::string(route.method);
  }
  return match;
}

}  // namespace smartsynch
