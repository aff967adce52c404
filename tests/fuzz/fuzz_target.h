// What a fuzz target provides. One target is one source file, linked either with libFuzzer (which
// invents inputs) or with replay_main.cpp (which runs the kept ones, in the normal tests).
//
//   void TestOneInput(std::string_view input) { CheckThat(Parse(input) …, "what was promised"); }
//
// A broken promise ends the process, which is what both callers take for a failure.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace smartsynch::fuzz {

// Must take any bytes, and the same way every time.
void TestOneInput(std::string_view input);

// Inputs made by code, which stand beside those in corpus/: binary files that are no good in git.
std::vector<std::string> Seeds();

inline void CheckThat(bool condition, const char* promise) {
  if (condition) return;
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

// Takes choices from the front of an input; zeros when it is used up.
class Choices {
 public:
  explicit Choices(std::string_view input) : rest_(input) {}

  std::uint8_t Byte() {
    if (rest_.empty()) return 0;
    const auto byte = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return byte;
  }
  // Up to the next line break, which is taken too.
  std::string_view Line() {
    const std::size_t end = rest_.find('\n');
    const std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    return line;
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

}  // namespace smartsynch::fuzz
