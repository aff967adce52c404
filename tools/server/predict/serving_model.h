// A model version ready to answer, with what it answered lately.
// Thread safety: every member may be called from any thread.
#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "smartsynch/engine/classifier.h"
#include "smartsynch/engine/prediction_cache.h"
#include "smartsynch/personal/feedback_log.h"
#include "smartsynch/personal/personal_classifier.h"

namespace smartsynch {

// A prediction cache in parts, so that threads seldom wait for each other.
class SharedCache {
 public:
  SharedCache(const std::string& model_version, std::size_t capacity_bytes);
  std::optional<Prediction> Find(Tier tier, const std::string& key);
  void Insert(Tier tier, const std::string& key, const Prediction& prediction);
  CacheStatistics statistics() const;

 private:
  struct Part {
    mutable std::mutex mutex;
    std::optional<PredictionCache> cache;
  };
  Part& PartOf(const std::string& key);

  std::array<Part, 16> parts_;
};

// Store::CategoryChanges(), read.
Result<FeedbackLog> ParseCategoryChanges(const std::vector<std::string>& changes);

class ServingModel {
 public:
  // `changes` to the categories count from now on; those that mean nothing to this model do not.
  ServingModel(Classifier classifier, const FeedbackLog& changes, std::size_t cache_bytes);

  // Answers as the model does, in the categories as they were changed.
  const PersonalClassifier& personal() const { return personal_; }
  const Classifier& classifier() const { return personal_.base(); }
  const std::string& version() const { return classifier().model().version; }
  // The version with a mark of the changes, as predictions carry it; without changes the version.
  const std::string& answer_version() const { return personal_.version(); }

  // By id or name, also by the id of one that was merged into another. Null: there is none.
  const Category* FindCategory(std::string_view id_or_name) const;

  SharedCache& cache() { return cache_; }
  const SharedCache& cache() const { return cache_; }

 private:
  PersonalClassifier personal_;
  SharedCache cache_;
};

}  // namespace smartsynch
