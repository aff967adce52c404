#include "smartsynch/text/surrogate_escapes.h"

#include <cstddef>
#include <string_view>

namespace smartsynch {
namespace {

bool ReadFourHexDigits(std::string_view text, std::size_t at, unsigned& value) {
  if (at + 4 > text.size()) return false;
  value = 0;
  for (std::size_t i = at; i < at + 4; ++i) {
    const char c = text[i];
    unsigned digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<unsigned>(c - '0');
    } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
      digit = static_cast<unsigned>((c | 0x20) - 'a') + 10;
    } else {
      return false;
    }
    value = value * 16 + digit;
  }
  return true;
}

}  // namespace

bool RepairSurrogateEscapes(std::string& json) {
  bool repaired = false;
  std::size_t at = json.find('\\');
  while (at != std::string::npos) {
    unsigned unit = 0;
    if (at + 1 >= json.size() || json[at + 1] != 'u' || !ReadFourHexDigits(json, at + 2, unit)) {
      at = json.find('\\', at + 2);
      continue;
    }
    std::size_t next = at + 6;
    if (unit >= 0xD800 && unit <= 0xDFFF) {
      unsigned low = 0;
      const bool is_pair = unit <= 0xDBFF && json.compare(next, 2, "\\u") == 0 &&
                           ReadFourHexDigits(json, next + 2, low) && low >= 0xDC00 && low <= 0xDFFF;
      if (is_pair) {
        next += 6;
      } else {
        json.replace(at, 6, "\\ufffd");
        repaired = true;
      }
    }
    at = json.find('\\', next);
  }
  return repaired;
}

}  // namespace smartsynch
