#include "smartsynch/text/task_text.h"

#include <algorithm>
#include <cstddef>

#include "smartsynch/text/normalizer.h"
#include "smartsynch/text/utf8.h"

namespace smartsynch {
namespace {

bool IsWhiteSpace(char32_t code_point) {
  const CleanedCodePoint cleaned = CleanCodePoint(code_point);
  return cleaned.size == 1 && cleaned.code_points[0] == U' ';
}

// Where the last code point of `text` begins. White space is always well-formed, so on damaged
// bytes any answer will do as long as it is inside the text.
std::size_t LastCodePoint(std::string_view text) {
  std::size_t position = text.size() - 1;
  const std::size_t furthest = text.size() - std::min<std::size_t>(text.size(), 4);
  while (position > furthest && (static_cast<unsigned char>(text[position]) & 0xC0u) == 0x80u) {
    --position;
  }
  return position;
}

// Looks at the two ends only: a description of megabytes costs no more than a short one.
std::string_view Trim(std::string_view text) {
  while (!text.empty()) {
    std::size_t size = 0;
    if (!IsWhiteSpace(DecodeUtf8(text, size))) break;
    text.remove_prefix(size);
  }
  while (!text.empty()) {
    const std::size_t begin = LastCodePoint(text);
    std::size_t end = begin;
    if (!IsWhiteSpace(DecodeUtf8(text, end)) || end != text.size()) break;
    text = text.substr(0, begin);
  }
  return text;
}

}  // namespace

std::string JoinTaskText(std::string_view title, std::string_view description) {
  title = Trim(title);
  description = Trim(description);
  std::string text;
  text.reserve(title.size() + 1 + description.size());
  text.append(title);
  if (!title.empty() && !description.empty()) text.push_back('\n');
  text.append(description);
  return text;
}

bool IsBlank(std::string_view text) { return !WordReader(text, 1).Next(); }

std::string NormalizedTaskKey(std::string_view title, std::string_view description) {
  const std::string text = JoinTaskText(title, description);
  std::string key;
  WordReader reader(text);
  while (reader.Next()) {
    if (!key.empty()) key.push_back(' ');
    key.append(reader.word());
  }
  return key;
}

}  // namespace smartsynch
