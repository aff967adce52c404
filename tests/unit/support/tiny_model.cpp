#include "support/tiny_model.h"

#include <doctest/doctest.h>

#include <cmath>

#include "smartsynch/base/hash.h"
#include "smartsynch/base/random.h"
#include "smartsynch/learn/train_model.h"
#include "smartsynch/model/model_file.h"
#include "smartsynch/model/token_table_file.h"
#include "smartsynch/text/task_text.h"

namespace smartsynch::testing {

const std::string& TinyVocabulary() {
  static const std::string kVocabulary =
      "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nfix\nlogin\nlogo\ndraw\nserver\n"
      "##s\n##in\nlog\ncafe\n\xE4\xB8\xAD\nthe\ncrash\n!\ncolour\nplan\n";
  return kVocabulary;
}

WordPiece TinyTokenizer() {
  const Result<WordPiece> tokenizer = WordPiece::FromVocabulary(TinyVocabulary());
  REQUIRE(tokenizer.has_value());
  return *tokenizer;
}

std::vector<float> TinyEmbedding(std::uint64_t seed) {
  Random random(seed);
  std::vector<float> embedding(4);
  float squares = 0.0F;
  for (float& value : embedding) {
    value = random.NextNormal();
    squares += value * value;
  }
  for (float& value : embedding) value /= std::sqrt(squares);
  return embedding;
}

Model TinyModel() {
  Model model;
  model.categories = {
      {"development", "Development"}, {"design", "D\xC3\xA9sign \xE2\x9C\x8F"}, {"ops", "Ops"}};
  Random random(7);
  const auto draw = [&](std::size_t count) {
    std::vector<float> values(count);
    for (float& value : values) value = random.NextNormal();
    return values;
  };
  model.dense = {4, 3, 4, draw(12), draw(3), draw(12), draw(4)};
  model.lexical = LexicalHead::Quantize(6, 4, draw(std::size_t{64} * 4));
  model.full.calibration = {0.75F, 0.5F, true, 0.25F, 0.5F, -1.0F};
  model.full.thresholds = {0.6F, 0.4F, 0.9F, 2};
  model.instant.calibration = {0.0F, 1.25F, true, 0.0F, 0.75F, -0.5F};
  model.instant.thresholds = {0.7F, 0.3F, 0.95F, 3};
  model.encoder_sha256 = Sha256Hex("the encoder");
  model.vocabulary_sha256 = Sha256Hex(TinyVocabulary());
  model.provenance = {"tiny_model.cpp",
                      18446744073709551615ULL,
                      Sha256Hex("data"),
                      12,
                      3,
                      R"({"accuracy":0.5,"per_class":{"design":[1,2]}})"};
  model.self_test.push_back(MakeSelfTestSample(model, "Fix login", "", TinyEmbedding(1)));
  model.self_test.push_back(
      MakeSelfTestSample(model, "Draw the logo \xE2\x9C\x8F", "colours", TinyEmbedding(2)));
  return model;
}

TokenTable TinyTokenTable() {
  TokenTable table;
  table.dimension = 4;
  table.bits = 4;
  table.scale.assign(20, 0.0F);
  table.codes.assign(20 * table.RowBytes(), 0);
  Random random(11);
  for (std::size_t row = 5; row < 20; ++row) {
    std::vector<float> values(4);
    for (float& value : values) value = random.NextNormal();
    table.SetRow(row, values.data());
  }
  table.vocabulary_sha256 = Sha256Hex(TinyVocabulary());
  table.encoder_sha256 = Sha256Hex("the encoder");
  table.seed = 11;
  const Result<std::string> bytes = SerializeTokenTable(table);
  REQUIRE(bytes.has_value());
  table.sha256 = Sha256Hex(*bytes);
  return table;
}

Model TinyTokenModel() {
  Model model = TinyModel();
  const TokenTable table = TinyTokenTable();
  Random random(13);
  const auto draw = [&](std::size_t count) {
    std::vector<float> values(count);
    for (float& value : values) value = random.NextNormal();
    return values;
  };
  model.token_dense = {4, 3, 4, draw(12), draw(3), draw(12), draw(4)};
  model.token_table_sha256 = table.sha256;
  model.full.calibration.token_weight = 0.375F;
  model.full.calibration.open_token_weight = 0.125F;
  model.instant.calibration.token_weight = 1.5F;
  model.instant.calibration.open_token_weight = -0.25F;
  for (SelfTestSample& sample : model.self_test) {
    std::vector<float> token(4);
    table.Embed(TinyTokenizer().Encode(JoinTaskText(sample.title, sample.description)).ids,
                token.data());
    sample = MakeSelfTestSample(model, sample.title, sample.description, sample.embedding, token);
  }
  return model;
}

const std::string& TinyModelBytes() {
  static const std::string kBytes = [] {
    const Result<std::string> bytes = SerializeModel(TinyModel());
    REQUIRE(bytes.has_value());
    return *bytes;
  }();
  return kBytes;
}

std::string SealedBytes(Safetensors file) {
  const std::string zeros(64, '0');
  file.metadata["content_sha256"] = zeros;
  std::string bytes = file.Serialize();
  const std::string entry = "\"content_sha256\":\"";
  const std::size_t place = bytes.find(entry + zeros) + entry.size();
  return bytes.replace(place, zeros.size(), Sha256Hex(bytes));
}

Safetensors TinyModelFile() {
  const Result<Safetensors> file = Safetensors::Parse(TinyModelBytes());
  REQUIRE(file.has_value());
  return *file;
}

}  // namespace smartsynch::testing
