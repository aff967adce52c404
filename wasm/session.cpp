#include "session.h"

#include <utility>

#include "marshal.h"
#include "smartsynch/model/model_file.h"
#include "smartsynch/nn/pooling.h"

namespace smartsynch::wasm {
namespace {

using emscripten::val;

Error WrongLength(const char* shape, std::size_t expected, std::size_t found) {
  return {ErrorCode::kInvalidArgument,
          std::string("hidden states have ") + std::to_string(found) + " values, expected " +
              std::to_string(expected) + " for " + shape,
          "hidden"};
}

std::vector<float> Pool(const float* hidden, std::size_t tokens, std::size_t dimension) {
  std::vector<float> embedding(dimension);
  MeanPoolNormalize(hidden, tokens, dimension, embedding.data());
  return embedding;
}

}  // namespace

val Session::Load(const std::string& model, const std::string& vocabulary) {
  Result<Model> parsed = ParseModel(model);
  if (!parsed) return Failure(parsed.error());
  Result<WordPiece> tokenizer = WordPiece::FromVocabulary(vocabulary);
  if (!tokenizer) return Failure(tokenizer.error());
  Result<Classifier> classifier = Classifier::Create(std::move(*parsed), std::move(*tokenizer));
  if (!classifier) return Failure(classifier.error());
  personal_.emplace(std::move(*classifier));
  return ModelInfo();
}

val Session::Prepare(const std::string& title, const std::string& description) const {
  if (!personal_) return NotLoaded();
  return Success(ToObject(personal_->base().Prepare(title, description)));
}

val Session::ClassifyInstant(const std::string& title, const std::string& description) const {
  if (!personal_) return NotLoaded();
  return Success(ToObject(personal_->ClassifyInstant(personal_->Prepare(title, description))));
}

val Session::ClassifyHidden(const std::string& title, const std::string& description,
                            const val& hidden, std::size_t tokens) const {
  if (!personal_) return NotLoaded();
  const PersonalTask task = personal_->Prepare(title, description);
  const std::size_t dimension = personal_->base().model().dense.input;
  if (task.prepared.needs_encoder && tokens != task.prepared.encoding.ids.size()) {
    return Failure({ErrorCode::kInvalidArgument,
                    "hidden states of " + std::to_string(tokens) + " tokens, but the task has " +
                        std::to_string(task.prepared.encoding.ids.size()),
                    "tokens"});
  }
  const std::vector<float> values = ToFloats(hidden);
  if (values.size() != tokens * dimension) {
    return Failure(WrongLength("[tokens, dimension]", tokens * dimension, values.size()));
  }
  const Result<Prediction> prediction =
      personal_->Classify(task, Pool(values.data(), tokens, dimension));
  if (!prediction) return Failure(prediction.error());
  return Success(ToObject(*prediction));
}

val Session::ClassifyHiddenBatch(const val& tasks, const val& hidden, std::size_t sequence) const {
  if (!personal_) return NotLoaded();
  const std::vector<TaskStrings> batch = ToTasks(tasks);
  const std::size_t dimension = personal_->base().model().dense.input;
  const std::vector<float> values = ToFloats(hidden);
  if (values.size() != batch.size() * sequence * dimension) {
    return Failure(WrongLength("[tasks, sequence, dimension]", batch.size() * sequence * dimension,
                               values.size()));
  }
  val predictions = val::array();
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const PersonalTask task = personal_->Prepare(batch[i].title, batch[i].description);
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
    predictions.set(i, ToObject(*prediction));
  }
  return Success(predictions);
}

val Session::Embedding(const val& hidden, std::size_t tokens) const {
  if (!personal_) return NotLoaded();
  const std::size_t dimension = personal_->base().model().dense.input;
  const std::vector<float> values = ToFloats(hidden);
  if (values.size() != tokens * dimension) {
    return Failure(WrongLength("[tokens, dimension]", tokens * dimension, values.size()));
  }
  return Success(ToFloat32Array(Pool(values.data(), tokens, dimension)));
}

val Session::Categories() const {
  if (!personal_) return NotLoaded();
  val categories = val::array();
  std::size_t i = 0;
  for (const Category& category : personal_->categories()) categories.set(i++, ToObject(category));
  return Success(categories);
}

val Session::ModelInfo() const {
  if (!personal_) return NotLoaded();
  const Model& model = personal_->base().model();
  val info = val::object();
  info.set("modelVersion", personal_->version());
  info.set("encoderSha256", model.encoder_sha256);
  info.set("vocabularySha256", model.vocabulary_sha256);
  info.set("dimension", model.dense.input);
  return Success(info);
}

}  // namespace smartsynch::wasm
