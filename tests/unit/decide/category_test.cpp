#include "smartsynch/decide/category.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using smartsynch::Category;
using smartsynch::CheckCategoryName;
using smartsynch::MakeCategoryId;

TEST_CASE("an id is the name's ASCII letters and digits, lower-case, joined by hyphens") {
  CHECK(MakeCategoryId("Development", {}) == "development");
  CHECK(MakeCategoryId("Back-end & APIs", {}) == "back-end-apis");
  CHECK(MakeCategoryId("  R&D  2024!! ", {}) == "r-d-2024");
  CHECK(MakeCategoryId("--a--", {}) == "a");
  CHECK(MakeCategoryId("caf\xC3\xA9 bar", {}) == "cafe-bar");
  CHECK(MakeCategoryId("R\xC3\xA9union", {}) == "reunion");
  CHECK(MakeCategoryId("a\tb\nc", {}) == "a-b-c");
  CHECK(MakeCategoryId(std::string("a\0b", 3), {}) == "ab");
}

TEST_CASE("a name of which nothing is left becomes \"category-\" and a hash of its own") {
  std::vector<std::string> ids;
  for (const char* name : {"", "   ", "!!!", "\xE8\xAE\xBE\xE8\xAE\xA1", "\xF0\x9F\x9A\x80",
                           "\xD0\x9F\xD0\xBB\xD0\xB0\xD0\xBD", "\xFF\xFE"}) {
    const std::string id = MakeCategoryId(name, {});
    CHECK(id.size() == 17);
    CHECK(id.substr(0, 9) == "category-");
    CHECK(std::find(ids.begin(), ids.end(), id) == ids.end());
    ids.push_back(id);
  }
  CHECK(MakeCategoryId("", {}) == "category-e3b0c442");
}

TEST_CASE("ids never repeat") {
  std::vector<Category> taken;
  for (int i = 0; i < 12; ++i) {
    taken.push_back({MakeCategoryId(i % 2 == 0 ? "Design" : "design!", taken), "Design"});
  }
  CHECK(taken[0].id == "design");
  CHECK(taken[1].id == "design-2");
  CHECK(taken[11].id == "design-12");
  // A free number is found even where names look like numbered ids.
  CHECK(MakeCategoryId("design 2", taken) == "design-2-2");
  const std::string other_script = MakeCategoryId("\xE8\xAE\xBE", {});
  CHECK(MakeCategoryId("\xE8\xAE\xBE", {{other_script, "x"}}) == other_script + "-2");
  // Only ids count, not names.
  CHECK(MakeCategoryId("Ops", {{"x", "ops"}}) == "ops");
}

TEST_CASE("a long name gives an id of at most 64 bytes") {
  CHECK(MakeCategoryId(std::string(100000, 'A'), {}) == std::string(64, 'a'));
  CHECK(MakeCategoryId(std::string(100000, '-') + "x", {}) == "x");
}

TEST_CASE("a category's name is trimmed, and refused when it is blank, long or in disguise") {
  CHECK(CheckCategoryName("  Home office \n").value() == "Home office");
  CHECK(CheckCategoryName("\xE6\x97\xA5\xE6\x9C\xAC").value() == "\xE6\x97\xA5\xE6\x9C\xAC");
  CHECK(CheckCategoryName(std::string(100, 'a')).has_value());
  std::vector<std::string> bad = {"",
                                  " \t",
                                  std::string(101, 'a'),
                                  std::string(100000, 'a'),
                                  "a\nb",
                                  "a\x7F",
                                  "a\xE2\x80\xAE"
                                  "b",
                                  "a\xE2\x81\xA6"
                                  "b"};
  bad.emplace_back("a\0b", 3);
  for (const std::string& name : bad) {
    const auto checked = CheckCategoryName(name);
    REQUIRE_FALSE(checked.has_value());
    CHECK(checked.error().code == smartsynch::ErrorCode::kInvalidArgument);
    CHECK(checked.error().field == "name");
  }
}
