#include "smartsynch/model/token_table_file.h"

#include <doctest/doctest.h>

#include <limits>
#include <string>

#include "smartsynch/base/hash.h"
#include "smartsynch/model/safetensors.h"
#include "support/tiny_model.h"

using smartsynch::ErrorCode;
using smartsynch::ParseTokenTable;
using smartsynch::Result;
using smartsynch::Safetensors;
using smartsynch::SerializeTokenTable;
using smartsynch::Tensor;
using smartsynch::TokenTable;
using smartsynch::testing::Contains;
using smartsynch::testing::SealedBytes;
using smartsynch::testing::TinyTokenTable;

namespace {

std::string Bytes() {
  const Result<std::string> bytes = SerializeTokenTable(TinyTokenTable());
  REQUIRE(bytes.has_value());
  return *bytes;
}

Safetensors File() {
  const Result<Safetensors> file = Safetensors::Parse(Bytes());
  REQUIRE(file.has_value());
  return *file;
}

std::string TableRefusal(const std::string& bytes, ErrorCode code = ErrorCode::kInvalidModel) {
  const Result<TokenTable> table = ParseTokenTable(bytes);
  if (table.has_value()) return "accepted";
  CHECK(table.error().code == code);
  CHECK_FALSE(table.error().field.empty());
  return table.error().message;
}

}  // namespace

TEST_CASE("a table survives its file, and the same table gives the same bytes") {
  const std::string bytes = Bytes();
  const Result<TokenTable> read = ParseTokenTable(bytes);
  REQUIRE(read.has_value());
  const TokenTable table = TinyTokenTable();
  CHECK(read->dimension == 4);
  CHECK(read->bits == 4);
  CHECK(read->seed == 11);
  CHECK(read->codes == table.codes);
  CHECK(read->scale == table.scale);
  CHECK(read->vocabulary_sha256 == table.vocabulary_sha256);
  CHECK(read->encoder_sha256 == table.encoder_sha256);
  CHECK(read->sha256 == smartsynch::Sha256Hex(bytes));
  const Result<std::string> again = SerializeTokenTable(*read);
  REQUIRE(again.has_value());
  CHECK(*again == bytes);
}

TEST_CASE("a file that has the hash expected needs no seal, another one does") {
  Safetensors file = File();
  file.metadata["content_sha256"] = std::string(64, 'a');
  const std::string unsealed = file.Serialize();
  CHECK_FALSE(ParseTokenTable(unsealed).has_value());
  const std::string hash = smartsynch::Sha256Hex(unsealed);
  const Result<TokenTable> table = ParseTokenTable(unsealed, hash);
  REQUIRE(table.has_value());
  CHECK(table->sha256 == hash);
  std::string altered = unsealed;
  altered.back() = static_cast<char>(altered.back() ^ 1);
  CHECK_FALSE(ParseTokenTable(altered, hash).has_value());
  CHECK(ParseTokenTable(Bytes(), hash).has_value());
}

TEST_CASE("every altered byte and every cut is found") {
  const std::string bytes = Bytes();
  std::size_t accepted = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    accepted += ParseTokenTable(damaged).has_value() ? 1 : 0;
    accepted += ParseTokenTable(std::string_view(bytes).substr(0, i)).has_value() ? 1 : 0;
  }
  CHECK(accepted == 0);
}

TEST_CASE("metadata missing or of another kind is refused by name") {
  for (const char* key : {"format", "format_version", "dimension", "bits", "seed",
                          "vocabulary_sha256", "encoder_sha256", "content_sha256"}) {
    Safetensors file = File();
    file.metadata.erase(key);
    CHECK(Contains(TableRefusal(file.Serialize()), key));
  }
  const auto with = [](const char* key, const std::string& value) {
    Safetensors file = File();
    file.metadata[key] = value;
    return SealedBytes(file);
  };
  CHECK(Contains(TableRefusal(with("format", "smartsynch-model")), "format"));
  CHECK(Contains(TableRefusal(with("format_version", "2"), ErrorCode::kUnsupportedVersion),
                 "this build reads version 1"));
  for (const char* bad : {"", "-1", "4.0", "x", "99999999999999999999", " 4"}) {
    for (const char* key : {"dimension", "bits", "seed"}) {
      CHECK(Contains(TableRefusal(with(key, bad)), key));
    }
  }
  for (const char* bad : {"0", "3", "1026"})
    CHECK(Contains(TableRefusal(with("dimension", bad)), bad));
  CHECK(Contains(TableRefusal(with("dimension", "8")), "tensor codes"));
  for (const char* bad : {"0", "5", "16"}) CHECK(Contains(TableRefusal(with("bits", bad)), bad));
  for (const char* key : {"vocabulary_sha256", "encoder_sha256"}) {
    CHECK(Contains(TableRefusal(with(key, std::string(64, 'G'))), key));
  }
}

TEST_CASE("tensors missing, misshapen or out of range are refused") {
  for (const char* name : {"codes", "scale"}) {
    Safetensors file = File();
    file.tensors.erase(name);
    CHECK(Contains(TableRefusal(SealedBytes(file)), name));
  }
  const auto with_scale = [](std::vector<float> values) {
    Safetensors file = File();
    const std::size_t size = values.size();
    file.tensors["scale"] = Tensor::FromFloats({size}, values);
    return TableRefusal(SealedBytes(file));
  };
  CHECK(Contains(with_scale({}), "scale"));
  CHECK(Contains(with_scale(std::vector<float>(19, 1.0F)), "codes"));
  for (const float bad : {-1.0F, 1e7F, std::numeric_limits<float>::quiet_NaN(),
                          std::numeric_limits<float>::infinity()}) {
    std::vector<float> values(20, 1.0F);
    values[7] = bad;
    CHECK(Contains(with_scale(values), "value 7"));
  }
  Safetensors file = File();
  file.tensors["codes"] = Tensor::FromInt8({40, 1}, std::vector<std::int8_t>(40, 1));
  CHECK(Contains(TableRefusal(SealedBytes(file)), "codes"));
}

TEST_CASE("a table that could not be read back is not written") {
  const auto refusal = [](const TokenTable& table) {
    const Result<std::string> bytes = SerializeTokenTable(table);
    if (bytes.has_value()) return std::string("accepted");
    CHECK(bytes.error().code == ErrorCode::kInvalidArgument);
    return bytes.error().message;
  };
  TokenTable table = TinyTokenTable();
  table.codes.pop_back();
  CHECK(Contains(refusal(table), "codes"));
  table = TinyTokenTable();
  table.bits = 5;
  CHECK(refusal(table) != "accepted");
  table = TinyTokenTable();
  table.scale[3] = std::numeric_limits<float>::infinity();
  CHECK(Contains(refusal(table), "value 3"));
  table = TinyTokenTable();
  table.encoder_sha256 = "\xff";
  CHECK(Contains(refusal(table), "encoder_sha256"));
  CHECK(refusal(TokenTable{}) != "accepted");
}
