#include "server/predict/serving_model.h"

#include <functional>

namespace smartsynch {

SharedCache::SharedCache(const std::string& model_version, std::size_t capacity_bytes) {
  for (Part& part : parts_) {
    part.cache.emplace(capacity_bytes / parts_.size());
    part.cache->SetModelVersion(model_version);
  }
}

SharedCache::Part& SharedCache::PartOf(const std::string& key) {
  return parts_[std::hash<std::string>()(key) % parts_.size()];
}

std::optional<Prediction> SharedCache::Find(Tier tier, const std::string& key) {
  Part& part = PartOf(key);
  const std::lock_guard lock(part.mutex);
  const Prediction* found = part.cache->Find(tier, key);
  return found == nullptr ? std::nullopt : std::optional<Prediction>(*found);
}

void SharedCache::Insert(Tier tier, const std::string& key, const Prediction& prediction) {
  Part& part = PartOf(key);
  const std::lock_guard lock(part.mutex);
  part.cache->Insert(tier, key, prediction);
}

CacheStatistics SharedCache::statistics() const {
  CacheStatistics all;
  for (const Part& part : parts_) {
    const std::lock_guard lock(part.mutex);
    const CacheStatistics one = part.cache->statistics();
    all.hits += one.hits;
    all.misses += one.misses;
    all.evictions += one.evictions;
    all.entries += one.entries;
    all.bytes += one.bytes;
    all.capacity_bytes += one.capacity_bytes;
  }
  return all;
}

}  // namespace smartsynch
