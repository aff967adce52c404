// The encoder under native ONNX Runtime, with the real graph; skipped where it was not downloaded.
#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "cli/embed.h"
#include "cli/file.h"
#include "cli/ort_encoder.h"
#include "smartsynch/base/hash.h"
#include "smartsynch/text/wordpiece.h"

using smartsynch::EmbedAll;
using smartsynch::Encoding;
using smartsynch::ErrorCode;
using smartsynch::OrtEncoder;
using smartsynch::OrtEncoderOptions;
using smartsynch::ReadFile;
using smartsynch::Result;
using smartsynch::WordPiece;

namespace {

const std::string kGraph = SMARTSYNCH_BASE_MODEL_DIR "/encoder.onnx";
const std::string kVocabulary = SMARTSYNCH_BASE_MODEL_DIR "/vocab.txt";

bool IsGraphMissing() { return !std::filesystem::exists(kGraph); }

std::unique_ptr<OrtEncoder> LoadGraph(std::size_t threads) {
  OrtEncoderOptions options;
  options.threads = threads;
  Result<std::unique_ptr<OrtEncoder>> encoder = OrtEncoder::Load(kGraph, options);
  REQUIRE_MESSAGE(encoder.has_value(), encoder.error().message);
  return std::move(*encoder);
}

WordPiece LoadTokenizer() {
  const Result<std::string> bytes = ReadFile(kVocabulary);
  REQUIRE(bytes.has_value());
  Result<WordPiece> tokenizer = WordPiece::FromVocabulary(*bytes);
  REQUIRE(tokenizer.has_value());
  return *tokenizer;
}

// Texts of 1 to 60 words, short and long in turn.
std::vector<Encoding> MixedEncodings(const WordPiece& tokenizer, std::size_t count) {
  const char* const words[] = {"fix",   "the",         "login", "draw",    "logo", "sprint",
                               "notes", "Caf\xC3\xA9", "plan",  "roadmap", "2027", "\xE4\xB8\xAD"};
  std::vector<Encoding> encodings;
  for (std::size_t i = 0; i < count; ++i) {
    std::string text;
    for (std::size_t w = 0; w <= i * 37 % 60; ++w)
      text += std::string(words[(i + w * w) % 12]) + " ";
    encodings.push_back(tokenizer.Encode(text));
  }
  return encodings;
}

double Cosine(const float* a, const float* b, std::size_t dimension) {
  double product = 0;
  double a_square = 0;
  double b_square = 0;
  for (std::size_t i = 0; i < dimension; ++i) {
    product += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    a_square += static_cast<double>(a[i]) * static_cast<double>(a[i]);
    b_square += static_cast<double>(b[i]) * static_cast<double>(b[i]);
  }
  return product / std::sqrt(a_square * b_square);
}

}  // namespace

TEST_CASE("a text alone and in a padded batch embed alike" * doctest::skip(IsGraphMissing())) {
  const std::unique_ptr<OrtEncoder> encoder = LoadGraph(2);
  const std::vector<Encoding> encodings = MixedEncodings(LoadTokenizer(), 48);
  const std::size_t dimension = encoder->dimension();
  const Result<std::vector<float>> padded = encoder->Embed(encodings);
  const Result<std::vector<float>> sorted = EmbedAll(*encoder, encodings);
  REQUIRE(padded.has_value());
  REQUIRE(sorted.has_value());
  double worst = 1;
  for (std::size_t i = 0; i < encodings.size(); ++i) {
    const Result<std::vector<float>> alone =
        encoder->Embed(std::span<const Encoding>(encodings).subspan(i, 1));
    REQUIRE(alone.has_value());
    worst = std::min(worst, Cosine(alone->data(), padded->data() + i * dimension, dimension));
    worst = std::min(worst, Cosine(alone->data(), sorted->data() + i * dimension, dimension));
    CHECK(Cosine(alone->data(), alone->data(), dimension) == doctest::Approx(1));
  }
  MESSAGE("largest 1 - cosine of 48 texts alone and in a batch: " << 1 - worst);
  CHECK(worst >= 0.99999);
}

TEST_CASE("similar texts are near, others far" * doctest::skip(IsGraphMissing())) {
  const std::unique_ptr<OrtEncoder> encoder = LoadGraph(1);
  const WordPiece tokenizer = LoadTokenizer();
  const std::vector<Encoding> encodings = {tokenizer.Encode("Fix the crash at login"),
                                           tokenizer.Encode("Repair the bug when signing in"),
                                           tokenizer.Encode("Bake an apple pie")};
  const Result<std::vector<float>> rows = EmbedAll(*encoder, encodings);
  REQUIRE(rows.has_value());
  const std::size_t dimension = encoder->dimension();
  CHECK(dimension == 384);
  const double near = Cosine(rows->data(), rows->data() + dimension, dimension);
  const double far = Cosine(rows->data(), rows->data() + 2 * dimension, dimension);
  CHECK(near > 0.5);
  CHECK(far < 0.3);
}

TEST_CASE("bits do not depend on threads, callers side by side, or repetition" *
          doctest::skip(IsGraphMissing())) {
  const std::unique_ptr<OrtEncoder> one = LoadGraph(1);
  const std::unique_ptr<OrtEncoder> two = LoadGraph(2);
  const std::vector<Encoding> encodings = MixedEncodings(LoadTokenizer(), 20);
  const Result<std::vector<float>> expected = EmbedAll(*one, encodings);
  REQUIRE(expected.has_value());
  CHECK(EmbedAll(*two, encodings) == *expected);
  std::vector<Result<std::vector<float>>> results(4);
  std::vector<std::thread> callers;
  for (Result<std::vector<float>>& result : results) {
    callers.emplace_back([&] { result = EmbedAll(*two, encodings); });
  }
  for (std::thread& caller : callers) caller.join();
  for (const Result<std::vector<float>>& result : results) CHECK(result == *expected);
}

TEST_CASE("texts without a known token run no model and embed to zero" *
          doctest::skip(IsGraphMissing())) {
  const std::unique_ptr<OrtEncoder> encoder = LoadGraph(1);
  const WordPiece tokenizer = LoadTokenizer();
  const std::vector<Encoding> encodings = {tokenizer.Encode(""), tokenizer.Encode("bake"),
                                           tokenizer.Encode(" \t")};
  std::size_t runs = 0;
  const auto count = [&](std::size_t done, std::size_t total) {
    CHECK(total == 1);
    runs += done;
    return true;
  };
  const Result<std::vector<float>> rows = EmbedAll(*encoder, encodings, count);
  REQUIRE(rows.has_value());
  CHECK(runs == 1);
  const std::size_t dimension = encoder->dimension();
  for (std::size_t i = 0; i < dimension; ++i) {
    CHECK((*rows)[i] == 0.0F);
    CHECK((*rows)[2 * dimension + i] == 0.0F);
  }
  CHECK(Cosine(rows->data() + dimension, rows->data() + dimension, dimension) ==
        doctest::Approx(1));
  CHECK(EmbedAll(*encoder, {}).value().empty());
  CHECK(encoder->Embed({}).value().empty());
}

TEST_CASE("embedding can be cancelled" * doctest::skip(IsGraphMissing())) {
  const std::unique_ptr<OrtEncoder> encoder = LoadGraph(1);
  const std::vector<Encoding> encodings = MixedEncodings(LoadTokenizer(), 20);
  const auto refuse = [](std::size_t, std::size_t) { return false; };
  const Result<std::vector<float>> rows = EmbedAll(*encoder, encodings, refuse);
  REQUIRE_FALSE(rows.has_value());
  CHECK(rows.error().code == ErrorCode::kCancelled);
}

TEST_CASE("ids beyond the vocabulary are an error, not a crash" * doctest::skip(IsGraphMissing())) {
  const std::unique_ptr<OrtEncoder> encoder = LoadGraph(1);
  Encoding encoding;
  encoding.ids = {101, 5000000, 102};
  encoding.has_known_token = true;
  const std::vector<Encoding> batch = {encoding};
  const Result<std::vector<float>> rows = encoder->Embed(batch);
  REQUIRE_FALSE(rows.has_value());
  CHECK(rows.error().code == ErrorCode::kUnavailable);
}

TEST_CASE("the hash is that of the file" * doctest::skip(IsGraphMissing())) {
  CHECK(LoadGraph(1)->sha256() == smartsynch::Sha256Hex(*ReadFile(kGraph)));
}

TEST_CASE("a file that is missing or no graph is refused by name") {
  const Result<std::unique_ptr<OrtEncoder>> missing = OrtEncoder::Load("/nowhere/model.onnx");
  REQUIRE_FALSE(missing.has_value());
  CHECK(missing.error().code == ErrorCode::kNotFound);
  const Result<std::unique_ptr<OrtEncoder>> garbage = OrtEncoder::Load(__FILE__);
  REQUIRE_FALSE(garbage.has_value());
  CHECK(garbage.error().code == ErrorCode::kInvalidModel);
  CHECK(garbage.error().message.find("encoder_test.cpp") != std::string::npos);
}
