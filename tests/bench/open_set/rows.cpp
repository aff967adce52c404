// What a model makes of every row of a data set, for report.py to compute open-set scores from.
//
//   smartsynch_open_set_rows MODEL OUT FILE[#MEMBER]...
//
// Writes float32 values to OUT, a row a sample: the encoder's embedding, the token table's, the
// full tier's combined logits and the instant tier's (decide/combined_logits.h). Prints one JSON
// object: the widths of those four, the categories, and per file the labels in the order of rows.
#include <cstring>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/data_input.h"
#include "cli/embed.h"
#include "cli/engine.h"
#include "cli/file.h"

namespace smartsynch::bench {
namespace {

using nlohmann::ordered_json;

void Append(std::span<const float> values, std::string& bytes) {
  const std::size_t start = bytes.size();
  bytes.resize(start + values.size() * sizeof(float));
  if (!values.empty()) {
    std::memcpy(bytes.data() + start, values.data(), values.size() * sizeof(float));
  }
}

Result<std::vector<Sample>> Read(const std::string& source) {
  const std::size_t hash = source.find('#');
  DatasetOptions options;
  options.require_category = false;
  if (hash != std::string::npos) options.array = source.substr(hash + 1);
  const Result<DataFile> file = LoadDataFile(source.substr(0, hash), options, false);
  if (!file) return tl::unexpected(file.error());
  return file->samples;
}

Status AppendRows(const Classifier& classifier, Encoder& encoder,
                  const std::vector<Sample>& samples, std::string& bytes) {
  std::vector<PreparedTask> tasks;
  std::vector<Encoding> encodings;
  for (const Sample& sample : samples) {
    tasks.push_back(classifier.Prepare(sample.title, sample.description));
    encodings.push_back(tasks.back().encoding);
  }
  const Result<std::vector<float>> embedded = EmbedAll(encoder, encodings);
  if (!embedded) return tl::unexpected(embedded.error());
  const std::size_t width = encoder.dimension();
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    const auto embedding = std::span<const float>(*embedded).subspan(i * width, width);
    const Result<std::vector<float>> logits = classifier.Logits(tasks[i], embedding);
    if (!logits) return tl::unexpected(logits.error());
    Append(embedding, bytes);
    Append(tasks[i].token_embedding, bytes);
    Append(*logits, bytes);
    Append(classifier.InstantLogits(tasks[i]), bytes);
  }
  return {};
}

Status Run(const std::string& model, const std::string& out,
           const std::vector<std::string>& sources) {
  EngineOptions options;
  options.model = model;
  options.tier = Tier::kInstant;  // the encoder is run here, in batches
  const Result<Engine> engine = Engine::Load(options);
  if (!engine) return tl::unexpected(engine.error());
  const Result<std::unique_ptr<OrtEncoder>> encoder = LoadEncoder(options);
  if (!encoder) return tl::unexpected(encoder.error());
  const Model& heads = engine->classifier().model();
  ordered_json categories = ordered_json::array();
  for (const Category& category : heads.categories) categories.push_back(category.name);
  ordered_json files = ordered_json::array();
  std::string bytes;
  for (const std::string& source : sources) {
    const Result<std::vector<Sample>> samples = Read(source);
    if (!samples) return tl::unexpected(samples.error());
    Status status = AppendRows(engine->classifier(), **encoder, *samples, bytes);
    if (!status) return status;
    ordered_json labels = ordered_json::array();
    ordered_json splits = ordered_json::array();
    ordered_json languages = ordered_json::array();
    for (const Sample& sample : *samples) {
      labels.push_back(sample.category);
      splits.push_back(sample.split);
      languages.push_back(sample.language);
    }
    files.push_back({{"labels", labels}, {"splits", splits}, {"languages", languages}});
  }
  std::cout << ordered_json({{"embedding", heads.dense.input},
                             {"token", heads.token_dense.input},
                             {"outputs", heads.dense.outputs},
                             {"has_open_set", heads.full.calibration.has_open_set},
                             {"categories", categories},
                             {"files", files}})
            << "\n";
  return WriteFileAtomically(out, bytes);
}

}  // namespace
}  // namespace smartsynch::bench

int main(int argc, char** argv) {
  if (argc < 4) {
    std::cerr << "usage: smartsynch_open_set_rows MODEL OUT FILE[#MEMBER]...\n";
    return 2;
  }
  const smartsynch::Status status =
      smartsynch::bench::Run(argv[1], argv[2], {argv + 3, argv + argc});
  if (!status) std::cerr << "open_set_rows: " << status.error().message << "\n";
  return status ? 0 : 1;
}
