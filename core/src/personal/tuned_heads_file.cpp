// The file form of TunedHeads; models/FORMAT.md draws it.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "model/json_reader.h"
#include "model/sealed_file.h"
#include "smartsynch/base/hash.h"
#include "smartsynch/model/safetensors.h"
#include "smartsynch/personal/tuned_heads.h"

namespace smartsynch {
namespace {

using nlohmann::json;

constexpr const char* kHeadsFormatName = "smartsynch-personal-heads";
constexpr const char* kHeadsFormatVersion = "1";
constexpr std::size_t kMaxHeadCategories = 1200;
constexpr std::size_t kMaxHeadDimension = 8192;
constexpr float kMaxHeadValue = 1e6F;
constexpr std::size_t kSettings = 8;

tl::unexpected<Error> BadHeads(const std::string& field, const std::string& what) {
  return Fail(ErrorCode::kInvalidModel, "personal heads " + field + ": " + what, field);
}

std::array<float, kSettings> SettingsOf(const TunedTier& tier) {
  const Calibration& c = tier.calibration;
  const DecisionThresholds& t = tier.thresholds;
  return {c.dense_weight,      c.has_open_set ? 1.0F : 0.0F,
          c.open_dense_weight, c.open_bias,
          t.auto_confidence,   t.auto_novelty,
          t.new_novelty,       static_cast<float>(t.suggestions)};
}

void Apply(std::span<const float> settings, TunedTier& tier) {
  tier.calibration.dense_weight = settings[0];
  tier.calibration.lexical_weight = 0.0F;
  tier.calibration.has_open_set = settings[1] != 0.0F;
  tier.calibration.open_dense_weight = settings[2];
  tier.calibration.open_bias = settings[3];
  tier.thresholds.auto_confidence = settings[4];
  tier.thresholds.auto_novelty = settings[5];
  tier.thresholds.new_novelty = settings[6];
  tier.thresholds.suggestions = static_cast<std::size_t>(std::clamp(settings[7], 0.0F, 1000.0F));
}

Result<std::vector<float>> Floats(const Safetensors& file, const std::string& name,
                                  const std::vector<std::size_t>& shape) {
  const auto found = file.tensors.find(name);
  if (found == file.tensors.end()) return BadHeads("tensor " + name, "is missing");
  if (found->second.type != TensorType::kFloat32 || found->second.shape != shape) {
    return BadHeads("tensor " + name, "has another type or shape than expected");
  }
  std::vector<float> values = found->second.Floats();
  for (const float value : values) {
    if (!(std::fabs(value) <= kMaxHeadValue)) {
      return BadHeads("tensor " + name, "holds a value that is not within 1,000,000 either way");
    }
  }
  return values;
}

Status ReadTier(const Safetensors& file, const std::string& name, std::size_t outputs,
                TunedTier& tier) {
  const auto weights = file.tensors.find(name + ".weights");
  if (weights == file.tensors.end()) return {};
  if (weights->second.shape.size() != 2 || weights->second.shape[0] == 0 ||
      weights->second.shape[0] > kMaxHeadDimension) {
    return BadHeads("tensor " + name + ".weights", "is not [1 to 8,192, categories]");
  }
  tier.input = weights->second.shape[0];
  auto values = Floats(file, name + ".weights", {tier.input, outputs});
  if (!values) return tl::unexpected(values.error());
  tier.weights = std::move(*values);
  auto bias = Floats(file, name + ".bias", {outputs});
  if (!bias) return tl::unexpected(bias.error());
  tier.bias = std::move(*bias);
  const auto settings = Floats(file, name + ".settings", {kSettings});
  if (!settings) return tl::unexpected(settings.error());
  Apply(*settings, tier);
  return {};
}

Status ReadCategories(const std::string& text, std::vector<TunedCategory>& categories) {
  const auto bad = [] { return BadHeads("categories", "is not a list of [id, [numbers]]"); };
  const auto list = ReadJson(text, 4);
  if (!list) return BadHeads("categories", list.error());
  if (!list->is_array() || list->empty() || list->size() > kMaxHeadCategories) return bad();
  for (const json& entry : *list) {
    if (!entry.is_array() || entry.size() != 2 || !entry[0].is_string() || !entry[1].is_array()) {
      return bad();
    }
    TunedCategory category{entry[0].get<std::string>(), {}};
    for (const json& index : entry[1]) {
      if (!index.is_number_unsigned() || index.get<std::uint64_t>() >= kMaxHeadCategories)
        return bad();
      category.base_indexes.push_back(index.get<std::size_t>());
    }
    categories.push_back(std::move(category));
  }
  return {};
}

void WriteTier(const std::string& name, const TunedTier& tier, Safetensors& file) {
  if (tier.input == 0) return;
  const std::array<float, kSettings> settings = SettingsOf(tier);
  file.tensors[name + ".weights"] =
      Tensor::FromFloats({tier.input, tier.bias.size()}, tier.weights);
  file.tensors[name + ".bias"] = Tensor::FromFloats({tier.bias.size()}, tier.bias);
  file.tensors[name + ".settings"] = Tensor::FromFloats({kSettings}, settings);
}

}  // namespace

std::string SerializeTunedHeads(const TunedHeads& heads) {
  json categories = json::array();
  for (const TunedCategory& category : heads.categories) {
    categories.push_back({category.id, category.base_indexes});
  }
  Safetensors file;
  file.metadata = {{"format", kHeadsFormatName},
                   {"format_version", kHeadsFormatVersion},
                   {"base_version", heads.base_version},
                   {"parent", heads.parent},
                   {"last_sequence", std::to_string(heads.last_sequence)},
                   {"categories", categories.dump(-1, ' ', false, json::error_handler_t::replace)}};
  const std::array<float, 1> share = {heads.token_share};
  file.tensors["token_share"] = Tensor::FromFloats({1}, share);
  WriteTier("instant", heads.instant, file);
  WriteTier("full", heads.full, file);
  return SerializeSealed(std::move(file));
}

Result<TunedHeads> ParseTunedHeads(std::string_view bytes) {
  const Result<Safetensors> file = Safetensors::Parse(bytes);
  if (!file) return tl::unexpected(file.error());
  const auto entry = [&](const char* key) {
    const auto found = file->metadata.find(key);
    return found == file->metadata.end() ? std::string() : found->second;
  };
  if (entry("format") != kHeadsFormatName) {
    return BadHeads("format", std::string("is not \"") + kHeadsFormatName + "\"");
  }
  if (entry("format_version") != kHeadsFormatVersion) {
    return Fail(ErrorCode::kUnsupportedVersion,
                "personal heads format version " + entry("format_version") +
                    ", this build reads version " + kHeadsFormatVersion,
                "format_version");
  }
  TunedHeads heads;
  heads.base_version = entry("base_version");
  heads.parent = entry("parent");
  const std::string last = entry("last_sequence");
  const auto [stop, error] =
      std::from_chars(last.data(), last.data() + last.size(), heads.last_sequence);
  if (last.empty() || error != std::errc() || stop != last.data() + last.size()) {
    return BadHeads("last_sequence", "is not a whole number");
  }
  if (Status status = ReadCategories(entry("categories"), heads.categories); !status) {
    return tl::unexpected(status.error());
  }
  const auto share = Floats(*file, "token_share", {1});
  if (!share) return tl::unexpected(share.error());
  heads.token_share = share->front();
  const std::size_t outputs = heads.categories.size();
  Status status = ReadTier(*file, "instant", outputs, heads.instant);
  if (status) status = ReadTier(*file, "full", outputs, heads.full);
  if (status) status = CheckSeal(bytes, *file);
  if (!status) return tl::unexpected(status.error());
  heads.version = Sha256Hex(bytes).substr(0, 16);
  return heads;
}

}  // namespace smartsynch
