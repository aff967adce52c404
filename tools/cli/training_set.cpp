#include "cli/training_set.h"

#include <map>
#include <utility>

#include "cli/data_input.h"
#include "cli/embed.h"
#include "smartsynch/base/hash.h"
#include "smartsynch/learn/train_model.h"
#include "smartsynch/model/model_file.h"
#include "smartsynch/text/known_words.h"
#include "smartsynch/text/lexical_features.h"
#include "smartsynch/text/task_text.h"

namespace smartsynch {
namespace {

void AddSelfTest(Model& model, const TrainingSet& set) {
  constexpr std::size_t kMost = 8;
  std::map<int, bool> is_covered;
  for (std::size_t i = 0; i < set.samples.size() && model.self_test.size() < kMost; ++i) {
    bool& covered = is_covered[set.data.labels[i]];
    if (covered) continue;
    covered = true;
    const float* embedding = set.data.embeddings.data() + i * set.data.dimension;
    const float* token = set.data.token_embeddings.data() + i * set.data.token_dimension;
    model.self_test.push_back(
        MakeSelfTestSample(model, set.samples[i].title, set.samples[i].description,
                           std::vector<float>(embedding, embedding + set.data.dimension),
                           std::vector<float>(token, token + set.data.token_dimension)));
  }
}

// A number for each combination of language and style; none at all while there is only one.
std::vector<int> MannersOf(const std::vector<Sample>& samples) {
  std::map<std::pair<std::string, std::string>, int> numbers;
  std::vector<int> groups;
  groups.reserve(samples.size());
  for (const Sample& sample : samples) {
    const auto number = static_cast<int>(numbers.size());
    groups.push_back(numbers.try_emplace({sample.language, sample.style}, number).first->second);
  }
  if (numbers.size() < 2) groups.clear();
  return groups;
}

}  // namespace

Result<TrainingSet> LoadTrainingSet(const std::string& path,
                                    const std::vector<std::string>& open_set_paths,
                                    const std::string& array, bool strict) {
  DatasetOptions reading;
  reading.array = array;
  Result<DataFile> file = LoadDataFile(path, reading, strict);
  if (!file) return tl::unexpected(file.error());
  reading.require_category = false;
  Result<DataFile> open_set = LoadDataFiles(open_set_paths, reading, strict);
  if (!open_set) return tl::unexpected(open_set.error());

  if (file->samples.size() < 2) {
    return Fail(ErrorCode::kInvalidData,
                path + " has one sample, expected at least two, for one is always held out", path);
  }
  TrainingSet set;
  set.malformed = file->malformed + open_set->malformed;
  set.samples = std::move(file->samples);
  set.categorised = set.samples.size();
  std::map<std::string, int> label_of;
  // In the order of their first samples, which is the order people see.
  for (const Sample& sample : set.samples) {
    const std::string& name = sample.category;
    if (!label_of.try_emplace(name, static_cast<int>(label_of.size())).second) continue;
    set.categories.push_back({MakeCategoryId(name, set.categories), name});
  }
  for (Sample& sample : open_set->samples) {
    sample.category.clear();
    set.samples.push_back(std::move(sample));
  }
  std::string canonical;
  for (std::size_t i = 0; i < set.samples.size(); ++i) {
    Sample sample = set.samples[i];
    sample.style.clear();  // groups figures, teaches nothing
    if (sample.split == kCalibrationSplit) set.data.calibration_rows.push_back(i);
    canonical += SampleToJsonLine(sample);
    set.data.labels.push_back(i < set.categorised ? label_of[sample.category] : kOpenSetLabel);
    set.data.weights.push_back(sample.weight);
  }
  set.data.groups = MannersOf(set.samples);
  set.data.categories = set.categories.size();
  set.sha256 = Sha256Hex(canonical);
  return set;
}

Status EmbedTrainingSet(Encoder& encoder, const WordPiece& tokenizer,
                        const std::optional<TokenTable>& token_table, std::size_t bucket_bits,
                        TrainingSet& set, const ProgressCallback& progress) {
  std::vector<Encoding> encodings;
  for (const Sample& sample : set.samples) {
    const std::string& text =
        set.texts.emplace_back(JoinTaskText(sample.title, sample.description));
    encodings.push_back(tokenizer.Encode(text));
    set.data.lexical_features.push_back(LexicalFeatures(text, bucket_bits));
  }
  if (token_table) {
    const std::size_t width = token_table->dimension;
    set.token_table_sha256 = token_table->sha256;
    set.data.token_dimension = width;
    set.data.token_embeddings.resize(encodings.size() * width);
    for (std::size_t i = 0; i < encodings.size(); ++i) {
      token_table->Embed(encodings[i].ids, set.data.token_embeddings.data() + i * width);
    }
  }
  Result<std::vector<float>> embeddings = EmbedAll(encoder, encodings, progress);
  if (!embeddings) return tl::unexpected(embeddings.error());
  set.data.dimension = encoder.dimension();
  set.data.embeddings = std::move(*embeddings);
  return {};
}

Result<std::string> FinishModel(Model& model, const TrainingSet& set, const Encoder& encoder,
                                const WordPiece& tokenizer, std::uint64_t seed,
                                const std::string& metrics_json) {
  model.encoder_sha256 = encoder.sha256();
  model.vocabulary_sha256 = tokenizer.vocabulary_sha256();
  model.token_table_sha256 = set.token_table_sha256;
  model.known_words = KnownWords(set.texts, tokenizer);
  AddSelfTest(model, set);
  model.provenance.created_by = "smartsynch " SMARTSYNCH_VERSION;
  model.provenance.seed = seed;
  model.provenance.training_data_sha256 = set.sha256;
  model.provenance.training_samples = set.categorised;
  model.provenance.open_set_samples = set.samples.size() - set.categorised;
  model.provenance.metrics_json = metrics_json;
  return SerializeModel(model);
}

}  // namespace smartsynch
