#include "smartsynch/model/safetensors.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "support/tiny_model.h"

using smartsynch::ErrorCode;
using smartsynch::Result;
using smartsynch::Safetensors;
using smartsynch::Tensor;
using smartsynch::TensorType;
using smartsynch::testing::Contains;

namespace {

// 8 bytes of length, the header as given, then `data_bytes` bytes of tensors.
std::string FileOf(const std::string& header, std::size_t data_bytes = 0) {
  std::string bytes;
  for (unsigned shift = 0; shift < 64; shift += 8) {
    bytes += static_cast<char>(
        static_cast<unsigned char>(static_cast<std::uint64_t>(header.size()) >> shift));
  }
  return bytes + header + std::string(data_bytes, '\1');
}

std::string SafetensorsRefusal(const std::string& bytes) {
  const Result<Safetensors> file = Safetensors::Parse(bytes);
  if (file.has_value()) return "accepted";
  CHECK(file.error().code == ErrorCode::kInvalidModel);
  CHECK_FALSE(file.error().field.empty());
  return file.error().message;
}

Safetensors Small() {
  const std::vector<float> floats = {1.0F, -0.0F, 3.5F, 1e-45F, 5.0F, 6.0F};
  const std::vector<std::int8_t> bytes = {-128, 0, 127};
  Safetensors file;
  file.metadata = {{"zeta", "last"}, {"alpha", "{\"quoted\": \"\xC3\xA9\"}"}};
  file.tensors["b"] = Tensor::FromInt8({3}, bytes);
  file.tensors["a"] = Tensor::FromFloats({2, 3}, floats);
  file.tensors["empty"] = Tensor::FromFloats({0, 3}, {});
  return file;
}

bool SameContent(const Safetensors& a, const Safetensors& b) {
  if (a.metadata != b.metadata || a.tensors.size() != b.tensors.size()) return false;
  for (const auto& [name, tensor] : a.tensors) {
    const auto other = b.tensors.find(name);
    if (other == b.tensors.end() || other->second.type != tensor.type ||
        other->second.shape != tensor.shape || other->second.bytes != tensor.bytes) {
      return false;
    }
  }
  return true;
}

constexpr const char* kOneTensor = R"({"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";

}  // namespace

TEST_CASE("what is written is read again, and written as the same bytes") {
  const Safetensors file = Small();
  const std::string bytes = file.Serialize();
  const Result<Safetensors> read = Safetensors::Parse(bytes);
  REQUIRE(read.has_value());
  CHECK(SameContent(*read, file));
  CHECK(read->Serialize() == bytes);
  CHECK(read->tensors.at("a").Floats() ==
        std::vector<float>{1.0F, -0.0F, 3.5F, 1e-45F, 5.0F, 6.0F});
  CHECK(read->tensors.at("b").Int8() == std::vector<std::int8_t>{-128, 0, 127});
  CHECK(read->tensors.at("a").Int8().empty());
  CHECK(read->tensors.at("b").Floats().empty());
}

TEST_CASE("the layout is the format's: length, header padded to 8 bytes, floats before bytes") {
  const std::string bytes = Small().Serialize();
  CHECK(static_cast<unsigned char>(bytes[0]) % 8 == 0);
  CHECK(bytes[8] == '{');
  CHECK(Contains(bytes, R"("a":{"data_offsets":[0,24],"dtype":"F32","shape":[2,3]})"));
  CHECK(Contains(bytes, R"("b":{"data_offsets":[24,27],"dtype":"I8","shape":[3]})"));
  CHECK(Safetensors{}.Serialize() == FileOf("{}      "));
  CHECK(Safetensors::Parse(FileOf("{}")).has_value());
}

TEST_CASE("every truncation is refused") {
  const std::string bytes = Small().Serialize();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK(SafetensorsRefusal(bytes.substr(0, size)) != "accepted");
  }
  CHECK(Contains(SafetensorsRefusal(bytes + "x"), "1 bytes after its last tensor"));
}

TEST_CASE("a header byte altered gives a refusal, never a crash or another tensor unnoticed") {
  const std::string bytes = Small().Serialize();
  const std::size_t header_end = bytes.size() - 27;
  std::size_t accepted = 0;
  for (std::size_t i = 0; i < header_end; ++i) {
    for (const unsigned flip : {0x01U, 0x02U, 0x20U, 0x80U, 0xFFU}) {
      std::string damaged = bytes;
      damaged[i] = static_cast<char>(static_cast<unsigned char>(bytes[i]) ^ flip);
      const Result<Safetensors> read = Safetensors::Parse(damaged);
      if (!read.has_value()) {
        CHECK(read.error().code == ErrorCode::kInvalidModel);
        continue;
      }
      // What the container cannot know is a name or a text; places and sizes must still hold.
      ++accepted;
      std::size_t total = 0;
      for (const auto& [name, tensor] : read->tensors) total += tensor.bytes.size();
      CHECK(total == 27);
    }
  }
  CHECK(accepted > 0);
  CHECK(accepted < header_end);
}

TEST_CASE("a length beyond the file or the limit is refused") {
  CHECK(Contains(SafetensorsRefusal(""), "0 bytes, expected 8"));
  CHECK(Contains(SafetensorsRefusal(std::string(7, '\0')), "7 bytes"));
  CHECK(Contains(SafetensorsRefusal(std::string(8, '\0')), "does not start with '{'"));
  CHECK(Contains(SafetensorsRefusal(std::string(8, '\xFF')), "beyond the file's"));
  CHECK(Contains(SafetensorsRefusal(std::string(16, '\x7F')), "beyond the file's"));
  const std::string huge(std::size_t{9} << 20U, ' ');
  CHECK(Contains(SafetensorsRefusal(FileOf("{" + huge + "}")), "limit of 8 MiB"));
}

TEST_CASE("a header that is not one JSON object is refused") {
  for (const char* header : {"[]", "null", " {}", "{", "{}}", "{} x", "{'a':1}", "{\"a\":}",
                             "{\"a\":1e999}", "{\"a\":NaN}", "\xEF\xBB\xBF{}"}) {
    CAPTURE(header);
    CHECK(SafetensorsRefusal(FileOf(header)) != "accepted");
  }
  CHECK(SafetensorsRefusal(FileOf("{\"\xFF\":1}")) != "accepted");
  CHECK(SafetensorsRefusal(FileOf(R"({"\ud800":1})")) != "accepted");
}

TEST_CASE("a header goes on to its end: nothing hides behind a NUL") {
  CHECK(SafetensorsRefusal(FileOf(std::string("{}\0\0", 4))) != "accepted");
  CHECK(SafetensorsRefusal(FileOf(std::string("{}\0{\"hidden\":1}", 15))) != "accepted");
}

TEST_CASE("deep nesting is refused before it can exhaust the stack") {
  for (const char* bracket : {"[", "{\"a\":"}) {
    std::string header = "{\"a\":";
    for (int i = 0; i < 200000; ++i) header += bracket;
    CHECK(Contains(SafetensorsRefusal(FileOf(header)), "nested too deeply"));
  }
}

TEST_CASE("a key that occurs twice is refused: readers would disagree on which counts") {
  const std::string entry = R"("t":{"dtype":"F32","shape":[2],"data_offsets":[0,8]})";
  CHECK(Contains(SafetensorsRefusal(FileOf("{" + entry + "," + entry + "}", 8)),
                 "\"t\" occurs twice"));
  CHECK(Contains(SafetensorsRefusal(FileOf(
                     R"({"t":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 8)),
                 "\"dtype\" occurs twice"));
  CHECK(Contains(SafetensorsRefusal(FileOf(R"({"__metadata__":{"k":"1","k":"2"}})")),
                 "occurs twice"));
  // The same key in two different objects is no repetition.
  CHECK(Safetensors::Parse(FileOf(R"({"a":{"dtype":"I8","shape":[1],"data_offsets":[0,1]},)"
                                  R"("b":{"dtype":"I8","shape":[1],"data_offsets":[1,2]}})",
                                  2))
            .has_value());
}

TEST_CASE("metadata holds strings only") {
  for (const char* value : {"1", "null", "true", "{}", "[\"a\"]"}) {
    CHECK(
        Contains(SafetensorsRefusal(FileOf(std::string(R"({"__metadata__":{"k":)") + value + "}}")),
                 "__metadata__.k: is not a string"));
  }
  CHECK(Contains(SafetensorsRefusal(FileOf(R"({"__metadata__":[]})")),
                 "__metadata__: is not an object"));
}

TEST_CASE("an entry must have a known type, a shape and offsets") {
  CHECK(Safetensors::Parse(FileOf(kOneTensor, 8)).has_value());
  const auto refusal = [](const std::string& entry) {
    return SafetensorsRefusal(FileOf("{\"t\":" + entry + "}", 8));
  };
  CHECK(Contains(refusal("3"), "tensor t: is not an object"));
  CHECK(Contains(refusal("{}"), "has no dtype"));
  CHECK(Contains(refusal(R"({"dtype":7})"), "has no dtype"));
  for (const char* dtype : {"F64", "F16", "BF16", "U8", "I64", "BOOL", "f32", "F32 ", ""}) {
    CHECK(Contains(
        refusal(std::string(R"({"dtype":")") + dtype + R"(","shape":[2],"data_offsets":[0,8]})"),
        "expected F32 or I8"));
  }
  for (const char* shape : {"2", "null", "{}", "[1,1,1,1,1,1,1,1,2]"}) {
    CHECK(Contains(
        refusal(std::string(R"({"dtype":"F32","shape":)") + shape + R"(,"data_offsets":[0,8]})"),
        "shape of at most 8 dimensions"));
  }
  for (const char* shape : {"[-2]", "[2.0]", "[\"2\"]", "[null]", "[-0]", "[1e1]"}) {
    CHECK(Contains(
        refusal(std::string(R"({"dtype":"F32","shape":)") + shape + R"(,"data_offsets":[0,8]})"),
        "no whole number"));
  }
  for (const char* offsets : {"8", "[]", "[0]", "[0,8,8]", "[-1,8]", "[0,8.0]", "[\"0\",\"8\"]"}) {
    CHECK(Contains(
        refusal(std::string(R"({"dtype":"F32","shape":[2],"data_offsets":)") + offsets + "}"),
        "has no data_offsets"));
  }
}

TEST_CASE("a shape whose product overflows is refused") {
  for (const char* shape :
       {"[4294967296,4294967296]", "[18446744073709551615]", "[9223372036854775808,2]",
        "[4611686018427387904,4]", "[3,6148914691236517206]", "[2,2,2]"}) {
    CAPTURE(shape);
    CHECK(Contains(SafetensorsRefusal(FileOf(std::string(R"({"t":{"dtype":"F32","shape":)") +
                                                 shape + R"(,"data_offsets":[0,8]}})",
                                             8)),
                   "larger than the file"));
  }
  // A size of zero makes any product zero, and needs no byte.
  CHECK(
      Safetensors::Parse(FileOf(R"({"t":{"dtype":"F32","shape":[9,0,3],"data_offsets":[0,0]}})", 0))
          .has_value());
  CHECK(Contains(
      SafetensorsRefusal(FileOf(R"({"t":{"dtype":"I8","shape":[9],"data_offsets":[0,8]}})", 8)),
      "larger than the file"));
  CHECK(Contains(
      SafetensorsRefusal(FileOf(R"({"t":{"dtype":"I8","shape":[7],"data_offsets":[0,8]}})", 8)),
      "has 8 bytes, its shape needs 7"));
}

TEST_CASE("offsets must lie in the file, in order, without overlap or gap") {
  const auto two = [](const std::string& first, const std::string& second) {
    return FileOf(R"({"a":{"dtype":"I8","shape":[4],"data_offsets":)" + first +
                      R"(},"b":{"dtype":"I8","shape":[4],"data_offsets":)" + second + "}}",
                  8);
  };
  CHECK(Safetensors::Parse(two("[0,4]", "[4,8]")).has_value());
  CHECK(Safetensors::Parse(two("[4,8]", "[0,4]")).has_value());
  CHECK(Contains(SafetensorsRefusal(two("[0,4]", "[3,7]")),
                 "tensor b: starts at byte 3, expected 4"));
  CHECK(Contains(SafetensorsRefusal(two("[0,4]", "[0,4]")), "starts at byte 0, expected 4"));
  CHECK(Contains(SafetensorsRefusal(two("[1,5]", "[4,8]")),
                 "tensor a: starts at byte 1, expected 0"));
  CHECK(Contains(SafetensorsRefusal(two("[0,4]", "[5,9]")), "ends at byte 9 of 8"));
  CHECK(Contains(SafetensorsRefusal(two("[4,0]", "[4,8]")), "tensor a"));
  CHECK(Contains(SafetensorsRefusal(two("[0,4]", "[18446744073709551612,18446744073709551616]")),
                 "data_offsets"));
  CHECK(Contains(SafetensorsRefusal(FileOf("{}", 3)), "3 bytes after its last tensor"));
  // An empty tensor has a place too, and only one that fits.
  CHECK(
      Contains(SafetensorsRefusal(FileOf(R"({"a":{"dtype":"I8","shape":[4],"data_offsets":[0,4]},)"
                                         R"("e":{"dtype":"I8","shape":[0],"data_offsets":[2,2]}})",
                                         4)),
               "expected"));
}

TEST_CASE("an empty tensor is kept whatever its other sizes") {
  const Safetensors file = {{}, {{"none", Tensor::FromFloats({0, 384}, {})}}};
  const Result<Safetensors> read = Safetensors::Parse(file.Serialize());
  REQUIRE(read.has_value());
  CHECK(read->tensors.at("none").shape == std::vector<std::size_t>{0, 384});
}
