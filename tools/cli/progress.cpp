#include "cli/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace smartsynch {

ProgressBar::ProgressBar(std::string label)
    : label_(std::move(label)),
      is_terminal_(isatty(STDERR_FILENO) == 1),
      started_(std::chrono::steady_clock::now()),
      shown_(started_) {}

ProgressBar::~ProgressBar() {
  if (is_line_open_) std::fputc('\n', stderr);
}

void ProgressBar::Update(std::size_t done, std::size_t total, const std::string& note) {
  constexpr std::chrono::milliseconds kRedraw(100);
  constexpr std::chrono::seconds kLine(5);
  const auto now = std::chrono::steady_clock::now();
  const bool is_last = done >= total;
  if (!is_last && now - shown_ < (is_terminal_ ? kRedraw : kLine)) return;
  // Work that is over before anyone could read a line needs none in a log.
  if (!is_terminal_ && is_last && now - started_ < kLine) return;
  shown_ = now;
  const std::size_t percent = total == 0 ? 100 : std::min<std::size_t>(100, done * 100 / total);
  std::string line = label_;
  if (is_terminal_) {
    constexpr std::size_t kWidth = 30;
    const std::size_t filled = percent * kWidth / 100;
    line += " [" + std::string(filled, '#') + std::string(kWidth - filled, '.') + "]";
  }
  line += " " + std::to_string(percent) + " % (" + std::to_string(done) + " of " +
          std::to_string(total) + ")" + (note.empty() ? "" : ", " + note);
  if (is_terminal_) {
    std::fprintf(stderr, "\r\033[K%s", line.c_str());
    is_line_open_ = true;
  } else {
    std::fprintf(stderr, "%s\n", line.c_str());
  }
}

ProgressCallback ProgressBar::Callback() {
  return [this](std::size_t done, std::size_t total) {
    Update(done, total);
    return true;
  };
}

}  // namespace smartsynch
