#include "smartsynch/model/exemplar_file.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <utility>

#include "model/json_reader.h"
#include "model/sealed_file.h"
#include "smartsynch/model/safetensors.h"

namespace smartsynch {
namespace {

constexpr const char* kExemplarFormatName = "smartsynch-exemplars";
constexpr std::size_t kMaxExemplars = 100000;
constexpr std::size_t kMaxExemplarCategories = 1000;
constexpr std::size_t kMaxExemplarDimension = 8192;
constexpr float kMaxExemplarScale = 1e4F;

tl::unexpected<Error> BadExemplars(const std::string& field, const std::string& what) {
  return Fail(ErrorCode::kInvalidModel, "exemplars " + field + ": " + what, field);
}

std::string ExemplarEntry(const Safetensors& file, const char* key) {
  const auto found = file.metadata.find(key);
  return found == file.metadata.end() ? std::string() : found->second;
}

Status ReadMetadata(const Safetensors& file, BaseExemplars& exemplars) {
  if (ExemplarEntry(file, "format") != kExemplarFormatName) {
    return BadExemplars("format", std::string("is not \"") + kExemplarFormatName + "\"");
  }
  const std::string version = ExemplarEntry(file, "format_version");
  if (version != std::to_string(kExemplarFormatVersion)) {
    return Fail(ErrorCode::kUnsupportedVersion,
                "exemplars format version " + version + ", this build reads version " +
                    std::to_string(kExemplarFormatVersion),
                "format_version");
  }
  exemplars.model_version = ExemplarEntry(file, "model_version");
  if (exemplars.model_version.size() != 16 ||
      exemplars.model_version.find_first_not_of("0123456789abcdef") != std::string::npos) {
    return BadExemplars("model_version", "is not 16 hexadecimal digits");
  }
  const auto counts = ReadJson(ExemplarEntry(file, "counts"), 2);
  if (!counts) return BadExemplars("counts", counts.error());
  if (!counts->is_array() || counts->size() < 2 || counts->size() > kMaxExemplarCategories + 1) {
    return BadExemplars("counts", "is not a list of 2 to 1,001 numbers");
  }
  for (const nlohmann::json& count : *counts) {
    if (!count.is_number_unsigned() || count.get<std::uint64_t>() > kMaxExemplars) {
      return BadExemplars("counts", "holds " + count.dump() + ", expected 0 to 100,000");
    }
    exemplars.counts.push_back(count.get<std::size_t>());
  }
  if (exemplars.rows() == 0 || exemplars.rows() > kMaxExemplars) {
    return BadExemplars("counts",
                        "sum to " + std::to_string(exemplars.rows()) + ", expected 1 to 100,000");
  }
  return {};
}

Result<const Tensor*> Find(const Safetensors& file, const std::string& name, TensorType type,
                           std::size_t rows) {
  const auto found = file.tensors.find(name);
  if (found == file.tensors.end()) return BadExemplars("tensor " + name, "is missing");
  const std::size_t dimensions = rows == 0 ? 1 : 2;
  const std::vector<std::size_t>& shape = found->second.shape;
  if (found->second.type != type || shape.size() != dimensions || (rows > 0 && shape[0] != rows)) {
    return BadExemplars("tensor " + name, "has another type or shape than expected");
  }
  return &found->second;
}

Status ReadTier(const Safetensors& file, const std::string& name, const BaseExemplars& exemplars,
                ExemplarTier& tier) {
  const std::size_t rows = exemplars.rows();
  const std::size_t outputs = exemplars.counts.size();
  const auto directions = Find(file, name + ".directions", TensorType::kInt8, rows);
  if (!directions) return tl::unexpected(directions.error());
  const auto logits = Find(file, name + ".logits", TensorType::kInt8, rows);
  if (!logits) return tl::unexpected(logits.error());
  const auto scale = Find(file, name + ".logit_scale", TensorType::kFloat32, 0);
  if (!scale) return tl::unexpected(scale.error());
  tier.dimension = (*directions)->shape[1];
  if (tier.dimension == 0 || tier.dimension > kMaxExemplarDimension) {
    return BadExemplars("tensor " + name + ".directions",
                        "has rows of no or more than 8,192 values");
  }
  if ((*logits)->shape[1] != outputs || (*scale)->shape[0] != outputs) {
    return BadExemplars("tensor " + name + ".logits",
                        "does not have one column a category and one more");
  }
  tier.directions = (*directions)->Int8();
  tier.logits = (*logits)->Int8();
  tier.logit_scale = (*scale)->Floats();
  for (const float value : tier.logit_scale) {
    if (!(value >= 0.0F && value <= kMaxExemplarScale)) {
      return BadExemplars("tensor " + name + ".logit_scale",
                          "holds a value that is not within 0 to 10,000");
    }
  }
  return {};
}

void WriteTier(const std::string& name, std::size_t rows, const ExemplarTier& tier,
               Safetensors& file) {
  const std::size_t outputs = tier.logit_scale.size();
  file.tensors[name + ".directions"] = Tensor::FromInt8({rows, tier.dimension}, tier.directions);
  file.tensors[name + ".logits"] = Tensor::FromInt8({rows, outputs}, tier.logits);
  file.tensors[name + ".logit_scale"] = Tensor::FromFloats({outputs}, tier.logit_scale);
}

Status CheckShape(const BaseExemplars& exemplars, const ExemplarTier& tier, const char* name) {
  const std::size_t rows = exemplars.rows();
  if (tier.directions.size() == rows * tier.dimension &&
      tier.logit_scale.size() == exemplars.counts.size() &&
      tier.logits.size() == rows * tier.logit_scale.size()) {
    return {};
  }
  return Fail(ErrorCode::kInvalidArgument,
              std::string("exemplars of the ") + name + " tier have columns of different length",
              name);
}

}  // namespace

std::size_t BaseExemplars::rows() const {
  return std::accumulate(counts.begin(), counts.end(), std::size_t{0});
}

std::vector<int> BaseExemplars::Labels() const {
  std::vector<int> labels;
  for (std::size_t c = 0; c < counts.size(); ++c) {
    labels.insert(labels.end(), counts[c], c + 1 == counts.size() ? -1 : static_cast<int>(c));
  }
  return labels;
}

void SetLogits(const std::vector<float>& logits, std::size_t outputs, ExemplarTier& tier) {
  tier.logit_scale.assign(outputs, 0.0F);
  for (std::size_t i = 0; i < logits.size(); ++i) {
    float& largest = tier.logit_scale[i % outputs];
    largest = std::max(largest, std::fabs(logits[i]));
  }
  for (float& value : tier.logit_scale) value /= 127.0F;
  tier.logits.clear();
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const float scale = tier.logit_scale[i % outputs];
    const float code = scale > 0.0F ? std::nearbyint(logits[i] / scale) : 0.0F;
    tier.logits.push_back(static_cast<std::int8_t>(std::clamp(code, -127.0F, 127.0F)));
  }
}

std::vector<float> DecodeLogits(const ExemplarTier& tier, std::size_t row) {
  const std::size_t outputs = tier.logit_scale.size();
  std::vector<float> logits(outputs);
  for (std::size_t o = 0; o < outputs; ++o) {
    logits[o] = tier.logit_scale[o] * static_cast<float>(tier.logits[row * outputs + o]);
  }
  return logits;
}

Result<std::string> SerializeExemplars(const BaseExemplars& exemplars) {
  Safetensors file;
  file.metadata = {{"format", kExemplarFormatName},
                   {"format_version", std::to_string(kExemplarFormatVersion)},
                   {"model_version", exemplars.model_version},
                   {"counts", nlohmann::json(exemplars.counts).dump()}};
  if (Status status = CheckShape(exemplars, exemplars.full, "full"); !status) {
    return tl::unexpected(status.error());
  }
  WriteTier("full", exemplars.rows(), exemplars.full, file);
  if (exemplars.instant.dimension > 0) {
    if (Status status = CheckShape(exemplars, exemplars.instant, "instant"); !status) {
      return tl::unexpected(status.error());
    }
    WriteTier("instant", exemplars.rows(), exemplars.instant, file);
  }
  std::string bytes = SerializeSealed(std::move(file));
  const Result<BaseExemplars> check = ParseExemplars(bytes);
  if (!check) {
    return Fail(ErrorCode::kInvalidArgument, check.error().message, check.error().field);
  }
  return bytes;
}

Result<BaseExemplars> ParseExemplars(std::string_view bytes) {
  const Result<Safetensors> file = Safetensors::Parse(bytes);
  if (!file) return tl::unexpected(file.error());
  BaseExemplars exemplars;
  Status status = ReadMetadata(*file, exemplars);
  if (status) status = ReadTier(*file, "full", exemplars, exemplars.full);
  if (status && file->tensors.count("instant.directions") > 0) {
    status = ReadTier(*file, "instant", exemplars, exemplars.instant);
  }
  if (status) status = CheckSeal(bytes, *file);
  if (!status) return tl::unexpected(status.error());
  return exemplars;
}

Status CheckExemplars(const BaseExemplars& exemplars, const ExemplarFit& expected) {
  const bool fits = exemplars.model_version == expected.model_version &&
                    exemplars.counts.size() == expected.categories + 1 &&
                    exemplars.full.dimension == expected.full_dimension &&
                    exemplars.instant.dimension == expected.instant_dimension;
  if (fits) return {};
  return Fail(ErrorCode::kIncompatible,
              "the exemplars belong to the model " + exemplars.model_version +
                  ", the model loaded is " + expected.model_version,
              "exemplars");
}

Status CheckExemplars(const BaseExemplars& exemplars, const Model& model) {
  return CheckExemplars(exemplars, ExemplarFit{model.version, model.categories.size(),
                                               model.dense.input, model.token_dense.input});
}

}  // namespace smartsynch
