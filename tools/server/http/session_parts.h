// What the sources of a Session share. Private to them.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "server/http/session.h"

namespace smartsynch::http_internal {

using Clock = std::chrono::steady_clock;

// Beast 1.74 takes boost::none for a limit of zero.
inline constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();
inline constexpr std::size_t kReadBytes = std::size_t{1} << 16U;

inline double Since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

inline auto Quietly(beast::error_code& error) {
  return net::redirect_error(net::use_awaitable, error);
}

// The answer to a request that did not arrive in time.
inline HttpResponse TooLate() {
  return Problem(408, {ErrorCode::kUnavailable, "the request did not arrive in time", {}});
}

}  // namespace smartsynch::http_internal
