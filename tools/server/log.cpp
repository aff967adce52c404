#include "server/log.h"

#include <sys/time.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>

namespace smartsynch {

void LogEvent(std::string_view level, std::string_view event, const LogFields& fields) {
  timeval now = {};
  gettimeofday(&now, nullptr);
  std::tm utc = {};
  gmtime_r(&now.tv_sec, &utc);
  char seconds[32];
  std::strftime(seconds, sizeof seconds, "%Y-%m-%dT%H:%M:%S", &utc);
  char time[48];
  std::snprintf(time, sizeof time, "%s.%03dZ", seconds, static_cast<int>(now.tv_usec / 1000));
  nlohmann::ordered_json line = {{"time", time}, {"level", level}, {"event", event}};
  for (const auto& [name, value] : fields) line[name] = value;
  const std::string text =
      line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  // One write, so that lines of several threads do not mix. Nobody can be told when it fails.
  const ssize_t written = write(STDERR_FILENO, text.data(), text.size());
  static_cast<void>(written);
}

}  // namespace smartsynch
