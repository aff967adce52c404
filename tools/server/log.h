// One line of JSON an event, on standard error. Texts of tasks never enter it.
// Thread safety: any thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace smartsynch {

using LogFields = std::vector<std::pair<std::string, std::string>>;

// {"time":"2026-01-31T12:00:00.123Z","level":"info","event":"started","port":"8080"}
void LogEvent(std::string_view level, std::string_view event, const LogFields& fields = {});

}  // namespace smartsynch
