// One line of a spool. Thread safety: pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/store/records.h"

namespace smartsynch {

// With its line break.
std::string ToSpoolLine(const FeedbackRecord& record);
// Without the line break; absent when the line is damaged.
std::optional<FeedbackRecord> ParseSpoolLine(std::string_view line);

}  // namespace smartsynch
