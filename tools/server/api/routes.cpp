#include "server/api/routes.h"

#include <optional>

namespace smartsynch {
namespace {

// What stands for {id} when the path fits; empty for a pattern without one.
std::optional<std::string> Fit(std::string_view pattern, std::string_view path) {
  const std::size_t open = pattern.find("{id}");
  if (open == std::string_view::npos) {
    return pattern == path ? std::optional<std::string>("") : std::nullopt;
  }
  const std::string_view before = pattern.substr(0, open);
  const std::string_view after = pattern.substr(open + 4);
  if (path.size() <= before.size() + after.size() || path.substr(0, open) != before ||
      path.substr(path.size() - after.size()) != after) {
    return std::nullopt;
  }
  const std::string_view id = path.substr(open, path.size() - before.size() - after.size());
  if (id.find('/') != std::string_view::npos) return std::nullopt;
  return std::string(id);
}

}  // namespace

RouteMatch MatchRoute(std::string_view method, std::string_view path) {
  RouteMatch match;
  for (const Route& route : kRoutes) {
    const std::optional<std::string> id = Fit(route.path, path);
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
