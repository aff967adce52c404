#include "smartsynch/decide/category.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using smartsynch::Category;
using smartsynch::MakeCategoryId;

TEST_CASE("an id is the name's ASCII letters and digits, lower-case, joined by hyphens") {
  CHECK(MakeCategoryId("Development", {}) == "development");
  CHECK(MakeCategoryId("Back-end & APIs", {}) == "back-end-apis");
  CHECK(MakeCategoryId("  R&D  2024!! ", {}) == "r-d-2024");
  CHECK(MakeCategoryId("--a--", {}) == "a");
  CHECK(MakeCategoryId("caf\xC3\xA9 bar", {}) == "caf-bar");
  CHECK(MakeCategoryId("a\tb\nc", {}) == "a-b-c");
  CHECK(MakeCategoryId(std::string("a\0b", 3), {}) == "a-b");
}

TEST_CASE("a name of which nothing is left becomes \"category\"") {
  for (const char* name : {"", "   ", "!!!", "\xE8\xAE\xBE\xE8\xAE\xA1", "\xF0\x9F\x9A\x80",
                           "\xD0\x9F\xD0\xBB\xD0\xB0\xD0\xBD", "\xFF\xFE"}) {
    CHECK(MakeCategoryId(name, {}) == "category");
  }
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
  CHECK(MakeCategoryId("\xE8\xAE\xBE", {{"category", "x"}, {"category-3", "y"}}) == "category-2");
  // Only ids count, not names.
  CHECK(MakeCategoryId("Ops", {{"x", "ops"}}) == "ops");
}

TEST_CASE("a long name gives a long id, without trouble") {
  CHECK(MakeCategoryId(std::string(100000, 'A'), {}) == std::string(100000, 'a'));
  CHECK(MakeCategoryId(std::string(100000, '-') + "x", {}) == "x");
}
