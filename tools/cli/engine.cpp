#include "cli/engine.h"

#include <utility>

#include "cli/embed.h"
#include "cli/file.h"
#include "cli/locations.h"
#include "smartsynch/model/model_file.h"
#include "smartsynch/model/token_table_file.h"

namespace smartsynch {
namespace {

Result<std::string> PathOr(const std::string& path, Result<std::string> (*standard)()) {
  return path.empty() ? standard() : Result<std::string>(path);
}

Result<Model> LoadModel(const std::string& path) {
  const Result<std::string> bytes = ReadFile(path);
  if (!bytes) return tl::unexpected(bytes.error());
  Result<Model> model = ParseModel(*bytes);
  if (!model) return InFile(path, model.error());
  return model;
}

}  // namespace

Result<WordPiece> LoadVocabulary(const std::string& path) {
  const Result<std::string> found = PathOr(path, DefaultVocabularyPath);
  if (!found) return tl::unexpected(found.error());
  const Result<std::string> bytes = ReadFile(*found, WordPiece::kMaxVocabularyBytes);
  if (!bytes) return tl::unexpected(bytes.error());
  Result<WordPiece> tokenizer = WordPiece::FromVocabulary(*bytes);
  if (!tokenizer) return InFile(*found, tokenizer.error());
  return tokenizer;
}

Result<std::optional<TokenTable>> LoadTokenTable(const std::string& path,
                                                 const WordPiece& tokenizer) {
  if (path == "none") return std::nullopt;
  const Result<std::string> found = PathOr(path, DefaultTokenTablePath);
  if (!found) return tl::unexpected(found.error());
  const Result<std::string> bytes = ReadFile(*found);
  if (!bytes) return tl::unexpected(bytes.error());
  Result<TokenTable> table = ParseTokenTable(*bytes);
  if (!table) return InFile(*found, table.error());
  const Status status = CheckVocabulary(*table, tokenizer.vocabulary_sha256());
  if (!status) return InFile(*found, status.error());
  return std::optional<TokenTable>(std::move(*table));
}

Result<std::unique_ptr<OrtEncoder>> LoadEncoder(const EngineOptions& options) {
  const Result<std::string> path = PathOr(options.encoder, DefaultEncoderPath);
  if (!path) return tl::unexpected(path.error());
  return OrtEncoder::Load(*path, {options.threads});
}

Engine::Engine(Classifier classifier, std::unique_ptr<OrtEncoder> encoder, Tier tier)
    : classifier_(std::move(classifier)), encoder_(std::move(encoder)), tier_(tier) {}

Result<Engine> Engine::Load(const EngineOptions& options) {
  const Result<std::string> path = PathOr(options.model, DefaultModelPath);
  if (!path) return tl::unexpected(path.error());
  Result<Model> model = LoadModel(*path);
  if (!model) return tl::unexpected(model.error());
  Result<WordPiece> tokenizer = LoadVocabulary(options.vocabulary);
  if (!tokenizer) return tl::unexpected(tokenizer.error());
  std::optional<TokenTable> token_table;
  if (model->token_dense.input > 0) {
    Result<std::optional<TokenTable>> loaded = LoadTokenTable(options.token_table, *tokenizer);
    if (!loaded) return tl::unexpected(loaded.error());
    token_table = std::move(*loaded);
  }
  std::unique_ptr<OrtEncoder> encoder;
  if (options.tier == Tier::kFull) {
    Result<std::unique_ptr<OrtEncoder>> loaded = LoadEncoder(options);
    if (!loaded) return tl::unexpected(loaded.error());
    encoder = std::move(*loaded);
  }
  Result<Engine> engine = FromParts(std::move(*model), std::move(*tokenizer),
                                    std::move(token_table), std::move(encoder), options.tier);
  if (!engine) return InFile(*path, engine.error());
  return engine;
}

Result<Engine> Engine::FromParts(Model model, WordPiece tokenizer,
                                 std::optional<TokenTable> token_table,
                                 std::unique_ptr<OrtEncoder> encoder, Tier tier) {
  if (encoder && encoder->sha256() != model.encoder_sha256) {
    return Fail(ErrorCode::kIncompatible,
                "the model was trained for the encoder with SHA-256 " + model.encoder_sha256 +
                    ", the encoder given has " + encoder->sha256(),
                "--encoder");
  }
  if (!encoder && tier == Tier::kFull) {
    return Fail(ErrorCode::kInvalidArgument, "the full tier needs an encoder", "--encoder");
  }
  Result<Classifier> classifier =
      Classifier::Create(std::move(model), std::move(tokenizer), std::move(token_table));
  if (!classifier) return tl::unexpected(classifier.error());
  return Engine(std::move(*classifier), std::move(encoder), tier);
}

Result<std::vector<Prediction>> Engine::Predict(std::span<const Task> tasks,
                                                const ProgressCallback& progress) const {
  std::vector<PreparedTask> prepared;
  prepared.reserve(tasks.size());
  for (const Task& task : tasks) {
    prepared.push_back(classifier_.Prepare(task.title, task.description));
  }
  std::vector<Prediction> predictions;
  predictions.reserve(tasks.size());
  if (tier_ == Tier::kInstant) {
    for (const PreparedTask& task : prepared) {
      predictions.push_back(classifier_.ClassifyInstant(task));
    }
    return predictions;
  }
  std::vector<Encoding> encodings;
  encodings.reserve(tasks.size());
  for (PreparedTask& task : prepared) encodings.push_back(task.encoding);
  const Result<std::vector<float>> embeddings = EmbedAll(*encoder_, encodings, progress);
  if (!embeddings) return tl::unexpected(embeddings.error());
  const std::size_t dimension = encoder_->dimension();
  for (std::size_t i = 0; i < prepared.size(); ++i) {
    Result<Prediction> prediction = classifier_.Classify(
        prepared[i], std::span<const float>(*embeddings).subspan(i * dimension, dimension));
    if (!prediction) return tl::unexpected(prediction.error());
    predictions.push_back(std::move(*prediction));
  }
  return predictions;
}

}  // namespace smartsynch
