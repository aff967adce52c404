// Reading the bodies of requests: JSON with every field checked, errors naming the field.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "cli/engine.h"
#include "smartsynch/base/status.h"

namespace smartsynch {

inline constexpr std::size_t kDeepestJson = 100;

// One object, of at most kDeepestJson levels. Bytes that are not UTF-8 and halves of surrogate
// pairs (a half-typed emoji) are repaired, as the command line does.
Result<nlohmann::json> ParseObject(std::string_view text);
Result<nlohmann::json> ParseAny(std::string_view text);

// A member that is a string of at most `longest` code points; absent or null: empty. Fails naming
// it.
Result<std::string> StringMember(const nlohmann::json& object, const std::string& name,
                                 std::size_t longest);

std::size_t CountCodePoints(std::string_view text);

// What a task asks for.
struct TaskRequest {
  Task task;
  std::optional<Tier> tier;
  std::string user;  // for an experiment's assignment
};

// In code points, so at most 64 KiB and 200 bytes.
inline constexpr std::size_t kLongestText = std::size_t{1} << 14U;
inline constexpr std::size_t kLongestUser = 50;

// {"title" (or "text"), "description", "tier", "user"}; other fields are ignored.
Result<TaskRequest> ReadTask(const nlohmann::json& object);

}  // namespace smartsynch
