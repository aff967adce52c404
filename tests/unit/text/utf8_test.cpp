#include "smartsynch/text/utf8.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using smartsynch::AppendUtf8;
using smartsynch::DecodeUtf8;
using smartsynch::kReplacementCharacter;
using smartsynch::RepairUtf8;

namespace {

std::string Repeated(std::string_view text, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

}  // namespace

TEST_CASE("every code point survives being written and read") {
  for (char32_t code_point = 0; code_point <= 0x10FFFF; ++code_point) {
    if (code_point == 0xD800) code_point = 0xE000;
    std::string bytes;
    AppendUtf8(code_point, bytes);
    std::size_t position = 0;
    const char32_t read = DecodeUtf8(bytes, position);
    if (read != code_point || position != bytes.size()) {
      FAIL_CHECK("U+" << static_cast<unsigned>(code_point) << " read as "
                      << static_cast<unsigned>(read));
    }
  }
}

TEST_CASE("code points take the lengths of the standard") {
  const struct {
    char32_t code_point;
    const char* bytes;
  } rows[] = {{U'z', "z"},
              {0x7F, "\x7F"},
              {0x80, "\xC2\x80"},
              {0x7FF, "\xDF\xBF"},
              {0x800, "\xE0\xA0\x80"},
              {0xFFFF, "\xEF\xBF\xBF"},
              {0x10000, "\xF0\x90\x80\x80"},
              {0x10FFFF, "\xF4\x8F\xBF\xBF"}};
  for (const auto& row : rows) {
    std::string bytes;
    AppendUtf8(row.code_point, bytes);
    CHECK(bytes == row.bytes);
  }
}

TEST_CASE("what is no code point is written as U+FFFD") {
  for (const char32_t bad : {char32_t{0xD800}, char32_t{0xDBFF}, char32_t{0xDC00}, char32_t{0xDFFF},
                             char32_t{0x110000}, char32_t{0xFFFFFFFF}}) {
    std::string bytes;
    AppendUtf8(bad, bytes);
    CHECK(bytes == "\xEF\xBF\xBD");
  }
}

TEST_CASE("damaged bytes become one U+FFFD per maximal subpart") {
  // The counts are those of Python's bytes.decode("utf-8", "replace").
  const struct {
    std::string_view bytes;
    int replacements;
  } rows[] = {{"\x80", 1},
              {"\xBF\xBF", 2},
              {"\xC0\x80", 2},                  // overlong NUL
              {"\xC1\xBF", 2},                  // overlong DEL
              {"\xC3", 1},                      // cut
              {"\xE0\x80\x80", 3},              // overlong
              {"\xE0\x9F\xBF", 3},              // overlong
              {"\xE2\x82", 1},                  // cut euro sign
              {"\xED\xA0\x80", 3},              // U+D800
              {"\xED\xBF\xBF", 3},              // U+DFFF
              {"\xED\xA0\xBD\xED\xB8\x80", 6},  // an emoji as two encoded surrogates
              {"\xF0\x80\x80\x80", 4},          // overlong
              {"\xF0\x9F\x98", 1},              // cut emoji
              {"\xF0\x9F\xF0\x9F", 2},
              {"\xF4\x90\x80\x80", 4},  // above U+10FFFF
              {"\xF5\x80\x80\x80", 4},
              {"\xF8\x88\x80\x80\x80", 5},
              {"\xFE\xFF", 2}};
  for (const auto& row : rows) {
    CAPTURE(row.bytes);
    const std::string repaired = Repeated("\xEF\xBF\xBD", row.replacements);
    CHECK(RepairUtf8(row.bytes) == repaired);
    // Whatever follows is read as itself, never swallowed.
    for (const std::string_view next : {"A", "\xC3\xA9", "\xE4\xB8\xAD", "\xF0\x9F\x98\x80"}) {
      CHECK(RepairUtf8(std::string(row.bytes).append(next)) == std::string(repaired).append(next));
    }
  }
}

TEST_CASE("any bytes are read to the end, at most four at a time, into well-formed text") {
  // Every pair of bytes after a lead byte of each length.
  for (const char lead : {'a', '\xC3', '\xE0', '\xED', '\xF0', '\xF4', '\xFF'}) {
    for (int second = 0; second < 256; ++second) {
      for (int third = 0; third < 256; third += 5) {
        const std::string bytes = {lead, static_cast<char>(second), static_cast<char>(third), 'z'};
        std::size_t position = 0;
        char32_t last = 0;
        while (position < bytes.size()) {
          const std::size_t before = position;
          last = DecodeUtf8(bytes, position);
          REQUIRE(position > before);
          REQUIRE(position <= before + 4);
        }
        REQUIRE(last == U'z');
        const std::string repaired = RepairUtf8(bytes);
        REQUIRE(RepairUtf8(repaired) == repaired);
      }
    }
  }
}

TEST_CASE("well-formed text is left alone") {
  const std::string_view text = "Fix caf\xC3\xA9 \xE4\xB8\xAD \xF0\x9F\x98\x80\xEF\xBF\xBD";
  CHECK(RepairUtf8(text) == text);
  CHECK(RepairUtf8(std::string_view("a\0b", 3)) == std::string_view("a\0b", 3));
  CHECK(RepairUtf8("").empty());
}

TEST_CASE("at and after the end nothing moves") {
  std::size_t position = 3;
  CHECK(DecodeUtf8("abc", position) == kReplacementCharacter);
  CHECK(position == 3);
  position = 99;
  CHECK(DecodeUtf8("abc", position) == kReplacementCharacter);
  CHECK(position == 99);
}
