// Reading the bodies of requests: JSON with every field checked, errors naming the field.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "cli/engine.h"
#include "smartsynch/base/status.h"

namespace smartsynch {

// One object. Bytes that are not UTF-8 and halves of surrogate pairs (a half-typed emoji) are
// repaired, as the command line does.
Result<nlohmann::ordered_json> ParseObject(std::string_view text);
Result<nlohmann::ordered_json> ParseAny(std::string_view text);

// A member that is a string of at most `max_bytes`; absent or null: empty. Fails naming it.
Result<std::string> StringMember(const nlohmann::ordered_json& object, const std::string& name,
                                 std::size_t max_bytes);

// What a task asks for.
struct TaskRequest {
  Task task;
  std::optional<Tier> tier;
  std::string user;  // for an experiment's assignment
};

inline constexpr std::size_t kMaxTextBytes = std::size_t{1} << 16U;
inline constexpr std::size_t kMaxUserBytes = 200;

// {"title" (or "text"), "description", "tier", "user"}; other fields are ignored.
Result<TaskRequest> ReadTask(const nlohmann::ordered_json& object);

}  // namespace smartsynch
