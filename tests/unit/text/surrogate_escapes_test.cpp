#include "smartsynch/text/surrogate_escapes.h"

#include <doctest/doctest.h>

#include <string>

namespace smartsynch {
namespace {

std::string Repaired(std::string json) {
  const std::string before = json;
  const bool is_changed = RepairSurrogateEscapes(json);
  CHECK(is_changed == (json != before));
  return json;
}

TEST_CASE("Halves of surrogate pairs are replaced, pairs and other escapes stay") {
  CHECK(Repaired(R"("\ud83d")") == R"("\ufffd")");
  CHECK(Repaired(R"("\uDE00 \ud83dx")") == R"("\ufffd \ufffdx")");
  CHECK(Repaired(R"("\ud83d\ud83d\ude00")") == R"("\ufffd\ud83d\ude00")");
  for (const char* whole : {R"("\ud83d\ude00")", R"("\\ud83d")", R"("\u00e9 \n")", R"("\ud83g")",
                            R"("\)", R"("\u)", R"("\ud8)", "", "plain"}) {
    CAPTURE(whole);
    CHECK(Repaired(whole) == whole);
  }
}

}  // namespace
}  // namespace smartsynch
