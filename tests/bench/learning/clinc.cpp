#include "bench/learning/clinc.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/embed.h"
#include "cli/file.h"
#include "cli/progress.h"
#include "smartsynch/base/hash.h"

namespace smartsynch::bench {
namespace {

constexpr std::size_t kTrainRows = 20;

std::vector<Row> ReadSplit(const nlohmann::json& document, const char* name,
                           std::vector<std::string>& intents, std::size_t most) {
  std::map<std::string, std::size_t> counts;
  std::vector<Row> rows;
  for (const auto& entry : document[name]) {
    const auto intent = entry[1].get<std::string>();
    if (++counts[intent] > most) continue;
    auto found = std::find(intents.begin(), intents.end(), intent);
    if (found == intents.end()) found = intents.insert(intents.end(), intent);
    rows.push_back({entry[0].get<std::string>(), static_cast<int>(found - intents.begin()), {}});
  }
  return rows;
}

Status Embed(std::vector<Row*> rows, const EngineOptions& options) {
  Result<WordPiece> tokenizer = LoadVocabulary(options.vocabulary);
  if (!tokenizer) return tl::unexpected(tokenizer.error());
  Result<std::unique_ptr<OrtEncoder>> encoder = LoadEncoder(options);
  if (!encoder) return tl::unexpected(encoder.error());
  const std::size_t dimension = (*encoder)->dimension();
  std::string texts;
  for (const Row* row : rows) texts += row->title + "\n";
  const std::string path =
      (std::filesystem::temp_directory_path() /
       ("smartsynch_clinc_" + Sha256Hex((*encoder)->sha256() + texts).substr(0, 16) + ".f32"))
          .string();
  std::vector<float> values(rows.size() * dimension);
  const Result<std::string> kept = ReadFile(path);
  if (kept && kept->size() == values.size() * sizeof(float)) {
    std::memcpy(values.data(), kept->data(), kept->size());
  } else {
    std::vector<Encoding> encodings;
    for (const Row* row : rows) encodings.push_back(tokenizer->Encode(row->title));
    ProgressBar bar("embedding");
    Result<std::vector<float>> embedded = EmbedAll(**encoder, encodings, bar.Callback());
    if (!embedded) return tl::unexpected(embedded.error());
    values = std::move(*embedded);
    std::string bytes(values.size() * sizeof(float), '\0');
    std::memcpy(bytes.data(), values.data(), bytes.size());
    if (Status status = WriteFileAtomically(path, bytes); !status) return status;
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const float* start = values.data() + i * dimension;
    rows[i]->embedding.assign(start, start + dimension);
  }
  return {};
}

}  // namespace

Result<Clinc> LoadClinc(const std::string& folder, const EngineOptions& options) {
  const Result<std::string> text = ReadFile(folder + "/clinc150_data_full.json");
  if (!text) return tl::unexpected(text.error());
  const nlohmann::json document = nlohmann::json::parse(*text, nullptr, false);
  if (!document.is_object() || !document.contains("test")) {
    return Fail(ErrorCode::kInvalidData, "clinc150_data_full.json is not CLINC150");
  }
  Clinc clinc;
  clinc.train = ReadSplit(document, "train", clinc.intents, kTrainRows);
  clinc.validation = ReadSplit(document, "val", clinc.intents, kTrainRows);
  clinc.test = ReadSplit(document, "test", clinc.intents, 30);
  std::vector<Row*> rows;
  for (std::vector<Row>* split : {&clinc.train, &clinc.validation, &clinc.test}) {
    for (Row& row : *split) rows.push_back(&row);
  }
  if (Status status = Embed(rows, options); !status) return tl::unexpected(status.error());
  return clinc;
}

}  // namespace smartsynch::bench
