#include "smartsynch/model/exemplar_file.h"

#include <doctest/doctest.h>

#include <cmath>

#include "support/feedback_fixture.h"
#include "support/tiny_model.h"

namespace smartsynch {
namespace {

using testing::WideExemplars;

TEST_CASE("Exemplars come back from their bytes as they were") {
  const Result<std::string> bytes = SerializeExemplars(WideExemplars());
  REQUIRE(bytes.has_value());
  const Result<BaseExemplars> again = ParseExemplars(*bytes);
  REQUIRE_MESSAGE(again.has_value(), again.error().message);
  CHECK(again->counts == WideExemplars().counts);
  CHECK(again->full.directions == WideExemplars().full.directions);
  CHECK(again->instant.logits == WideExemplars().instant.logits);
  CHECK(*SerializeExemplars(*again) == *bytes);
  CHECK(CheckExemplars(*again, testing::WideModel()).has_value());
}

TEST_CASE("Labels follow from the counts, the open set last") {
  BaseExemplars exemplars;
  exemplars.counts = {2, 0, 1, 1};
  CHECK(exemplars.Labels() == std::vector<int>{0, 0, 2, -1});
  CHECK(exemplars.rows() == 4);
}

TEST_CASE("Logits lose at most half a step of their column") {
  ExemplarTier tier;
  const std::vector<float> logits = {12.7F, 0.01F, -3.0F, -0.02F, 0.0F, 0.0F};
  SetLogits(logits, 2, tier);
  for (std::size_t row = 0; row < 3; ++row) {
    const std::vector<float> decoded = DecodeLogits(tier, row);
    for (std::size_t o = 0; o < 2; ++o) {
      CHECK(std::fabs(decoded[o] - logits[row * 2 + o]) <= 0.5001F * tier.logit_scale[o]);
    }
  }
  SetLogits({0.0F, 0.0F}, 2, tier);
  CHECK(DecodeLogits(tier, 0) == std::vector<float>{0.0F, 0.0F});
}

TEST_CASE("Without a token table there are the full tier's numbers alone") {
  BaseExemplars exemplars = WideExemplars();
  exemplars.instant = {};
  const Result<std::string> bytes = SerializeExemplars(exemplars);
  REQUIRE(bytes.has_value());
  CHECK(ParseExemplars(*bytes)->instant.dimension == 0);
}

TEST_CASE("No damaged byte gets through") {
  const std::string bytes = *SerializeExemplars(WideExemplars());
  for (std::size_t i = 0; i < bytes.size(); i += i < 600 ? 1 : 97) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x11);
    CHECK_FALSE(ParseExemplars(damaged).has_value());
    CHECK_FALSE(ParseExemplars(bytes.substr(0, i)).has_value());
  }
}

TEST_CASE("Hostile numbers are named") {
  const Result<Safetensors> file = Safetensors::Parse(*SerializeExemplars(WideExemplars()));
  REQUIRE(file.has_value());
  const auto with = [&](const char* key, const char* value) {
    Safetensors changed = *file;
    changed.metadata[key] = value;
    return ParseExemplars(testing::SealedBytes(changed)).error();
  };
  CHECK(with("counts", "[40,40,40,41]").field == "tensor full.directions");
  CHECK(with("counts", "[40,40,80]").field == "tensor full.logits");
  CHECK(with("counts", "[-1,40,40,40]").field == "counts");
  CHECK(with("counts", "[0,0]").field == "counts");
  CHECK(with("counts", "{").field == "counts");
  CHECK(with("counts", "[99999999999999999999,1]").field == "counts");
  CHECK(with("model_version", "x").field == "model_version");
  CHECK(with("format", "smartsynch-model").field == "format");
  CHECK(with("format_version", "2").code == ErrorCode::kUnsupportedVersion);
}

TEST_CASE("Columns of different length are not written, another model's exemplars not taken") {
  BaseExemplars exemplars = WideExemplars();
  exemplars.full.directions.pop_back();
  CHECK(SerializeExemplars(exemplars).error().code == ErrorCode::kInvalidArgument);
  Model other = testing::WideModel();
  other.categories.pop_back();
  CHECK(CheckExemplars(WideExemplars(), other).error().code == ErrorCode::kIncompatible);
}

}  // namespace
}  // namespace smartsynch
