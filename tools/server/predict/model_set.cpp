#include "server/predict/model_set.h"

#include <algorithm>
#include <utility>

#include "cli/file.h"
#include "cli/locations.h"
#include "smartsynch/model/model_file.h"

namespace smartsynch {

ModelSet::ModelSet(WordPiece tokenizer, std::optional<TokenTable> table,
                   std::unique_ptr<OrtEncoder> encoder, Tier tier, std::size_t cache_bytes)
    : tokenizer_(std::move(tokenizer)),
      token_table_(std::move(table)),
      encoder_(std::move(encoder)),
      tier_(tier),
      cache_bytes_(cache_bytes) {}

Result<std::unique_ptr<ModelSet>> ModelSet::Load(const EngineOptions& options,
                                                 std::size_t cache_bytes) {
  const Result<std::string> path =
      options.model.empty() ? DefaultModelPath() : Result<std::string>(options.model);
  if (!path) return tl::unexpected(path.error());
  Result<std::string> bytes = ReadFile(*path);
  if (!bytes) return tl::unexpected(bytes.error());
  Result<WordPiece> tokenizer = LoadVocabulary(options.vocabulary);
  if (!tokenizer) return tl::unexpected(tokenizer.error());
  Result<std::optional<TokenTable>> table = LoadTokenTable(options.token_table, *tokenizer);
  if (!table) return tl::unexpected(table.error());
  std::unique_ptr<OrtEncoder> encoder;
  if (options.tier == Tier::kFull) {
    Result<std::unique_ptr<OrtEncoder>> loaded = LoadEncoder(options);
    if (!loaded) return tl::unexpected(loaded.error());
    encoder = std::move(*loaded);
  }
  std::unique_ptr<ModelSet> set(new ModelSet(std::move(*tokenizer), std::move(*table),
                                             std::move(encoder), options.tier, cache_bytes));
  Result<Classifier> classifier = set->Parse(*bytes);
  if (!classifier) return InFile(*path, classifier.error());
  set->active_ = std::make_shared<ServingModel>(std::move(*classifier), FeedbackLog(), cache_bytes);
  set->first_version_ = set->active_->version();
  set->first_bytes_ = std::move(*bytes);
  set->loaded_ = {set->active_};
  return set;
}

Result<Classifier> ModelSet::Parse(std::string_view bytes) const {
  Result<Model> model = ParseModel(bytes);
  if (!model) return tl::unexpected(model.error());
  if (encoder_ && encoder_->sha256() != model->encoder_sha256) {
    return Fail(ErrorCode::kIncompatible,
                "the model was trained for the encoder with SHA-256 " + model->encoder_sha256 +
                    ", this server has " + encoder_->sha256(),
                "body");
  }
  return Classifier::Create(std::move(*model), tokenizer_, token_table_);
}

std::shared_ptr<ServingModel> ModelSet::active() const {
  const std::lock_guard lock(mutex_);
  return active_;
}

std::shared_ptr<ServingModel> ModelSet::Find(const std::string& version) const {
  const std::lock_guard lock(mutex_);
  for (const std::shared_ptr<ServingModel>& model : loaded_) {
    if (model->version() == version) return model;
  }
  return nullptr;
}

Status ModelSet::Adopt(const Wanted& wanted,
                       const std::function<Result<std::string>(const std::string&)>& read) {
  const std::lock_guard adopting(adopting_);
  // Only here are the changes written, so they may be read without the other lock.
  const bool same_categories = wanted.category_changes == category_changes_;
  const Result<FeedbackLog> changes = ParseCategoryChanges(wanted.category_changes);
  if (!changes) return tl::unexpected(changes.error());
  std::vector<std::shared_ptr<ServingModel>> next;
  std::vector<std::string> versions = {wanted.version};
  versions.insert(versions.end(), wanted.others.begin(), wanted.others.end());
  for (const std::string& name : versions) {
    const auto is_it = [&](const auto& model) { return model->version() == name; };
    if (std::any_of(next.begin(), next.end(), is_it)) continue;
    std::shared_ptr<ServingModel> model = Find(name);
    if (!model) {
      const Result<std::string> bytes = name == first_version_ ? first_bytes_ : read(name);
      if (!bytes) return tl::unexpected(bytes.error());
      Result<Classifier> classifier = Parse(*bytes);
      if (!classifier) return tl::unexpected(classifier.error());
      model = std::make_shared<ServingModel>(std::move(*classifier), *changes, cache_bytes_);
    } else if (!same_categories) {
      model = std::make_shared<ServingModel>(model->classifier(), *changes, cache_bytes_);
    }
    next.push_back(std::move(model));
  }
  const std::lock_guard lock(mutex_);
  category_changes_ = wanted.category_changes;
  active_ = next.front();
  loaded_ = std::move(next);
  return {};
}

CacheStatistics ModelSet::cache_statistics() const { return active()->cache().statistics(); }

}  // namespace smartsynch
