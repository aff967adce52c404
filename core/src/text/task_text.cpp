#include "smartsynch/text/task_text.h"

#include <cstddef>

#include "smartsynch/text/normalizer.h"
#include "smartsynch/text/utf8.h"

namespace smartsynch {
namespace {

bool IsWhiteSpace(char32_t code_point) {
  const CleanedCodePoint cleaned = CleanCodePoint(code_point);
  return cleaned.size == 1 && cleaned.code_points[0] == U' ';
}

std::string_view Trim(std::string_view text) {
  std::size_t begin = text.size();
  std::size_t end = 0;
  for (std::size_t position = 0; position < text.size();) {
    const std::size_t start = position;
    if (IsWhiteSpace(DecodeUtf8(text, position))) continue;
    if (begin == text.size()) begin = start;
    end = position;
  }
  return begin < end ? text.substr(begin, end - begin) : std::string_view();
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
