// Progress of long work on standard error: a bar that redraws itself on a terminal, otherwise a
// line every few seconds, so that logs stay readable. Standard output is left to results.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "smartsynch/base/progress.h"

namespace smartsynch {

// One piece of work. Not for use by several threads at once.
class ProgressBar {
 public:
  explicit ProgressBar(std::string label);
  // Ends the line that is being redrawn, so that what follows starts on its own.
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // `note` is shown after the numbers.
  void Update(std::size_t done, std::size_t total, const std::string& note = {});

  // Update() as a callback that never cancels; it must not outlive the bar.
  ProgressCallback Callback();

 private:
  std::string label_;
  bool is_terminal_;
  bool is_line_open_ = false;
  std::chrono::steady_clock::time_point started_;
  std::chrono::steady_clock::time_point shown_;
};

}  // namespace smartsynch
