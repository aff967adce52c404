#include "smartsynch/engine/classifier.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "smartsynch/decide/category_centres.h"
#include "smartsynch/decide/combined_logits.h"
#include "smartsynch/model/token_table_file.h"
#include "smartsynch/text/lexical_features.h"
#include "smartsynch/text/normalizer.h"
#include "smartsynch/text/task_text.h"

namespace smartsynch {

namespace {

// Of the cleaned words; reads no further than needed.
bool IsShorterThan(std::string_view text, std::size_t bytes) {
  WordReader reader(text, bytes);
  std::size_t size = 0;
  while (size < bytes && reader.Next()) size += reader.word().size();
  return size < bytes;
}

Status CheckTokenTable(const Model& model, const std::optional<TokenTable>& table) {
  if (table) {
    Status status = CheckVocabulary(*table, model.vocabulary_sha256);
    if (!status) return status;
  }
  if (model.token_dense.input == 0) return {};
  if (!table || table->sha256 != model.token_table_sha256) {
    return Fail(ErrorCode::kIncompatible,
                "the model was trained with the token table with SHA-256 " +
                    model.token_table_sha256 + ", " +
                    (table ? "the one given has " + table->sha256 : "none was given"),
                "token_table");
  }
  if (table->dimension != model.token_dense.input) {
    return Fail(ErrorCode::kIncompatible,
                "the token table's rows have " + std::to_string(table->dimension) +
                    " values, the model expects " + std::to_string(model.token_dense.input),
                "token_table");
  }
  return {};
}

}  // namespace

const char* TierName(Tier tier) { return tier == Tier::kInstant ? "instant" : "full"; }

std::string ToJson(const Prediction& prediction) {
  using nlohmann::ordered_json;
  const bool automatic = prediction.decision == DecisionKind::kAuto;
  ordered_json suggestions = ordered_json::array();
  for (const Suggestion& s : prediction.suggestions) {
    suggestions.push_back(
        {{"category", s.category}, {"categoryId", s.category_id}, {"confidence", s.confidence}});
  }
  const ordered_json object = {
      {"decision", DecisionKindName(prediction.decision)},
      {"category", automatic ? ordered_json(prediction.category) : ordered_json(nullptr)},
      {"categoryId", automatic ? ordered_json(prediction.category_id) : ordered_json(nullptr)},
      {"confidence", prediction.confidence},
      {"novelty", prediction.novelty},
      {"suggestions", suggestions},
      {"tier", TierName(prediction.tier)},
      {"modelVersion", prediction.model_version},
      {"truncated", prediction.truncated}};
  return object.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

Result<Classifier> Classifier::Create(Model model, WordPiece tokenizer,
                                      std::optional<TokenTable> token_table) {
  if (model.vocabulary_sha256 != tokenizer.vocabulary_sha256()) {
    return Fail(ErrorCode::kIncompatible,
                "the model was made for the vocabulary with SHA-256 " + model.vocabulary_sha256 +
                    ", the vocabulary given has " + tokenizer.vocabulary_sha256(),
                "vocabulary");
  }
  if (Status status = CheckTokenTable(model, token_table); !status) {
    return tl::unexpected(status.error());
  }
  if (model.token_dense.input == 0) token_table.reset();
  return Classifier(std::move(model), std::move(tokenizer), std::move(token_table));
}

Classifier::Classifier(Model model, WordPiece tokenizer, std::optional<TokenTable> token_table)
    : model_(std::move(model)),
      tokenizer_(std::move(tokenizer)),
      token_table_(std::move(token_table)) {
  if (model_.known_words) spelling_.emplace(tokenizer_, *model_.known_words);
}

PreparedTask Classifier::Prepare(std::string_view title, std::string_view description,
                                 SpellingMemo* memo) const {
  std::string text = JoinTaskText(title, description);
  if (spelling_) text = spelling_->Correct(std::move(text), memo);
  PreparedTask task;
  task.encoding = tokenizer_.Encode(text);
  task.needs_encoder = task.encoding.has_known_token;
  if (task.needs_encoder) {
    task.lexical_features = LexicalFeatures(text, model_.lexical.bucket_bits);
    if (token_table_) {
      task.token_embedding.resize(token_table_->dimension);
      token_table_->Embed(task.encoding.ids, task.token_embedding.data());
    }
    task.is_too_short_for_new = IsShorterThan(text, kFewestBytesForNew);
  }
  return task;
}

Classifier::TextLogits Classifier::LogitsOfText(const PreparedTask& task) const {
  TextLogits logits = {std::vector<float>(model_.lexical.outputs),
                       std::vector<float>(model_.token_dense.outputs)};
  model_.lexical.Forward(task.lexical_features, logits.lexical.data());
  if (task.token_embedding.size() == model_.token_dense.input) {
    model_.token_dense.Forward(task.token_embedding.data(), 1, logits.token.data());
  }
  return logits;
}

Scores Classifier::Combine(const PreparedTask& task, Tier tier,
                           std::span<const float> dense_logits) const {
  const TextLogits text = LogitsOfText(task);
  const TierSettings& settings = tier == Tier::kInstant ? model_.instant : model_.full;
  return Calibrate({dense_logits, text.lexical, text.token}, settings.calibration);
}

std::vector<float> Classifier::InstantLogits(const PreparedTask& task) const {
  const TextLogits text = LogitsOfText(task);
  return CombineLogits({{}, text.lexical, text.token}, model_.instant.calibration);
}

Result<std::vector<float>> Classifier::Logits(const PreparedTask& task,
                                              std::span<const float> embedding) const {
  const Result<std::vector<float>> dense = DenseLogits(embedding);
  if (!dense) return tl::unexpected(dense.error());
  const TextLogits text = LogitsOfText(task);
  return CombineLogits({*dense, text.lexical, text.token}, model_.full.calibration);
}

Prediction MakePrediction(const PreparedTask& task, Tier tier, const Scores& scores,
                          std::span<const Category> categories,
                          const DecisionThresholds& thresholds, const std::string& model_version) {
  Prediction prediction;
  prediction.tier = tier;
  prediction.model_version = model_version;
  prediction.truncated = task.encoding.truncated;
  if (!task.needs_encoder) return prediction;
  Decision decision = Decide(scores.probabilities, scores.novelty, thresholds);
  if (task.is_too_short_for_new && decision.kind == DecisionKind::kNew) {
    decision.kind = DecisionKind::kSuggest;
  }
  prediction.decision = decision.kind;
  prediction.novelty = scores.novelty;
  for (const RankedCategory& ranked : decision.ranking) {
    const Category& category = categories[ranked.category];
    prediction.suggestions.push_back({category.id, category.name, ranked.confidence});
  }
  if (!prediction.suggestions.empty()) {
    prediction.confidence = prediction.suggestions.front().confidence;
  }
  if (decision.kind == DecisionKind::kAuto) {
    prediction.category = prediction.suggestions.front().category;
    prediction.category_id = prediction.suggestions.front().category_id;
  }
  return prediction;
}

Scores Classifier::ScoreInstant(const PreparedTask& task) const {
  return Combine(task, Tier::kInstant, {});
}

Prediction Classifier::ClassifyInstant(const PreparedTask& task) const {
  const Scores scores = task.needs_encoder ? ScoreInstant(task) : Scores{};
  return MakePrediction(task, Tier::kInstant, scores, model_.categories, model_.instant.thresholds,
                        model_.version);
}

Result<Prediction> Classifier::Classify(const PreparedTask& task,
                                        std::span<const float> embedding) const {
  const Result<Scores> scores = task.needs_encoder ? Score(task, embedding) : Scores{};
  if (!scores) return tl::unexpected(scores.error());
  return MakePrediction(task, Tier::kFull, *scores, model_.categories, model_.full.thresholds,
                        model_.version);
}

Result<Scores> Classifier::Score(const PreparedTask& task, std::span<const float> embedding) const {
  const Result<std::vector<float>> logits = DenseLogits(embedding);
  if (!logits) return tl::unexpected(logits.error());
  Scores scores = Combine(task, Tier::kFull, *logits);
  ApplyCentres(model_.centres, embedding, scores);
  return scores;
}

Result<std::vector<float>> Classifier::DenseLogits(std::span<const float> embedding) const {
  if (embedding.size() != model_.dense.input) {
    return Fail(ErrorCode::kInvalidArgument,
                "embedding has " + std::to_string(embedding.size()) + " values, expected " +
                    std::to_string(model_.dense.input),
                "embedding");
  }
  for (std::size_t i = 0; i < embedding.size(); ++i) {
    if (!std::isfinite(embedding[i])) {
      return Fail(ErrorCode::kInvalidArgument,
                  "embedding value " + std::to_string(i) + " is not finite",
                  "embedding[" + std::to_string(i) + "]");
    }
  }
  std::vector<float> logits(model_.dense.outputs);
  model_.dense.Forward(embedding.data(), 1, logits.data());
  for (const float logit : logits) {
    if (!std::isfinite(logit)) {
      return Fail(ErrorCode::kInvalidArgument,
                  "embedding gives a logit that is not finite, expected a vector of length one",
                  "embedding");
    }
  }
  return logits;
}

}  // namespace smartsynch
