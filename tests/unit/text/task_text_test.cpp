#include "smartsynch/text/task_text.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using smartsynch::IsBlank;
using smartsynch::JoinTaskText;
using smartsynch::NormalizedTaskKey;

TEST_CASE("title and description are trimmed and joined by a line break, title first") {
  CHECK(JoinTaskText(" Fix login ", "500 on submit\n") == "Fix login\n500 on submit");
  CHECK(JoinTaskText("Fix login") == "Fix login");
  CHECK(JoinTaskText("Fix  login", "a\nb") == "Fix  login\na\nb");
}

TEST_CASE("an empty part leaves no line break behind") {
  CHECK(JoinTaskText("Fix login", " \t\n") == "Fix login");
  CHECK(JoinTaskText("", "500 on submit") == "500 on submit");
  CHECK(JoinTaskText("", "").empty());
  CHECK(JoinTaskText(" \xE3\x80\x80", "\xC2\xA0\n").empty());  // ideographic and no-break space
}

TEST_CASE("trimming knows the white space of every script and nothing else") {
  CHECK(JoinTaskText("\xE3\x80\x80\xE6\x9D\xB1\xE4\xBA\xAC\xC2\xA0") == "\xE6\x9D\xB1\xE4\xBA\xAC");
  CHECK(JoinTaskText("\xE2\x80\x8B"
                     "a") ==
        "\xE2\x80\x8B"
        "a");  // zero-width space is not white
  CHECK(JoinTaskText("caf\xC3\xA9") == "caf\xC3\xA9");
  CHECK(JoinTaskText("\xF0\x9F\x98\x80 ") == "\xF0\x9F\x98\x80");
}

TEST_CASE("damaged bytes at either end stay and stop the trimming") {
  for (const std::string_view damaged : {"\xFF", "\x80", "\x80\x80\x80\x80\x80", "\xE3\x80",
                                         "\xF0\x9F\x98", "a\xE3\x80", "\xE3\x80\x80\x80"}) {
    CAPTURE(damaged);
    const std::string title = std::string("x").append(damaged);
    CHECK(JoinTaskText(title + "  ") == title);
  }
  CHECK(JoinTaskText(" \xA0 ") == "\xA0");  // the last byte of a no-break space, alone
}

TEST_CASE("blank is what cleaning leaves no word of") {
  CHECK(IsBlank(""));
  CHECK(IsBlank(" \t\r\n"));
  CHECK(IsBlank(std::string_view("\0\0", 2)));
  CHECK(IsBlank("\xE2\x80\x8B\xEF\xBB\xBF"));  // zero-width space, BOM
  CHECK(IsBlank("\xCC\x81"));                  // an accent without its letter
  CHECK(IsBlank("\xFF\xED\xA0\xBD"));          // damaged bytes, half an emoji
  CHECK(IsBlank(std::string(1000000, ' ')));
  CHECK_FALSE(IsBlank("."));
  CHECK_FALSE(IsBlank("   x"));
  CHECK_FALSE(IsBlank("\xF0\x9F\x98\x80"));
  CHECK_FALSE(IsBlank("\xE4\xB8\xAD"));
}

TEST_CASE("a task's key ignores case, accents and spacing, and nothing that carries meaning") {
  CHECK(NormalizedTaskKey("Fix  LOGIN!") == "fix login !");
  CHECK(NormalizedTaskKey(" fix login ! ") == "fix login !");
  CHECK(NormalizedTaskKey("Caf\xC3\xA9") == NormalizedTaskKey("cafe\xCC\x81"));
  CHECK(NormalizedTaskKey("Fix", "login") == "fix login");
  CHECK(NormalizedTaskKey("Fix login") != NormalizedTaskKey("Fix logins"));
  CHECK(NormalizedTaskKey("C++") != NormalizedTaskKey("C#"));
  CHECK(NormalizedTaskKey("", " \xE2\x80\x8B").empty());
}

TEST_CASE("a huge description is joined whole") {
  const std::string description(5000000, 'd');
  const std::string text = JoinTaskText("t", description + " ");
  CHECK(text.size() == description.size() + 2);
  CHECK(text.substr(0, 3) == "t\nd");
}
