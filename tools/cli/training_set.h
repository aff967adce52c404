// The way from data files to what the trainer takes, and from a trained model to a model file.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "smartsynch/base/progress.h"
#include "smartsynch/base/status.h"
#include "smartsynch/decide/category.h"
#include "smartsynch/engine/encoder.h"
#include "smartsynch/learn/dataset.h"
#include "smartsynch/learn/training_data.h"
#include "smartsynch/model/model.h"
#include "smartsynch/nn/token_table.h"

namespace smartsynch {

// The split of rows whose labels, and texts, neither encoder nor token table was trained on.
inline constexpr std::string_view kCalibrationSplit = "calibration";

// Samples of the categories first, then the open-set ones, whose category is empty; row i of `data`
// belongs to samples[i].
struct TrainingSet {
  std::vector<Sample> samples;
  std::size_t categorised = 0;       // how many have a category
  std::vector<Category> categories;  // in the order of their first samples
  TrainingData data;                 // embeddings and features are filled in by EmbedTrainingSet()
  std::vector<std::string> texts;    // likewise: what was embedded, title and description in one
  std::string token_table_sha256;    // likewise; empty without a token table
  std::string sha256;                // of all samples in one canonical form, whatever the format
  std::size_t malformed = 0;         // rows skipped
};

// Fails as LoadDataFile() does.
Result<TrainingSet> LoadTrainingSet(const std::string& path,
                                    const std::vector<std::string>& open_set_paths,
                                    const std::string& array, bool strict);

Status EmbedTrainingSet(Encoder& encoder, const WordPiece& tokenizer,
                        const std::optional<TokenTable>& token_table, std::size_t bucket_bits,
                        TrainingSet& set, const ProgressCallback& progress);

// Fills in what the trainer left open: encoder, vocabulary, token table, origin, self-test (the
// first sample of up to eight labels), and gives the model file's bytes.
Result<std::string> FinishModel(Model& model, const TrainingSet& set, const Encoder& encoder,
                                const WordPiece& tokenizer, std::uint64_t seed,
                                const std::string& metrics_json);

}  // namespace smartsynch
