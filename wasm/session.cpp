#include "session.h"

#include <utility>

#include "marshal.h"
#include "smartsynch/nn/pooling.h"

namespace smartsynch::wasm {
namespace {

using emscripten::val;

std::vector<float> Pool(const float* hidden, std::size_t tokens, std::size_t dimension) {
  std::vector<float> embedding(dimension);
  MeanPoolNormalize(hidden, tokens, dimension, embedding.data());
  return embedding;
}

}  // namespace

val Session::Load(const val& model, const val& vocabulary, const val& token_table) {
  parts_ = {};
  for (const val& step :
       {TakeModel(model, ""), TakeVocabulary(vocabulary), TakeTokenTable(token_table)}) {
    if (!step["ok"].as<bool>()) return step;
  }
  return Start();
}

val Session::TakeModel(const val& model, const std::string& sha256) {
  const Result<std::string> bytes = ToBytes(model, "model");
  if (!bytes) return Failure(bytes.error());
  Result<Model> parsed = ParseModel(*bytes, sha256);
  if (!parsed) return Failure(parsed.error());
  parts_.model = std::move(*parsed);
  return Success(val::null());
}

val Session::TakeVocabulary(const val& vocabulary) {
  const Result<std::string> bytes = ToBytes(vocabulary, "vocabulary");
  if (!bytes) return Failure(bytes.error());
  Result<WordPiece> tokenizer = WordPiece::FromVocabulary(*bytes);
  if (!tokenizer) return Failure(tokenizer.error());
  parts_.tokenizer = std::move(*tokenizer);
  return Success(val::null());
}

val Session::TakeTokenTable(const val& token_table) {
  parts_.table.reset();
  const Result<std::string> bytes = ToBytes(token_table, "tokenTable");
  if (!bytes) return Failure(bytes.error());
  if (bytes->empty()) return Success(val::null());
  Result<TokenTable> read = ParseTokenTable(
      *bytes, parts_.model ? std::string_view(parts_.model->token_table_sha256) : "");
  if (!read) return Failure(read.error());
  parts_.table = std::move(*read);
  return Success(val::null());
}

val Session::Start() {
  LoadedParts parts = std::exchange(parts_, {});
  if (!parts.model || !parts.tokenizer) {
    return Failure({ErrorCode::kUnavailable,
                    "start() needs a model and a vocabulary: call takeModel() and takeVocabulary()",
                    parts.model ? "vocabulary" : "model"});
  }
  Result<Classifier> classifier = Classifier::Create(
      std::move(*parts.model), std::move(*parts.tokenizer), std::move(parts.table));
  if (!classifier) return Failure(classifier.error());
  personal_.emplace(std::move(*classifier));
  prepared_.reset();
  spelling_memo_ = {};
  cache_.Clear();
  texts_.Clear();
  arm_ = Arm::kChampion;
  return ModelInfo();
}

val Session::Prepare(const std::string& title, const std::string& description) {
  return personal_ ? Success(ToObject(KeepPrepared(title, description))) : NotLoaded();
}

const PreparedTask& Session::KeepPrepared(const std::string& title,
                                          const std::string& description) {
  prepared_ = {{title, description, {}}, PrepareTyped(title, description)};
  return prepared_->task.prepared;
}

PersonalTask Session::PrepareTyped(const std::string& title, const std::string& description) {
  return personal_->Prepare(title, description, {}, &spelling_memo_);
}

PersonalTask Session::TakePrepared(const std::string& title, const std::string& description) {
  std::optional<Preparation> kept = std::exchange(prepared_, std::nullopt);
  const bool is_same = kept && kept->text.title == title && kept->text.description == description;
  PersonalTask task = is_same ? std::move(kept->task) : PrepareTyped(title, description);
  task.arm = arm_;
  return task;
}

val Session::ClassifyInstant(const std::string& title, const std::string& description) {
  if (!personal_) return NotLoaded();
  PersonalTask task = PrepareTyped(title, description);
  task.arm = arm_;
  return Success(Answer(personal_->ClassifyInstant(task), task.arm));
}

val Session::InstantEmbedding(const std::string& title, const std::string& description) const {
  if (!personal_) return NotLoaded();
  std::vector<float> embedding = personal_->base().Prepare(title, description).token_embedding;
  embedding.resize(personal_->base().model().token_dense.input, 0.0F);
  return Success(ToFloat32Array(embedding));
}

val Session::CachedOrPrepared(const std::string& title, const std::string& description) {
  if (!personal_) return NotLoaded();
  const Prediction* known = arm_ == Arm::kChallenger
                                ? nullptr
                                : cache_.Find(Tier::kFull, PredictionCacheKey(title, description));
  val answer = known == nullptr ? ToObject(KeepPrepared(title, description)) : val::object();
  answer.set("known", known == nullptr ? val::null() : Answer(*known, arm_));
  return Success(answer);
}

val Session::SetCacheBytes(double bytes) {
  constexpr double kMost = 4294967295.0;  // of a 32-bit memory
  if (!(bytes >= 0.0 && bytes <= kMost)) {
    return Failure({ErrorCode::kInvalidArgument,
                    "the cache's bound must be a number of bytes, 0 to 4294967295", "cacheBytes"});
  }
  cache_.SetCapacity(static_cast<std::size_t>(bytes));
  return CacheStatistics();
}

val Session::CacheStatistics() const { return Success(ToObject(cache_.statistics())); }

PersonalClassifier& Session::Change() {
  prepared_.reset();
  cache_.Clear();
  texts_.Clear();
  return *personal_;
}

val Session::Answer(const Prediction& prediction, Arm arm) {
  val object = ToObject(prediction, texts_);
  if (personal_->experiment()) {
    val experiment = val::object();
    experiment.set("id", personal_->experiment()->id);
    experiment.set("arm", std::string(ArmName(arm)));
    object.set("experiment", experiment);
  }
  return object;
}

void Session::Remember(const TaskStrings& task, const Prediction& prediction, Arm arm) {
  if (arm == Arm::kChallenger) return;
  // The cache takes predictions of its own version only, and the personal one changes as one types.
  if (cache_.model_version() != personal_->version()) cache_.SetModelVersion(personal_->version());
  cache_.Insert(Tier::kFull, PredictionCacheKey(task.title, task.description), prediction);
}

val Session::ClassifyHidden(const std::string& title, const std::string& description,
                            const val& hidden, std::size_t tokens) {
  if (!personal_) return NotLoaded();
  const PersonalTask task = TakePrepared(title, description);
  if (task.prepared.needs_encoder && tokens != task.prepared.encoding.ids.size()) {
    return Failure({ErrorCode::kInvalidArgument,
                    "hidden states of " + std::to_string(tokens) + " tokens, but the task has " +
                        std::to_string(task.prepared.encoding.ids.size()),
                    "tokens"});
  }
  const Result<std::vector<float>> embedding = Pooled(hidden, tokens);
  if (!embedding) return Failure(embedding.error());
  const Result<Prediction> prediction = personal_->Classify(task, *embedding);
  if (!prediction) return Failure(prediction.error());
  Remember({title, description, {}}, *prediction, task.arm);
  return Success(Answer(*prediction, task.arm));
}

val Session::ClassifyHiddenBatch(const val& tasks, const val& hidden, std::size_t sequence) {
  if (!personal_) return NotLoaded();
  const std::vector<TaskStrings> batch = ToTasks(tasks);
  const std::size_t dimension = personal_->base().model().dense.input;
  const std::vector<float> values = ToFloats(hidden);
  const Status fits = CheckShape(values.size(), "[tasks, sequence, dimension]",
                                 {batch.size(), sequence, dimension});
  if (!fits) return Failure(fits.error());
  val predictions = val::array();
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const PersonalTask task =
        personal_->Prepare(batch[i].title, batch[i].description, batch[i].key);
    const std::size_t tokens = task.prepared.encoding.ids.size();
    if (tokens > sequence) {
      return Failure({ErrorCode::kInvalidArgument,
                      "the task has " + std::to_string(tokens) + " tokens, but the batch only " +
                          std::to_string(sequence),
                      "tasks[" + std::to_string(i) + "]"});
    }
    const Result<Prediction> prediction = personal_->Classify(
        task, Pool(values.data() + i * sequence * dimension, tokens, dimension));
    if (!prediction) return Failure(prediction.error());
    Remember(batch[i], *prediction, task.arm);
    predictions.set(i, Answer(*prediction, task.arm));
  }
  return Success(predictions);
}

Result<std::vector<float>> Session::Pooled(const val& hidden, std::size_t tokens) const {
  const std::size_t dimension = personal_->base().model().dense.input;
  const std::vector<float> values = ToFloats(hidden);
  const Status fits = CheckShape(values.size(), "[tokens, dimension]", {tokens, dimension});
  if (!fits) return tl::unexpected(fits.error());
  return Pool(values.data(), tokens, dimension);
}

val Session::Embedding(const val& hidden, std::size_t tokens) const {
  if (!personal_) return NotLoaded();
  const Result<std::vector<float>> embedding = Pooled(hidden, tokens);
  return embedding ? Success(ToFloat32Array(*embedding)) : Failure(embedding.error());
}

val Session::Categories() const {
  if (!personal_) return NotLoaded();
  val categories = val::array();
  std::size_t i = 0;
  for (const PersonalCategory& entry : personal_->state().categories()) {
    val category = ToObject(entry.category);
    if (!entry.colour.empty()) category.set("colour", entry.colour);
    categories.set(i++, category);
  }
  return Success(categories);
}

val Session::ModelInfo() const {
  if (!personal_) return NotLoaded();
  const Model& model = personal_->base().model();
  val info = val::object();
  info.set("modelVersion", personal_->version());
  info.set("baseVersion", model.version);
  const TunedHeads* heads = personal_->heads();
  info.set("headsVersion", heads == nullptr ? std::string() : heads->version);
  info.set("encoderSha256", model.encoder_sha256);
  info.set("vocabularySha256", model.vocabulary_sha256);
  info.set("dimension", model.dense.input);
  return Success(info);
}

}  // namespace smartsynch::wasm
