#include "server/predict/serving_model.h"

#include <functional>
#include <utility>

namespace smartsynch {

Result<FeedbackLog> ParseCategoryChanges(const std::vector<std::string>& changes) {
  std::string lines;
  for (const std::string& line : changes) lines += line + "\n";
  return FeedbackLog::FromJsonLines(lines);
}

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

namespace {

PersonalClassifier WithChanges(Classifier classifier, const FeedbackLog& changes) {
  PersonalClassifier personal(std::move(classifier));
  if (!changes.events().empty()) personal.Load(changes);
  return personal;
}

}  // namespace

ServingModel::ServingModel(Classifier classifier, const FeedbackLog& changes,
                           std::size_t cache_bytes)
    : personal_(WithChanges(std::move(classifier), changes)),
      cache_(personal_.version(), cache_bytes) {}

const Category* ServingModel::FindCategory(std::string_view id_or_name) const {
  std::string_view wanted = id_or_name;
  for (const FeedbackEvent& event : personal_.log().events()) {
    if (event.kind == EventKind::kCategoryMerged && event.category_id == wanted) {
      wanted = event.target_id;
    }
  }
  for (const Category& category : personal_.categories()) {
    if (category.id == wanted) return &category;
  }
  for (const Category& category : personal_.categories()) {
    if (category.name == id_or_name) return &category;
  }
  return nullptr;
}

}  // namespace smartsynch
