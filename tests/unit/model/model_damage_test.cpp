// Damaged and hostile model files. Nearly all of them carry a content_sha256 that fits, so that the
// check behind it is reached.
#include <doctest/doctest.h>

#include <cstring>
#include <limits>
#include <string>

#include "smartsynch/base/hash.h"
#include "smartsynch/base/random.h"
#include "smartsynch/model/model_file.h"
#include "support/tiny_model.h"

using smartsynch::ErrorCode;
using smartsynch::Model;
using smartsynch::ParseModel;
using smartsynch::Random;
using smartsynch::Result;
using smartsynch::Safetensors;
using smartsynch::Sha256Hex;
using smartsynch::Tensor;
using smartsynch::testing::Contains;
using smartsynch::testing::SealedBytes;
using smartsynch::testing::TinyModelBytes;
using smartsynch::testing::TinyModelFile;

namespace {

std::string Refusal(const std::string& bytes) {
  const Result<Model> model = ParseModel(bytes);
  if (model.has_value()) return "accepted";
  CHECK(model.error().code == ErrorCode::kInvalidModel);
  return model.error().message;
}

// The refusal of the tiny model with one metadata entry changed.
std::string MetadataRefusal(const std::string& key, const std::string& value) {
  Safetensors file = TinyModelFile();
  file.metadata[key] = value;
  return Refusal(SealedBytes(file));
}

// The same, with `from` replaced by `to` within the entry.
std::string EditRefusal(const std::string& key, const std::string& from, const std::string& to) {
  std::string value = TinyModelFile().metadata[key];
  REQUIRE(Contains(value, from));
  return MetadataRefusal(key, value.replace(value.find(from), from.size(), to));
}

}  // namespace

TEST_CASE("the seal of the written file is that of FORMAT.md") {
  CHECK(SealedBytes(TinyModelFile()) == TinyModelBytes());
}

TEST_CASE("a file that has the hash expected needs no seal, another one does") {
  Safetensors file = TinyModelFile();
  file.metadata["content_sha256"] = std::string(64, 'a');
  const std::string unsealed = file.Serialize();
  CHECK_FALSE(ParseModel(unsealed).has_value());
  const std::string hash = Sha256Hex(unsealed);
  const Result<Model> model = ParseModel(unsealed, hash);
  REQUIRE(model.has_value());
  CHECK(model->version == hash.substr(0, 16));
  CHECK_FALSE(ParseModel(unsealed, hash.substr(0, 16)).has_value());
  std::string altered = unsealed;
  altered.back() = static_cast<char>(altered.back() ^ 1);
  CHECK_FALSE(ParseModel(altered, hash).has_value());
  CHECK(ParseModel(TinyModelBytes(), hash).has_value());
}

TEST_CASE("any byte of the header altered is refused") {
  const std::string& bytes = TinyModelBytes();
  const std::size_t header_end =
      8 + static_cast<unsigned char>(bytes[0]) + 256U * static_cast<unsigned char>(bytes[1]);
  REQUIRE(header_end < bytes.size());
  std::size_t accepted = 0;
  for (std::size_t i = 0; i < header_end; ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(static_cast<unsigned char>(bytes[i]) ^ (1U << (i % 8)));
    accepted += ParseModel(damaged).has_value() ? 1 : 0;
  }
  CHECK(accepted == 0);
}

TEST_CASE("2,000 bits flipped at random are each refused") {
  const std::string& bytes = TinyModelBytes();
  Random random(11);
  std::size_t accepted = 0;
  for (int i = 0; i < 2000; ++i) {
    std::string damaged = bytes;
    const std::size_t place = random.NextBelow(static_cast<std::uint32_t>(bytes.size()));
    damaged[place] =
        static_cast<char>(static_cast<unsigned char>(bytes[place]) ^ (1U << random.NextBelow(8)));
    accepted += ParseModel(damaged).has_value() ? 1 : 0;
  }
  CHECK(accepted == 0);
}

TEST_CASE("a file cut anywhere or with bytes added is refused") {
  const std::string& bytes = TinyModelBytes();
  for (std::size_t size = 0; size < bytes.size(); size += 3) {
    CHECK(Refusal(bytes.substr(0, size)) != "accepted");
  }
  CHECK(Refusal(bytes + '\0') != "accepted");
  CHECK(Contains(Refusal("<!DOCTYPE html><html><head><title>404</title></head></html>"),
                 "beyond the file's"));
}

TEST_CASE("a weight changed where no self-test sample looks is refused") {
  Safetensors file = TinyModelFile();
  const std::string good = SealedBytes(file);
  std::string damaged = good;
  damaged.back() = static_cast<char>(damaged.back() ^ 1);  // the last int8 weight
  CHECK(Contains(Refusal(damaged), "content_sha256"));
  // A setting of the instant tier, which the self-test does not run.
  std::string text = file.metadata["tiers"];
  text.replace(text.find("1.25"), 4, "1.26");
  const std::string digest = file.metadata["content_sha256"];
  file.metadata["tiers"] = text;
  CHECK(file.metadata["content_sha256"] == digest);
  CHECK(Contains(Refusal(file.Serialize()), "content_sha256"));
}

TEST_CASE("a file without a seal, or with a malformed one, is refused") {
  Safetensors file = TinyModelFile();
  file.metadata.erase("content_sha256");
  CHECK(Contains(Refusal(file.Serialize()), "content_sha256"));
  for (const char* value : {"", "0", "zz", "\"", "{}"}) {
    file.metadata["content_sha256"] = value;
    CHECK(Contains(Refusal(file.Serialize()), "content_sha256"));
  }
  file.metadata["content_sha256"] = std::string(64, 'A');
  CHECK(Contains(Refusal(file.Serialize()), "content_sha256"));
}

TEST_CASE("another format version is told from damage") {
  for (const char* version : {"1", "3", "0", "", "2.0", "20"}) {
    Safetensors file = TinyModelFile();
    file.metadata["format_version"] = version;
    const Result<Model> model = ParseModel(file.Serialize());
    REQUIRE_FALSE(model.has_value());
    CHECK(model.error().code == ErrorCode::kUnsupportedVersion);
    CHECK(model.error().field == "format_version");
    CHECK(Contains(model.error().message, "this build reads version 2"));
  }
  CHECK(Contains(MetadataRefusal("format", "smartsynch-checkpoint-1"), "not a SmartSynch model"));
  CHECK(Contains(Refusal(Safetensors{}.Serialize()), "not a SmartSynch model"));
}

TEST_CASE("each metadata entry must be there and well-formed") {
  for (const char* key : {"categories", "shapes", "tiers", "encoder", "self_test", "provenance",
                          "vocabulary_sha256", "token_table_sha256"}) {
    Safetensors file = TinyModelFile();
    file.metadata.erase(key);
    CHECK(Contains(Refusal(SealedBytes(file)), key));
    for (const char* value : {"", "null", "3", "\"text\"", "{", "[", "[{}]", "[3]", "{\"a\":1}"}) {
      CAPTURE(key);
      CAPTURE(value);
      // Empty is right for a model without a token head.
      if (std::string(key) == "token_table_sha256" && std::string(value).empty()) continue;
      CHECK(Refusal([&] {
              file.metadata[key] = value;
              return SealedBytes(file);
            }()) != "accepted");
    }
  }
}

TEST_CASE("a token head must be whole: its tensors, widths and table's hash") {
  const Result<std::string> bytes = SerializeModel(smartsynch::testing::TinyTokenModel());
  REQUIRE(bytes.has_value());
  const Result<Safetensors> good = Safetensors::Parse(*bytes);
  REQUIRE(good.has_value());
  for (const char* name : {"token_dense.w1", "token_dense.b1", "token_dense.w2", "token_dense.b2",
                           "self_test.token_embeddings"}) {
    Safetensors file = *good;
    file.tensors.erase(name);
    CHECK(Contains(Refusal(SealedBytes(file)), std::string("tensor ") + name + ": is missing"));
  }
  for (const char* hash : {"", "abc"}) {
    Safetensors file = *good;
    file.metadata["token_table_sha256"] = hash;
    CHECK(Contains(Refusal(SealedBytes(file)), "token_table_sha256"));
  }
  for (const auto& [from, to] :
       {std::pair<const char*, const char*>{"\"token_hidden\":3", "\"token_hidden\":0"},
        {"\"token_input\":4", "\"token_input\":0"},
        {"\"token_input\":4", "\"token_input\":9000"}}) {
    Safetensors file = *good;
    std::string& shapes = file.metadata["shapes"];
    REQUIRE(Contains(shapes, from));
    shapes.replace(shapes.find(from), std::string(from).size(), to);
    CHECK(Contains(Refusal(SealedBytes(file)), "token_dense"));
  }
}

TEST_CASE("deep nesting inside a metadata entry is refused before it can exhaust the stack") {
  const std::string open(200000, '[');
  const std::string close(200000, ']');
  CHECK(Contains(MetadataRefusal("provenance", open), "nested too deeply"));
  CHECK(Contains(EditRefusal("provenance", "[1,2]", open + close), "nested too deeply"));
  CHECK(Contains(MetadataRefusal("categories", open + close), "nested too deeply"));
  CHECK(Contains(EditRefusal("tiers", "\"auto_novelty\":", "\"auto_novelty\":1,\"auto_novelty\":"),
                 "\"auto_novelty\" occurs twice"));
}

TEST_CASE("settings of another type or out of range are refused by name") {
  CHECK(Contains(EditRefusal("tiers", "\"open_bias\":-1.0", "\"open_bias\":\"-1\""),
                 "tiers.full.open_bias is string, expected a number"));
  CHECK(Contains(EditRefusal("tiers", "\"open_bias\":-1.0", "\"open_bias\":1e300"),
                 "tiers.full.open_bias is not finite"));
  CHECK(Contains(EditRefusal("tiers", "\"has_open_set\":true", "\"has_open_set\":1"),
                 "has_open_set"));
  CHECK(Contains(EditRefusal("tiers", "\"suggestions\":2", "\"suggestions\":-2"), "suggestions"));
  CHECK(Contains(EditRefusal("encoder", "mean", "cls"), "pooling is \"cls\", expected mean"));
  CHECK(Contains(EditRefusal("shapes", "\"hidden\":3", "\"hidden\":4"), "has shape [3]"));
  CHECK(Contains(EditRefusal("shapes", "\"hidden\":3", "\"hidden\":0"), "width"));
  // Cut to 32 bits this would be 3: it must be refused where size_t has 32 bits, too.
  CHECK(Contains(EditRefusal("shapes", "\"hidden\":3", "\"hidden\":4294967299"), "hidden"));
  CHECK(Contains(EditRefusal("tiers", "\"suggestions\":2", "\"suggestions\":4294967296"),
                 "suggestions"));
  CHECK(Contains(EditRefusal("shapes", "\"bucket_bits\":6", "\"bucket_bits\":64"), "bucket bits"));
  CHECK(Contains(EditRefusal("categories", "\"design\"", "\"ops\""), "id \"ops\" occurs twice"));
}

TEST_CASE("a tensor missing, of another type or shape, or not finite is refused by name") {
  for (const char* name : {"dense.w1", "dense.b1", "dense.w2", "dense.b2", "lexical.scale",
                           "lexical.weights", "self_test.embeddings", "self_test.answers"}) {
    Safetensors file = TinyModelFile();
    const Tensor good = file.tensors[name];
    file.tensors.erase(name);
    CHECK(Contains(Refusal(SealedBytes(file)), std::string("tensor ") + name + ": is missing"));
    file.tensors[name] = good;
    file.tensors[name].shape.insert(file.tensors[name].shape.begin(), 1);
    CHECK(Contains(Refusal(SealedBytes(file)), std::string("tensor ") + name + ": has shape [1,"));
    if (std::string(name) == "lexical.weights") continue;
    file.tensors[name] = good;
    const float nan = std::numeric_limits<float>::quiet_NaN();
    std::memcpy(file.tensors[name].bytes.data() + 4, &nan, 4);
    CHECK(Contains(Refusal(SealedBytes(file)),
                   std::string("tensor ") + name + ": value 1 is not finite"));
    file.tensors[name] =
        Tensor::FromInt8({good.bytes.size()}, std::vector<std::int8_t>(good.bytes.size(), 1));
    CHECK(Contains(Refusal(SealedBytes(file)),
                   std::string("tensor ") + name + ": has another element type"));
  }
}
