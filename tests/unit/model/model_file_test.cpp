#include "smartsynch/model/model_file.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "smartsynch/base/hash.h"
#include "support/tiny_model.h"

using smartsynch::ErrorCode;
using smartsynch::Model;
using smartsynch::ParseModel;
using smartsynch::Result;
using smartsynch::SerializeModel;
using smartsynch::Sha256Hex;
using smartsynch::testing::Contains;
using smartsynch::testing::TinyModel;
using smartsynch::testing::TinyModelBytes;

namespace {

std::string WriteRefusal(const Model& model) {
  const Result<std::string> bytes = SerializeModel(model);
  if (bytes.has_value()) return "accepted";
  CHECK(bytes.error().code == ErrorCode::kInvalidArgument);
  CHECK_FALSE(bytes.error().field.empty());
  return bytes.error().message;
}

}  // namespace

TEST_CASE("a model survives its file, and the same model gives the same bytes") {
  const Model model = TinyModel();
  const Result<Model> read = ParseModel(TinyModelBytes());
  REQUIRE(read.has_value());
  CHECK(read->categories.size() == 3);
  CHECK(read->categories[1].id == "design");
  CHECK(read->categories[1].name == model.categories[1].name);
  CHECK(read->dense.w1 == model.dense.w1);
  CHECK(read->dense.b1 == model.dense.b1);
  CHECK(read->dense.w2 == model.dense.w2);
  CHECK(read->dense.b2 == model.dense.b2);
  CHECK(read->dense.input == 4);
  CHECK(read->dense.hidden == 3);
  CHECK(read->dense.outputs == 4);
  CHECK(read->lexical.weights == model.lexical.weights);
  CHECK(read->lexical.scale == model.lexical.scale);
  CHECK(read->lexical.bucket_bits == 6);
  CHECK(read->lexical.outputs == 4);
  CHECK(read->encoder_sha256 == model.encoder_sha256);
  CHECK(read->vocabulary_sha256 == model.vocabulary_sha256);
  CHECK(read->version == Sha256Hex(TinyModelBytes()).substr(0, 16));
  const Result<std::string> again = SerializeModel(*read);
  REQUIRE(again.has_value());
  CHECK(*again == TinyModelBytes());
}

TEST_CASE("every setting and every fact of the training survives") {
  const Model model = TinyModel();
  const Result<Model> read = ParseModel(TinyModelBytes());
  REQUIRE(read.has_value());
  CHECK(read->full.calibration.dense_weight == 0.75F);
  CHECK(read->full.calibration.lexical_weight == 0.5F);
  CHECK(read->full.calibration.has_open_set);
  CHECK(read->full.calibration.open_dense_weight == 0.25F);
  CHECK(read->full.calibration.open_lexical_weight == 0.5F);
  CHECK(read->full.calibration.open_bias == -1.0F);
  CHECK(read->full.thresholds.auto_confidence == 0.6F);
  CHECK(read->full.thresholds.auto_novelty == 0.4F);
  CHECK(read->full.thresholds.new_novelty == 0.9F);
  CHECK(read->full.thresholds.suggestions == 2);
  CHECK(read->instant.calibration.lexical_weight == 1.25F);
  CHECK(read->instant.thresholds.new_novelty == 0.95F);
  CHECK(read->provenance.created_by == "tiny_model.cpp");
  CHECK(read->provenance.seed == 18446744073709551615ULL);
  CHECK(read->provenance.training_data_sha256 == Sha256Hex("data"));
  CHECK(read->provenance.training_samples == 12);
  CHECK(read->provenance.open_set_samples == 3);
  CHECK(read->provenance.metrics_json == model.provenance.metrics_json);
  REQUIRE(read->self_test.size() == 2);
  CHECK(read->self_test[1].title == model.self_test[1].title);
  CHECK(read->self_test[1].description == "colours");
  CHECK(read->self_test[1].embedding == model.self_test[1].embedding);
  CHECK(read->self_test[1].probabilities == model.self_test[1].probabilities);
  CHECK(read->self_test[1].novelty == model.self_test[1].novelty);
}

TEST_CASE("a token head survives its file, and a model without one has none") {
  const Model model = smartsynch::testing::TinyTokenModel();
  const Result<std::string> bytes = SerializeModel(model);
  REQUIRE(bytes.has_value());
  const Result<Model> read = ParseModel(*bytes);
  REQUIRE(read.has_value());
  CHECK(read->token_dense.input == 4);
  CHECK(read->token_dense.hidden == 3);
  CHECK(read->token_dense.outputs == 4);
  CHECK(read->token_dense.w1 == model.token_dense.w1);
  CHECK(read->token_dense.b2 == model.token_dense.b2);
  CHECK(read->token_table_sha256 == model.token_table_sha256);
  CHECK(read->full.calibration.token_weight == 0.375F);
  CHECK(read->full.calibration.open_token_weight == 0.125F);
  CHECK(read->instant.calibration.token_weight == 1.5F);
  CHECK(read->self_test[1].token_embedding == model.self_test[1].token_embedding);
  const Result<std::string> again = SerializeModel(*read);
  REQUIRE(again.has_value());
  CHECK(*again == *bytes);

  const Result<Model> without = ParseModel(TinyModelBytes());
  REQUIRE(without.has_value());
  CHECK(without->token_dense.input == 0);
  CHECK(without->token_dense.outputs == 0);
  CHECK(without->token_table_sha256.empty());
  CHECK(without->self_test[0].token_embedding.empty());
}

TEST_CASE("known words survive the file, and a model without them has none") {
  CHECK_FALSE(ParseModel(TinyModelBytes())->known_words.has_value());
  for (const char* words : {"", "login fixen\n\nlogo\n"}) {
    Model model = TinyModel();
    model.known_words = words;
    const Result<std::string> bytes = SerializeModel(model);
    REQUIRE(bytes.has_value());
    const Result<Model> read = ParseModel(*bytes);
    REQUIRE(read.has_value());
    CHECK(read->known_words == words);
  }
}

TEST_CASE("known words that are no lines of words are neither written nor read") {
  for (const std::string& words : {std::string("Login"), std::string("log-in"),
                                   std::string("a\0b", 3), std::string(33, '\n')}) {
    CAPTURE(words);
    Model model = TinyModel();
    model.known_words = words;
    CHECK(Contains(WriteRefusal(model), "known_words"));
    smartsynch::Safetensors file = smartsynch::testing::TinyModelFile();
    file.metadata["known_words"] = words;
    const Result<Model> read = ParseModel(smartsynch::testing::SealedBytes(std::move(file)));
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().code == ErrorCode::kInvalidModel);
    CHECK(read.error().field == "known_words");
  }
}

TEST_CASE("awkward floats keep their bits in the metadata") {
  Model model = TinyModel();
  model.instant.thresholds.auto_confidence = std::nextafter(1.0F, 2.0F);
  model.instant.thresholds.auto_novelty = 1e-45F;
  model.instant.thresholds.new_novelty = 0.1F;
  model.instant.calibration.open_bias = -3.4e38F;
  const Result<std::string> bytes = SerializeModel(model);
  REQUIRE(bytes.has_value());
  const Result<Model> read = ParseModel(*bytes);
  REQUIRE(read.has_value());
  CHECK(read->instant.thresholds.auto_confidence == std::nextafter(1.0F, 2.0F));
  CHECK(read->instant.thresholds.auto_novelty == 1e-45F);
  CHECK(read->instant.thresholds.new_novelty == 0.1F);
  CHECK(read->instant.calibration.open_bias == -3.4e38F);
}

TEST_CASE("values that are not finite are never written, and named") {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for (const float bad : {kNan, kInfinity, -kInfinity}) {
    Model model = TinyModel();
    model.dense.w2[5] = bad;
    CHECK(Contains(WriteRefusal(model), "tensor dense.w2: value 5 is not finite"));
    model = TinyModel();
    model.lexical.scale[3] = bad;
    CHECK(Contains(WriteRefusal(model), "tensor lexical.scale: value 3 is not finite"));
    model = TinyModel();
    model.self_test[1].novelty = bad;
    CHECK(Contains(WriteRefusal(model), "tensor self_test.answers: value 7 is not finite"));
    model = TinyModel();
    model.full.calibration.open_bias = bad;
    CHECK(Contains(WriteRefusal(model), "tiers.full.open_bias"));
  }
  // So large that a product could overflow: an answer would no longer be a number.
  Model model = TinyModel();
  model.dense.w1[2] = -2e6F;
  CHECK(Contains(WriteRefusal(model), "tensor dense.w1: value 2 is -2"));
}

TEST_CASE("heads whose shapes do not fit are never written") {
  const auto refusal = [](const auto& change) {
    Model model = TinyModel();
    change(model);
    return WriteRefusal(model);
  };
  CHECK(Contains(refusal([](Model& m) { m.dense.w1.pop_back(); }),
                 "tensor dense.w1: has 11 values for shape [4,3]"));
  CHECK(Contains(refusal([](Model& m) { m.dense.b2.clear(); }), "tensor dense.b2"));
  CHECK(Contains(refusal([](Model& m) { m.lexical.scale.push_back(1.0F); }), "lexical.scale"));
  CHECK(Contains(refusal([](Model& m) { m.lexical.weights.pop_back(); }), "lexical.weights"));
  CHECK(Contains(refusal([](Model& m) { m.dense.outputs = 3; }), "outputs"));
  CHECK(Contains(refusal([](Model& m) { m.lexical.outputs = 5; }), "outputs"));
  CHECK(Contains(refusal([](Model& m) { m.dense.input = 0; }), "width"));
  CHECK(Contains(refusal([](Model& m) { m.dense.hidden = 8193; }), "width"));
  CHECK(Contains(refusal([](Model& m) { m.lexical.bucket_bits = 0; }), "bucket bits"));
  CHECK(Contains(refusal([](Model& m) { m.lexical.bucket_bits = 21; }), "bucket bits"));
  CHECK(Contains(refusal([](Model& m) { m.lexical.bucket_bits = 200; }), "bucket bits"));
  CHECK(Contains(refusal([](Model& m) { m.self_test[0].embedding.pop_back(); }), "width"));
  CHECK(Contains(refusal([](Model& m) { m.self_test[1].probabilities.push_back(0.0F); }), "width"));
  CHECK(Contains(refusal([](Model& m) { m.self_test.clear(); }), "self_test"));
  CHECK(Contains(refusal([](Model& m) { m.self_test.resize(65, m.self_test[0]); }), "self_test"));
}

TEST_CASE("categories need ids and names, each id once") {
  Model model = TinyModel();
  model.categories[2].id = "design";
  CHECK(Contains(WriteRefusal(model), "id \"design\" occurs twice"));
  model = TinyModel();
  model.categories[0].name.clear();
  CHECK(Contains(WriteRefusal(model), "an id or a name is empty"));
  model = TinyModel();
  model.categories[0].id.clear();
  CHECK(Contains(WriteRefusal(model), "an id or a name is empty"));
  model.categories.clear();
  CHECK(Contains(WriteRefusal(model), "0 categories"));
}

TEST_CASE("a text that could not come back as it was is never written") {
  Model model = TinyModel();
  model.categories[1].name = "D\xE9sign";  // Latin-1
  CHECK(Contains(WriteRefusal(model), "categories[1].name is not well-formed UTF-8"));
  model = TinyModel();
  model.self_test[0].description = "\xF0\x9F";
  CHECK(Contains(WriteRefusal(model), "self_test[0].description is not well-formed UTF-8"));
  model = TinyModel();
  model.provenance.created_by = "\xFF";
  CHECK(Contains(WriteRefusal(model), "provenance.created_by is not well-formed UTF-8"));
}

TEST_CASE("metrics that are no JSON object are refused, not dropped") {
  std::string deep(100000, '[');
  for (const std::string& metrics :
       {std::string("[1]"), std::string("{\"a\":"), std::string(), std::string("{\"a\":NaN}"),
        "{\"a\":" + deep + "}", "{\"a\":" + deep + std::string(100000, ']') + "}"}) {
    Model model = TinyModel();
    model.provenance.metrics_json = metrics;
    CHECK(Contains(WriteRefusal(model), "provenance.metrics"));
  }
}

TEST_CASE("a model names the encoder and the vocabulary it was made for") {
  Model model = TinyModel();
  model.encoder_sha256.clear();
  CHECK(Contains(WriteRefusal(model), "encoder.sha256"));
  model = TinyModel();
  model.vocabulary_sha256 = "ABC";
  CHECK(Contains(WriteRefusal(model), "vocabulary_sha256"));
}

TEST_CASE("a self-test answer that differs is refused, with the sample's title") {
  Model model = TinyModel();
  model.self_test[1].probabilities[0] += 2e-5F;
  CHECK(Contains(WriteRefusal(model), "self_test[1]: \"Draw the logo"));
  model = TinyModel();
  model.self_test[0].novelty -= 2e-5F;
  CHECK(Contains(WriteRefusal(model), "self_test[0]: \"Fix login\" gives another answer"));
  model = TinyModel();
  model.self_test[0].title = "Fix logins";
  CHECK(Contains(WriteRefusal(model), "self_test[0]"));
}
