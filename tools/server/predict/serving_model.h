// A model version ready to answer, with what it answered lately.
// Thread safety: every member may be called from any thread.
#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "smartsynch/engine/classifier.h"
#include "smartsynch/engine/prediction_cache.h"

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

class ServingModel {
 public:
  ServingModel(Classifier classifier, std::size_t cache_bytes)
      : classifier_(std::move(classifier)), cache_(classifier_.model().version, cache_bytes) {}

  const Classifier& classifier() const { return classifier_; }
  const std::string& version() const { return classifier_.model().version; }
  SharedCache& cache() { return cache_; }
  const SharedCache& cache() const { return cache_; }

 private:
  Classifier classifier_;
  SharedCache cache_;
};

}  // namespace smartsynch
