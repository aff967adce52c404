// The model versions that answer: the active one and those of a running experiment, all over one
// encoder, one vocabulary and one token table. Changing them is a swap of a pointer: requests under
// way keep the one they began with, none waits and none is dropped.
// Thread safety: every member may be called from any thread.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "cli/engine.h"
#include "server/predict/serving_model.h"

namespace smartsynch {

class ModelSet {
 public:
  // Loads what all versions share, and the model of `options` as the active one. `options.threads`
  // is of one call of the encoder. Fails as Engine::Load() does.
  static Result<std::unique_ptr<ModelSet>> Load(const EngineOptions& options,
                                                std::size_t cache_bytes);

  Encoder* encoder() { return encoder_.get(); }  // null without the full tier
  Tier default_tier() const { return tier_; }

  std::shared_ptr<ServingModel> active() const;
  // Null when this version is not loaded.
  std::shared_ptr<ServingModel> Find(const std::string& version) const;
  const std::string& first_version() const { return first_version_; }
  const std::string& first_bytes() const { return first_bytes_; }  // of the model loaded at start

  // The bytes as a model that fits the encoder, vocabulary and token table here, with the
  // categories that it has of itself.
  Result<Classifier> Parse(std::string_view bytes) const;

  // What answers from now on.
  struct Wanted {
    std::string version;
    std::vector<std::string> others;            // stay ready; what is in neither is let go
    std::vector<std::string> category_changes;  // as Store::CategoryChanges()
  };
  // `read` gives the bytes of a version not loaded yet. On failure nothing changes.
  Status Adopt(const Wanted& wanted,
               const std::function<Result<std::string>(const std::string&)>& read);

  CacheStatistics cache_statistics() const;

 private:
  ModelSet(WordPiece tokenizer, std::optional<TokenTable> table,
           std::unique_ptr<OrtEncoder> encoder, Tier tier, std::size_t cache_bytes);

  WordPiece tokenizer_;
  std::optional<TokenTable> token_table_;
  std::unique_ptr<OrtEncoder> encoder_;
  Tier tier_;
  std::size_t cache_bytes_;
  std::string first_version_;
  std::string first_bytes_;
  mutable std::mutex mutex_;
  std::mutex adopting_;
  std::vector<std::string> category_changes_;  // with which all below were made
  std::shared_ptr<ServingModel> active_;
  std::vector<std::shared_ptr<ServingModel>> loaded_;
};

}  // namespace smartsynch
