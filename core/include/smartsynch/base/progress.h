// How long work reports progress and is asked to stop: by a callback the caller passes in.
#pragma once

#include <cstddef>
#include <functional>

namespace smartsynch {

// Called between units of work with how many are done of how many. Return false to cancel; the work
// then ends with ErrorCode::kCancelled and leaves its inputs unchanged. An empty function means "go
// on".
using ProgressCallback = std::function<bool(std::size_t done, std::size_t total)>;

}  // namespace smartsynch
