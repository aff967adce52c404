// The real base model's files with bytes altered. Takes minutes, so only when asked for:
//
//   smartsynch_unit_tests --no-skip -tc="the base model*"
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "smartsynch/base/hash.h"
#include "smartsynch/base/random.h"
#include "smartsynch/model/exemplar_file.h"
#include "smartsynch/model/model_file.h"
#include "smartsynch/model/token_table_file.h"

namespace smartsynch {
namespace {

std::string ReadBaseFile(const std::string& name) {
  std::ifstream file(std::string(SMARTSYNCH_BASE_MODEL_DIR "/") + name, std::ios::binary);
  REQUIRE(file.is_open());
  return {std::istreambuf_iterator<char>(file), {}};
}

// How many of the alterations are accepted: one bit of every header byte, then `elsewhere` bits
// anywhere.
template <typename Parse>
std::size_t Accepted(const std::string& name, std::uint32_t elsewhere, Parse parse) {
  std::string bytes = ReadBaseFile(name);
  REQUIRE(parse(bytes).has_value());
  std::size_t header = 8;
  for (std::size_t i = 0; i < 4; ++i) {
    header += std::size_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  }
  REQUIRE(header < bytes.size());
  std::size_t accepted = 0;
  const auto flip = [&](std::size_t place, unsigned bit) {
    const char before = bytes[place];
    bytes[place] = static_cast<char>(static_cast<unsigned char>(before) ^ (1U << bit));
    accepted += parse(bytes).has_value() ? 1U : 0U;
    bytes[place] = before;
  };
  for (std::size_t place = 0; place < header; ++place) flip(place, place % 8);
  Random random(3);
  for (std::uint32_t i = 0; i < elsewhere; ++i) {
    flip(random.NextBelow(static_cast<std::uint32_t>(bytes.size())), random.NextBelow(8));
  }
  MESSAGE(name << ": " << header + elsewhere << " alterations");
  return accepted;
}

TEST_CASE("the base model with any byte of its header or one elsewhere altered is refused" *
          doctest::skip()) {
  const std::string hash = Sha256Hex(ReadBaseFile("model.safetensors"));
  for (const std::string& expected : {std::string(), hash}) {
    const auto parse = [&](std::string_view bytes) { return ParseModel(bytes, expected); };
    CHECK(Accepted("model.safetensors", 2000, parse) == 0);
  }
}

TEST_CASE("the base model's token table and exemplars altered are refused" * doctest::skip()) {
  const std::string hash = Sha256Hex(ReadBaseFile("token_table.safetensors"));
  for (const std::string& expected : {std::string(), hash}) {
    const auto parse = [&](std::string_view bytes) { return ParseTokenTable(bytes, expected); };
    CHECK(Accepted("token_table.safetensors", 250, parse) == 0);
  }
  CHECK(Accepted("exemplars.safetensors", 500, ParseExemplars) == 0);
}

}  // namespace
}  // namespace smartsynch
