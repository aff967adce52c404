// An event out of a tree of JSON values; what is written of one is in personal/feedback_event.h.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>

#include "smartsynch/base/status.h"
#include "smartsynch/personal/feedback_event.h"

namespace smartsynch {

inline constexpr std::size_t kMaxEventNesting = 8;  // the format needs three levels

// As ParseEventLine() of `object` written in one line.
Result<FeedbackEvent> ReadEvent(const nlohmann::json& object, std::size_t line_number);

}  // namespace smartsynch
