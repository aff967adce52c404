#include "smartsynch/personal/tuned_heads.h"

#include <doctest/doctest.h>

#include <cmath>

#include "support/tiny_model.h"

namespace smartsynch {
namespace {

TunedHeads ExampleHeads() {
  TunedHeads heads;
  heads.base_version = "0123456789abcdef";
  heads.parent = heads.base_version;
  heads.last_sequence = 42;
  heads.categories = {{"development", {0}}, {"r\xC3\xA9union", {}}};
  heads.token_share = 0.5F;
  heads.full.input = 2;
  heads.full.weights = {1.0F, -1.0F, 0.25F, 2.0F};
  heads.full.bias = {0.1F, 0.2F};
  heads.full.calibration = {0.5F, 0.0F, true, 2.0F, 0.0F, -1.0F, 0.0F, 0.0F};
  heads.full.thresholds = {0.7F, 0.4F, 0.9F, 3};
  return heads;
}

TEST_CASE("Heads come back from their bytes as they were") {
  const std::string bytes = SerializeTunedHeads(ExampleHeads());
  const Result<TunedHeads> again = ParseTunedHeads(bytes);
  REQUIRE_MESSAGE(again.has_value(), again.error().message);
  CHECK(SerializeTunedHeads(*again) == bytes);
  CHECK(again->version.size() == 16);
  CHECK(again->categories == ExampleHeads().categories);
  CHECK(again->last_sequence == 42);
  CHECK(again->full.weights == ExampleHeads().full.weights);
  CHECK(again->full.calibration.open_bias == -1.0F);
  CHECK(again->full.thresholds.new_novelty == 0.9F);
  CHECK(again->instant.input == 0);
}

TEST_CASE("No damaged byte, wherever it is, gets through") {
  const std::string bytes = SerializeTunedHeads(ExampleHeads());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x41);
    CHECK_FALSE(ParseTunedHeads(damaged).has_value());
    CHECK_FALSE(ParseTunedHeads(bytes.substr(0, i)).has_value());
  }
  CHECK_FALSE(ParseTunedHeads(testing::TinyModelBytes()).has_value());
}

TEST_CASE("Another format version is told from damage") {
  Result<Safetensors> file = Safetensors::Parse(SerializeTunedHeads(ExampleHeads()));
  REQUIRE(file.has_value());
  file->metadata["format_version"] = "2";
  const auto later = ParseTunedHeads(testing::SealedBytes(*file));
  REQUIRE_FALSE(later.has_value());
  CHECK(later.error().code == ErrorCode::kUnsupportedVersion);
  file->metadata["format_version"] = "1";
  file->metadata["categories"] = R"([["a",[0]],["b"]])";
  CHECK(ParseTunedHeads(testing::SealedBytes(*file)).error().field == "categories");
}

TEST_CASE("A head adds its weighted sums; a missing embedding adds nothing") {
  const TunedHeads heads = ExampleHeads();
  std::vector<float> logits(2, 0.0F);
  AddHead(heads.full, std::vector<float>{0.5F, 1.0F}, 2.0F, logits);
  CHECK(logits[0] == doctest::Approx(2.0 * (0.1 + 0.5 + 0.25)));
  CHECK(logits[1] == doctest::Approx(2.0 * (0.2 - 0.5 + 2.0)));
  const std::vector<float> before = logits;
  AddHead(heads.full, {}, 1.0F, logits);
  AddHead(heads.instant, std::vector<float>{1.0F}, 1.0F, logits);
  CHECK(logits == before);
  CHECK(HeadsLogits(heads, Tier::kInstant, std::vector<float>{1.0F}, {}) ==
        std::vector<float>{0.0F, 0.0F});
}

TEST_CASE("Calibration sharpens logits and moves the novelty, within 0 to 1") {
  FusedLogits fused = {{2.0F, -1.0F}, 0.5F};
  ApplyCalibration(ExampleHeads().full.calibration, fused);
  CHECK(fused.logits == std::vector<float>{1.0F, -0.5F});
  CHECK(fused.novelty == doctest::Approx(1.0 / (1.0 + std::exp(1.0))));
  for (const float novelty : {0.0F, 1.0F}) {
    fused.novelty = novelty;
    ApplyCalibration(ExampleHeads().full.calibration, fused);
    CHECK(fused.novelty >= 0.0F);
    CHECK(fused.novelty <= 1.0F);
    CHECK(std::fabs(fused.novelty - novelty) < 1e-3F);
  }
}

}  // namespace
}  // namespace smartsynch
