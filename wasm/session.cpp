#include "session.h"

#include <utility>

#include "marshal.h"
#include "smartsynch/model/model_file.h"
#include "smartsynch/nn/pooling.h"
#include "smartsynch/text/task_text.h"

namespace smartsynch::wasm {
namespace {

using emscripten::val;

val NotLoaded() {
  return Failure({ErrorCode::kUnavailable, "no model is loaded: call load() first", ""});
}

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
  classifier_.emplace(std::move(*classifier));
  added_.clear();
  return ModelInfo();
}

val Session::Prepare(const std::string& title, const std::string& description) const {
  if (!classifier_) return NotLoaded();
  return Success(ToObject(classifier_->Prepare(title, description)));
}

val Session::ClassifyInstant(const std::string& title, const std::string& description) const {
  if (!classifier_) return NotLoaded();
  return Success(ToObject(classifier_->ClassifyInstant(classifier_->Prepare(title, description))));
}

val Session::ClassifyHidden(const std::string& title, const std::string& description,
                            const val& hidden, std::size_t tokens) const {
  if (!classifier_) return NotLoaded();
  const PreparedTask task = classifier_->Prepare(title, description);
  const std::size_t dimension = classifier_->model().dense.input;
  if (task.needs_encoder && tokens != task.encoding.ids.size()) {
    return Failure({ErrorCode::kInvalidArgument,
                    "hidden states of " + std::to_string(tokens) + " tokens, but the task has " +
                        std::to_string(task.encoding.ids.size()),
                    "tokens"});
  }
  const std::vector<float> values = ToFloats(hidden);
  if (values.size() != tokens * dimension) {
    return Failure(WrongLength("[tokens, dimension]", tokens * dimension, values.size()));
  }
  const Result<Prediction> prediction =
      classifier_->Classify(task, Pool(values.data(), tokens, dimension));
  if (!prediction) return Failure(prediction.error());
  return Success(ToObject(*prediction));
}

val Session::ClassifyHiddenBatch(const val& tasks, const val& hidden, std::size_t sequence) const {
  if (!classifier_) return NotLoaded();
  const std::vector<TaskStrings> batch = ToTasks(tasks);
  const std::size_t dimension = classifier_->model().dense.input;
  const std::vector<float> values = ToFloats(hidden);
  if (values.size() != batch.size() * sequence * dimension) {
    return Failure(WrongLength("[tasks, sequence, dimension]", batch.size() * sequence * dimension,
                               values.size()));
  }
  val predictions = val::array();
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const PreparedTask task = classifier_->Prepare(batch[i].title, batch[i].description);
    const std::size_t tokens = task.encoding.ids.size();
    if (tokens > sequence) {
      return Failure({ErrorCode::kInvalidArgument,
                      "the task has " + std::to_string(tokens) + " tokens, but the batch only " +
                          std::to_string(sequence),
                      "tasks[" + std::to_string(i) + "]"});
    }
    const Result<Prediction> prediction = classifier_->Classify(
        task, Pool(values.data() + i * sequence * dimension, tokens, dimension));
    if (!prediction) return Failure(prediction.error());
    predictions.set(i, ToObject(*prediction));
  }
  return Success(predictions);
}

val Session::Embedding(const val& hidden, std::size_t tokens) const {
  if (!classifier_) return NotLoaded();
  const std::size_t dimension = classifier_->model().dense.input;
  const std::vector<float> values = ToFloats(hidden);
  if (values.size() != tokens * dimension) {
    return Failure(WrongLength("[tokens, dimension]", tokens * dimension, values.size()));
  }
  return Success(ToFloat32Array(Pool(values.data(), tokens, dimension)));
}

val Session::Categories() const {
  if (!classifier_) return NotLoaded();
  val categories = val::array();
  std::size_t i = 0;
  for (const Category& category : AllCategories()) categories.set(i++, ToObject(category));
  return Success(categories);
}

val Session::AddCategory(const std::string& name) {
  if (!classifier_) return NotLoaded();
  const Result<std::string> checked = CheckCategoryName(name);
  if (!checked) return Failure(checked.error());
  // The key ignores case, accents and spacing: two categories must not look alike in a list.
  const std::string key = NormalizedTaskKey(*checked);
  const std::vector<Category> taken = AllCategories();
  for (const Category& category : taken) {
    if (NormalizedTaskKey(category.name) == key) {
      return Failure({ErrorCode::kAlreadyExists,
                      "there is a category \"" + category.name + "\" already", "name"});
    }
  }
  added_.push_back({MakeCategoryId(*checked, taken), *checked});
  return Success(ToObject(added_.back()));
}

val Session::ModelInfo() const {
  if (!classifier_) return NotLoaded();
  const Model& model = classifier_->model();
  val info = val::object();
  info.set("modelVersion", model.version);
  info.set("encoderSha256", model.encoder_sha256);
  info.set("vocabularySha256", model.vocabulary_sha256);
  info.set("dimension", model.dense.input);
  return Success(info);
}

std::vector<Category> Session::AllCategories() const {
  std::vector<Category> categories = classifier_->model().categories;
  categories.insert(categories.end(), added_.begin(), added_.end());
  return categories;
}

}  // namespace smartsynch::wasm
