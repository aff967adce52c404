#include "smartsynch/learn/typing.h"

#include <algorithm>
#include <utility>

#include "smartsynch/base/random.h"
#include "smartsynch/text/utf8.h"

namespace smartsynch {
namespace {

std::vector<char32_t> CodePoints(std::string_view text) {
  std::vector<char32_t> code_points;
  for (std::size_t position = 0; position < text.size();) {
    code_points.push_back(DecodeUtf8(text, position));
  }
  return code_points;
}

char32_t LowerCase(char32_t c) {
  const bool is_ascii = c >= U'A' && c <= U'Z';
  const bool is_latin1 = c >= 0xC0 && c <= 0xDE && c != 0xD7;  // not the multiplication sign
  return is_ascii || is_latin1 ? c + 0x20 : c;
}

bool IsLetter(char32_t c) { return c >= U'a' && c <= U'z'; }

}  // namespace

std::vector<std::string> TypedPrefixes(std::string_view title) {
  std::vector<std::string> prefixes;
  std::string text;
  for (const char32_t c : CodePoints(title)) {
    AppendUtf8(c, text);
    prefixes.push_back(text);
  }
  return prefixes;
}

std::string TypedPart(std::string_view title, std::size_t percent) {
  const std::vector<char32_t> code_points = CodePoints(title);
  const std::size_t share = std::min<std::size_t>(percent, 100);
  const std::size_t count = (code_points.size() * share + 99) / 100;
  std::string part;
  for (std::size_t i = 0; i < count; ++i) AppendUtf8(code_points[i], part);
  return part;
}

std::string Mistype(std::string_view title, double rate, std::uint64_t seed) {
  std::vector<char32_t> letters = CodePoints(title);
  for (char32_t& c : letters) c = LowerCase(c);
  Random random(seed);
  std::string text;
  for (std::size_t i = 0; i < letters.size(); ++i) {
    const bool is_slip = IsLetter(letters[i]) && static_cast<double>(random.NextFloat()) < rate;
    if (!is_slip) {
      AppendUtf8(letters[i], text);
      continue;
    }
    switch (random.NextBelow(4)) {
      case 0: {  // another of the 26 letters
        const char32_t shift = 1 + random.NextBelow(25);
        AppendUtf8(U'a' + (letters[i] - U'a' + shift) % 26, text);
        break;
      }
      case 1:  // none
        break;
      case 2:  // twice
        AppendUtf8(letters[i], text);
        AppendUtf8(letters[i], text);
        break;
      default:  // the next one first
        if (i + 1 < letters.size()) {
          AppendUtf8(letters[i + 1], text);
          AppendUtf8(letters[i], text);
          ++i;
        } else {
          AppendUtf8(letters[i], text);
        }
    }
  }
  return text;
}

std::size_t CountChanges(const std::vector<std::string>& shown) {
  std::size_t changes = 0;
  const std::string* last = nullptr;
  for (const std::string& category : shown) {
    if (category.empty()) continue;
    changes += last != nullptr && *last != category ? 1 : 0;
    last = &category;
  }
  return changes;
}

}  // namespace smartsynch
