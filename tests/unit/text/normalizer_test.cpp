#include "smartsynch/text/normalizer.h"

#include <doctest/doctest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "smartsynch/base/hash.h"
#include "smartsynch/text/utf8.h"

using smartsynch::AppendUtf8;
using smartsynch::CleanCodePoint;
using smartsynch::CleanedCodePoint;
using smartsynch::CleanText;
using smartsynch::IsPunctuation;
using smartsynch::WordReader;

namespace {

std::vector<std::string> Words(std::string_view text) {
  std::vector<std::string> words;
  WordReader reader(text);
  while (reader.Next()) words.push_back(reader.word());
  return words;
}

using List = std::vector<std::string>;

}  // namespace

TEST_CASE("every code point is cleaned as tokenizers cleans it") {
  std::ifstream file(SMARTSYNCH_SOURCE_DIR "/tests/golden/unicode_cleaning.json");
  const nlohmann::json golden = nlohmann::json::parse(file, nullptr, false);
  REQUIRE(golden.is_object());
  std::string all;
  for (char32_t code_point = 0; code_point <= 0x10FFFF; ++code_point) {
    if (code_point == 0xD800) code_point = 0xE000;
    const CleanedCodePoint cleaned = CleanCodePoint(code_point);
    for (std::size_t i = 0; i < cleaned.size; ++i) AppendUtf8(cleaned.code_points[i], all);
    if (cleaned.size == 1 && IsPunctuation(cleaned.code_points[0])) all.push_back('\x01');
    all.push_back('\n');
  }
  CHECK(smartsynch::Sha256Hex(all) == golden.value("sha256", ""));
}

TEST_CASE("surrogates and values that are no code point are dropped") {
  for (const char32_t bad :
       {char32_t{0xD800}, char32_t{0xDFFF}, char32_t{0x110000}, char32_t{0xFFFFFFFF}}) {
    CHECK(CleanCodePoint(bad).size == 0);
    CHECK_FALSE(IsPunctuation(bad));
  }
}

TEST_CASE("text is cleaned as the header says") {
  CHECK(CleanText("") == "");
  CHECK(CleanText("\xC3\x9Cn\xC3\xAF"
                  "code\t\xE4\xB8\xAD\xE6\x96\x87") == "unicode  \xE4\xB8\xAD  \xE6\x96\x87 ");
  CHECK(CleanText("e\xCC\x81") == "e");  // combining acute accent
  CHECK(CleanText("A\xE2\x80\x8B"
                  "B\xEF\xBB\xBF"
                  "C") == "abc");  // zero-width space, BOM
  CHECK(CleanText(std::string_view("a\0\x01\x7F"
                                   "b\r\nc",
                                   8)) == "ab  c");
  CHECK(CleanText("\xC4\xB0") == "i");                                         // capital I with dot
  CHECK(CleanText("\xED\x95\x9C") == "\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB");  // Hangul to jamo
  CHECK(CleanText("a\xFF\xED\xA0\x80"
                  "b") == "ab");  // damaged bytes
}

TEST_CASE("words end at white space and punctuation, and ideographs stand alone") {
  CHECK(Words("Caf\xC3\xA9\xE2\x80\x94Pr\xC3\xBC"
              "fung!") == List{"cafe", "\xE2\x80\x94", "prufung", "!"});
  CHECK(Words("don't") == List{"don", "'", "t"});
  CHECK(Words("a\xE4\xB8\xAD"
              "b") == List{"a", "\xE4\xB8\xAD", "b"});
  CHECK(Words("a\xE2\x80\x8D"
              "b\nc\t\td") == List{"ab", "c", "d"});
  CHECK(Words("...") == List{".", ".", "."});
  CHECK(Words("$5+3") == List{"$", "5", "+", "3"});
  CHECK(Words("").empty());
  CHECK(Words(" \n\xE3\x80\x80\xE2\x80\x8B\xCC\x81").empty());
}

TEST_CASE("the reader's words are the cleaned text without its spaces") {
  const std::string_view texts[] = {"  Fix the LOGIN, please ",
                                    "\xE6\x9D\xB1\xE4\xBA\xAC\xE3\x82\xBF\xE3\x83\xAF\xE3\x83\xBC",
                                    "https://example.org/a?b=c#d",
                                    "\xF0\x9F\x91\x8D\xF0\x9F\x8F\xBD ok", "\xE2\x89\xA0 \xCD\xBE"};
  for (const std::string_view text : texts) {
    std::string without_spaces;
    for (const char byte : CleanText(text)) {
      if (byte != ' ') without_spaces.push_back(byte);
    }
    std::string joined;
    for (const std::string& word : Words(text)) joined += word;
    CHECK(joined == without_spaces);
  }
}

TEST_CASE("a long word is cut, and the reader goes on behind it") {
  const std::string text = std::string(100000, 'x') + " \xC3\xA9\xC3\xA9\xC3\xA9 ab";
  WordReader reader(text, 3);
  REQUIRE(reader.Next());
  CHECK(reader.word() == "xxx");
  CHECK(reader.is_cut());
  REQUIRE(reader.Next());
  CHECK(reader.word() == "eee");
  CHECK_FALSE(reader.is_cut());
  REQUIRE(reader.Next());
  CHECK(reader.word() == "ab");
  CHECK_FALSE(reader.Next());
  CHECK_FALSE(reader.Next());
}
