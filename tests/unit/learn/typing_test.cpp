#include "smartsynch/learn/typing.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "smartsynch/text/utf8.h"

using namespace smartsynch;

TEST_CASE("prefixes end after whole code points") {
  CHECK(TypedPrefixes("") == std::vector<std::string>{});
  CHECK(TypedPrefixes("né🔴") == std::vector<std::string>{"n", "né", "né🔴"});
  CHECK(TypedPart("Fix login", 25) == "Fix");
  CHECK(TypedPart("né🔴", 50) == "né");
  CHECK(TypedPart("né🔴", 1) == "n");
  CHECK(TypedPart("né🔴", 0).empty());
  CHECK(TypedPart("né🔴", 1000) == "né🔴");
  CHECK(TypedPart("\xFF", 100) == "\uFFFD");
}

TEST_CASE("slips hit about the share of letters asked for and nothing else") {
  const std::string title = "ÉCOLE: Fix Login 2FA × 中文!";
  CHECK(Mistype(title, 0, 1) == "école: fix login 2fa × 中文!");
  CHECK(Mistype(title, 0.5, 1) == Mistype(title, 0.5, 1));
  CHECK(Mistype(title, 0.5, 1) != Mistype(title, 0.5, 2));
  CHECK(Mistype("1234 中文 !?", 1, 7) == "1234 中文 !?");
  CHECK(Mistype("", 1, 7).empty());
  // 10,000 letters 'm': substitutions show as other letters, a quarter of the slips.
  const std::string slipped = Mistype(std::string(10000, 'm'), 0.2, 3);
  std::size_t others = 0;
  for (const char c : slipped) others += c != 'm' ? 1 : 0;
  CHECK(others > 350);
  CHECK(others < 650);
  CHECK(RepairUtf8(Mistype("\xC3 caf\xC3\xA9", 1, 1)) == Mistype("\xC3 caf\xC3\xA9", 1, 1));
}

TEST_CASE("changes from one category to another") {
  CHECK(CountChanges({}) == 0);
  CHECK(CountChanges({"", "A", "", "A"}) == 0);
  CHECK(CountChanges({"", "A", "", "B", "B", "A"}) == 2);
}
