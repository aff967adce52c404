#include "model/model_metadata.h"

#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "model/json_reader.h"
#include "smartsynch/model/model_file.h"

namespace smartsynch {
namespace {

using nlohmann::json;

constexpr const char* kModelFormatName = "smartsynch-model";
constexpr std::size_t kMaxSelfTestSamples = 64;
constexpr std::uint64_t kMaxCount = 0xFFFFFFFF;  // fits size_t on every host

// Reads typed members of a JSON object and keeps the first complaint, so callers read straight on.
class ObjectReader {
 public:
  ObjectReader(const json& object, std::string path) : object_(object), path_(std::move(path)) {
    if (!object_.is_object()) Complain("", "is not a JSON object");
  }

  void Read(const char* key, std::string& out) {
    if (const json* value = Find(key, &json::is_string, "a string"))
      out = value->get<std::string>();
  }
  void Read(const char* key, bool& out) {
    if (const json* value = Find(key, &json::is_boolean, "true or false")) out = value->get<bool>();
  }
  void Read(const char* key, float& out) {
    const json* value = Find(key, &json::is_number, "a number");
    if (value == nullptr) return;
    out = value->get<float>();
    if (!std::isfinite(out)) Complain(key, "is not finite");
  }
  void Read(const char* key, std::uint64_t& out) {
    if (const json* value = Find(key, &json::is_number_unsigned, "a whole number")) {
      out = value->get<std::uint64_t>();
    }
  }
  void ReadCount(const char* key, std::size_t& out) {
    std::uint64_t value = 0;
    Read(key, value);
    if (value > kMaxCount) Complain(key, "is above " + std::to_string(kMaxCount));
    out = static_cast<std::size_t>(value);
  }
  const json* Child(const char* key, bool (json::*is)() const noexcept, const char* expected) {
    return Find(key, is, expected);
  }

  const Status& status() const { return status_; }

 private:
  const json* Find(const char* key, bool (json::*is)() const noexcept, const char* expected) {
    if (!status_) return nullptr;
    const auto found = object_.find(key);
    if (found == object_.end()) {
      Complain(key, std::string("is missing, expected ") + expected);
      return nullptr;
    }
    if (!((*found).*is)()) {
      Complain(key, std::string("is ") + found->type_name() + ", expected " + expected);
      return nullptr;
    }
    return &*found;
  }

  void Complain(const std::string& key, const std::string& what) {
    const std::string field = key.empty() ? path_ : path_ + "." + key;
    if (status_) {
      status_ = Fail(ErrorCode::kInvalidModel, "model file metadata " + field + " " + what, field);
    }
  }

  const json& object_;
  std::string path_;
  Status status_;
};

json TierToJson(const TierSettings& tier) {
  const Calibration& c = tier.calibration;
  const DecisionThresholds& t = tier.thresholds;
  return {{"dense_weight", c.dense_weight},
          {"lexical_weight", c.lexical_weight},
          {"has_open_set", c.has_open_set},
          {"open_dense_weight", c.open_dense_weight},
          {"open_lexical_weight", c.open_lexical_weight},
          {"open_bias", c.open_bias},
          {"token_weight", c.token_weight},
          {"open_token_weight", c.open_token_weight},
          {"auto_confidence", t.auto_confidence},
          {"auto_novelty", t.auto_novelty},
          {"new_novelty", t.new_novelty},
          {"suggestions", t.suggestions}};
}

Status TierFromJson(const json& object, const std::string& path, TierSettings& tier) {
  ObjectReader reader(object, path);
  Calibration& c = tier.calibration;
  DecisionThresholds& t = tier.thresholds;
  reader.Read("dense_weight", c.dense_weight);
  reader.Read("lexical_weight", c.lexical_weight);
  reader.Read("has_open_set", c.has_open_set);
  reader.Read("open_dense_weight", c.open_dense_weight);
  reader.Read("open_lexical_weight", c.open_lexical_weight);
  reader.Read("open_bias", c.open_bias);
  reader.Read("token_weight", c.token_weight);
  reader.Read("open_token_weight", c.open_token_weight);
  reader.Read("auto_confidence", t.auto_confidence);
  reader.Read("auto_novelty", t.auto_novelty);
  reader.Read("new_novelty", t.new_novelty);
  reader.ReadCount("suggestions", t.suggestions);
  return reader.status();
}

Result<json> ParseEntry(const std::map<std::string, std::string>& metadata, const char* key) {
  const auto found = metadata.find(key);
  if (found == metadata.end()) {
    return Fail(ErrorCode::kInvalidModel, std::string("model file metadata has no ") + key, key);
  }
  auto value = ReadJson(found->second, kMaxMetadataNesting);
  if (!value) {
    return Fail(ErrorCode::kInvalidModel,
                std::string("model file metadata ") + key + " " + value.error(), key);
  }
  return *std::move(value);
}

Status CheckFormat(const std::map<std::string, std::string>& metadata) {
  const auto format = metadata.find("format");
  if (format == metadata.end() || format->second != kModelFormatName) {
    return Fail(
        ErrorCode::kInvalidModel,
        std::string("not a SmartSynch model: metadata format is not \"") + kModelFormatName + "\"",
        "format");
  }
  const auto version = metadata.find("format_version");
  const std::string expected = std::to_string(kModelFormatVersion);
  if (version == metadata.end() || version->second != expected) {
    return Fail(ErrorCode::kUnsupportedVersion,
                "model file format version " +
                    (version == metadata.end() ? std::string("is missing") : version->second) +
                    ", this build reads version " + expected,
                "format_version");
  }
  return {};
}

Status ReadCategories(const json& list, Model& model) {
  if (!list.is_array()) {
    return Fail(ErrorCode::kInvalidModel, "model file metadata categories is not a list",
                "categories");
  }
  for (std::size_t i = 0; i < list.size(); ++i) {
    ObjectReader reader(list[i], "categories[" + std::to_string(i) + "]");
    Category category;
    reader.Read("id", category.id);
    reader.Read("name", category.name);
    if (!reader.status()) return reader.status();
    model.categories.push_back(std::move(category));
  }
  return {};
}

Status ReadSelfTestTexts(const json& list, Model& model) {
  if (!list.is_array() || list.empty() || list.size() > kMaxSelfTestSamples) {
    return Fail(ErrorCode::kInvalidModel,
                "model file metadata self_test is not a list of 1 to " +
                    std::to_string(kMaxSelfTestSamples) + " samples",
                "self_test");
  }
  for (std::size_t i = 0; i < list.size(); ++i) {
    ObjectReader reader(list[i], "self_test[" + std::to_string(i) + "]");
    SelfTestSample sample;
    reader.Read("title", sample.title);
    reader.Read("description", sample.description);
    if (!reader.status()) return reader.status();
    model.self_test.push_back(std::move(sample));
  }
  return {};
}

Status ReadProvenance(const json& object, Model& model) {
  ObjectReader reader(object, "provenance");
  Provenance& p = model.provenance;
  reader.Read("created_by", p.created_by);
  reader.Read("seed", p.seed);
  reader.Read("training_data_sha256", p.training_data_sha256);
  reader.ReadCount("training_samples", p.training_samples);
  reader.ReadCount("open_set_samples", p.open_set_samples);
  if (const json* metrics = reader.Child("metrics", &json::is_object, "an object")) {
    p.metrics_json = metrics->dump();
  }
  return reader.status();
}

Status ReadShapes(const json& object, Model& model) {
  ObjectReader reader(object, "shapes");
  reader.ReadCount("input", model.dense.input);
  reader.ReadCount("hidden", model.dense.hidden);
  reader.ReadCount("bucket_bits", model.lexical.bucket_bits);
  reader.ReadCount("token_input", model.token_dense.input);
  reader.ReadCount("token_hidden", model.token_dense.hidden);
  model.dense.outputs = model.lexical.outputs = model.categories.size() + 1;
  if (model.token_dense.input > 0) model.token_dense.outputs = model.dense.outputs;
  return reader.status();
}

// Models that were trained with open-set samples have no centres, and no such entry.
Status ReadCentres(const std::map<std::string, std::string>& metadata, Model& model) {
  if (metadata.find("centres") == metadata.end()) return {};
  const Result<json> value = ParseEntry(metadata, "centres");
  if (!value) return tl::unexpected(value.error());
  ObjectReader reader(*value, "centres");
  CategoryCentres& centres = model.centres;
  reader.Read("confidence_weight", centres.confidence_weight);
  reader.Read("cosine_weight", centres.cosine_weight);
  reader.Read("bias", centres.bias);
  centres.dimension = model.dense.input;
  return reader.status();
}

// Models whose tasks are read as they are written have no such entry.
Status ReadKnownWords(const std::map<std::string, std::string>& metadata, Model& model) {
  const auto found = metadata.find("known_words");
  if (found == metadata.end()) return {};
  model.known_words = found->second;
  return CheckKnownWords(*model.known_words, ErrorCode::kInvalidModel);
}

// A SHA-256 as the project writes it.
Status CheckHash(const std::string& hash, const char* field) {
  if (hash.size() != 64 || hash.find_first_not_of("0123456789abcdef") != std::string::npos) {
    return Fail(ErrorCode::kInvalidModel,
                std::string("model file metadata ") + field + " is \"" + hash +
                    "\", expected 64 hexadecimal digits",
                field);
  }
  return {};
}

Status ReadEncoder(const json& object, Model& model) {
  ObjectReader reader(object, "encoder");
  std::string pooling;
  reader.Read("sha256", model.encoder_sha256);
  reader.Read("pooling", pooling);
  if (!reader.status()) return reader.status();
  if (pooling != "mean") {
    return Fail(ErrorCode::kInvalidModel,
                "model file pooling is \"" + pooling + "\", expected mean", "encoder.pooling");
  }
  return CheckHash(model.encoder_sha256, "encoder.sha256");
}

Status ReadTiers(const json& object, Model& model) {
  ObjectReader reader(object, "tiers");
  const json* full = reader.Child("full", &json::is_object, "an object");
  const json* instant = reader.Child("instant", &json::is_object, "an object");
  if (!reader.status()) return reader.status();
  if (Status status = TierFromJson(*full, "tiers.full", model.full); !status) return status;
  return TierFromJson(*instant, "tiers.instant", model.instant);
}

}  // namespace

std::map<std::string, std::string> WriteMetadata(const Model& model) {
  const auto dump = [](const json& value) {
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
  };
  json categories = json::array();
  for (const Category& c : model.categories) categories.push_back({{"id", c.id}, {"name", c.name}});
  json texts = json::array();
  for (const SelfTestSample& s : model.self_test) {
    texts.push_back({{"title", s.title}, {"description", s.description}});
  }
  const Provenance& p = model.provenance;
  const json metrics = ReadJson(p.metrics_json, kMaxMetadataNesting).value_or(json::object());
  std::map<std::string, std::string> metadata = {
      {"format", kModelFormatName},
      {"format_version", std::to_string(kModelFormatVersion)},
      {"categories", dump(categories)},
      {"shapes", dump({{"input", model.dense.input},
                       {"hidden", model.dense.hidden},
                       {"bucket_bits", model.lexical.bucket_bits},
                       {"token_input", model.token_dense.input},
                       {"token_hidden", model.token_dense.hidden}})},
      {"tiers", dump({{"full", TierToJson(model.full)}, {"instant", TierToJson(model.instant)}})},
      {"encoder", dump({{"sha256", model.encoder_sha256}, {"pooling", "mean"}})},
      {"vocabulary_sha256", model.vocabulary_sha256},
      {"token_table_sha256", model.token_table_sha256},
      {"self_test", dump(texts)},
      {"provenance", dump({{"created_by", p.created_by},
                           {"seed", p.seed},
                           {"training_data_sha256", p.training_data_sha256},
                           {"training_samples", p.training_samples},
                           {"open_set_samples", p.open_set_samples},
                           {"metrics", metrics}})}};
  if (model.known_words) metadata["known_words"] = *model.known_words;
  const CategoryCentres& c = model.centres;
  if (c.dimension > 0) {
    metadata["centres"] = dump({{"confidence_weight", c.confidence_weight},
                                {"cosine_weight", c.cosine_weight},
                                {"bias", c.bias}});
  }
  return metadata;
}

Status ReadMetadata(const std::map<std::string, std::string>& metadata, Model& model) {
  if (Status status = CheckFormat(metadata); !status) return status;
  using Reader = Status (*)(const json&, Model&);
  const std::pair<const char*, Reader> entries[] = {{"categories", ReadCategories},
                                                    {"shapes", ReadShapes},
                                                    {"tiers", ReadTiers},
                                                    {"encoder", ReadEncoder},
                                                    {"self_test", ReadSelfTestTexts},
                                                    {"provenance", ReadProvenance}};
  for (const auto& [key, read] : entries) {
    const Result<json> value = ParseEntry(metadata, key);
    if (!value) return tl::unexpected(value.error());
    if (Status status = read(*value, model); !status) return status;
  }
  if (Status status = ReadCentres(metadata, model); !status) return status;
  if (Status status = ReadKnownWords(metadata, model); !status) return status;
  const std::pair<const char*, std::string*> hashes[] = {
      {"vocabulary_sha256", &model.vocabulary_sha256},
      {"token_table_sha256", &model.token_table_sha256}};
  for (const auto& [key, hash] : hashes) {
    const auto found = metadata.find(key);
    if (found == metadata.end()) {
      return Fail(ErrorCode::kInvalidModel, std::string("model file metadata has no ") + key, key);
    }
    *hash = found->second;
    const bool is_absent = hash == &model.token_table_sha256 && model.token_dense.input == 0;
    if (is_absent && hash->empty()) continue;
    if (Status status = CheckHash(*hash, key); !status) return status;
  }
  return {};
}

}  // namespace smartsynch
