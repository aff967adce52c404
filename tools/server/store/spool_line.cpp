#include "server/store/spool_line.h"

#include <nlohmann/json.hpp>

#include "smartsynch/base/hash.h"

namespace smartsynch {
namespace {

using nlohmann::json;

constexpr std::size_t kChecksumDigits = 16;

std::string Checksum(std::string_view text) { return Sha256Hex(text).substr(0, kChecksumDigits); }

bool Read(const json& object, const char* name, std::string& out) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return false;
  out = found->get<std::string>();
  return true;
}

}  // namespace

std::string ToSpoolLine(const FeedbackRecord& record) {
  const json object = {{"key", record.key},           {"time_ms", record.time_ms},
                       {"user_key", record.user_key}, {"experiment_id", record.experiment_id},
                       {"arm", record.arm},           {"accepted", record.accepted},
                       {"event", record.event}};
  const std::string text = object.dump(-1, ' ', false, json::error_handler_t::replace);
  return Checksum(text) + " " + text + "\n";
}

std::optional<FeedbackRecord> ParseSpoolLine(std::string_view line) {
  if (line.size() <= kChecksumDigits || line[kChecksumDigits] != ' ') return std::nullopt;
  const std::string_view text = line.substr(kChecksumDigits + 1);
  if (Checksum(text) != line.substr(0, kChecksumDigits)) return std::nullopt;
  const json object = json::parse(text, nullptr, false);
  if (!object.is_object()) return std::nullopt;
  FeedbackRecord record;
  const auto time = object.find("time_ms");
  const auto accepted = object.find("accepted");
  const bool fine = time != object.end() && time->is_number_integer() && accepted != object.end() &&
                    accepted->is_boolean() && Read(object, "key", record.key) &&
                    Read(object, "user_key", record.user_key) &&
                    Read(object, "experiment_id", record.experiment_id) &&
                    Read(object, "arm", record.arm) && Read(object, "event", record.event);
  if (!fine) return std::nullopt;
  record.time_ms = time->get<std::int64_t>();
  record.accepted = accepted->get<bool>();
  return record;
}

}  // namespace smartsynch
