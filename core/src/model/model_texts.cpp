#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "model/json_reader.h"
#include "model/model_metadata.h"
#include "smartsynch/text/utf8.h"

namespace smartsynch {

Status CheckKnownWords(const std::string& lines, ErrorCode code) {
  constexpr std::ptrdiff_t kMostLines = 32;  // as counts have bits
  const bool is_listed =
      lines.find_first_not_of("abcdefghijklmnopqrstuvwxyz \n") == std::string::npos &&
      std::count(lines.begin(), lines.end(), '\n') <= kMostLines;
  if (is_listed) return {};
  return Fail(code, "known_words is not up to 32 lines of words of the letters a to z",
              "known_words");
}

Status CheckTexts(const Model& model) {
  if (model.known_words) {
    Status status = CheckKnownWords(*model.known_words, ErrorCode::kInvalidArgument);
    if (!status) return status;
  }
  const auto bad = [](const std::string& field, const std::string& what) {
    return Fail(ErrorCode::kInvalidArgument, field + " " + what, field);
  };
  std::vector<std::pair<std::string, const std::string*>> texts = {
      {"encoder_sha256", &model.encoder_sha256},
      {"vocabulary_sha256", &model.vocabulary_sha256},
      {"token_table_sha256", &model.token_table_sha256},
      {"provenance.created_by", &model.provenance.created_by},
      {"provenance.training_data_sha256", &model.provenance.training_data_sha256}};
  for (std::size_t i = 0; i < model.categories.size(); ++i) {
    const std::string place = "categories[" + std::to_string(i) + "]";
    texts.emplace_back(place + ".id", &model.categories[i].id);
    texts.emplace_back(place + ".name", &model.categories[i].name);
  }
  for (std::size_t i = 0; i < model.self_test.size(); ++i) {
    const std::string place = "self_test[" + std::to_string(i) + "]";
    texts.emplace_back(place + ".title", &model.self_test[i].title);
    texts.emplace_back(place + ".description", &model.self_test[i].description);
  }
  for (const auto& [field, text] : texts) {
    if (RepairUtf8(*text) != *text) return bad(field, "is not well-formed UTF-8");
  }
  const auto metrics = ReadJson(model.provenance.metrics_json, kMaxMetadataNesting - 1);
  if (!metrics) return bad("provenance.metrics_json", metrics.error());
  if (!metrics->is_object()) return bad("provenance.metrics_json", "is not a JSON object");
  return {};
}

}  // namespace smartsynch
