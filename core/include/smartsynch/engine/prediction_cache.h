// Remembers the latest predictions, so that a title typed again, or a list predicted again, needs
// no encoder. Least recently used entries go first when the bytes run out.
//
//   PredictionCache cache;                                       // 1 MiB
//   cache.SetModelVersion(classifier.model().version);
//   const std::string key = PredictionCacheKey("Fix login", "500 on submit");
//   if (const Prediction* known = cache.Find(Tier::kFull, key)) return *known;
//   cache.Insert(Tier::kFull, key, prediction);
//
// Whoever changes what the model answers (another model, a correction learnt) must call
// SetModelVersion() or Clear(). Thread safety: none, Find() also writes; one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "smartsynch/engine/classifier.h"

namespace smartsynch {

// Longer keys are not made: reading a text of megabytes to its end takes longer than the encoder,
// which reads its beginning only.
inline constexpr std::size_t kMaxPredictionKeyBytes = 4096;

// What a prediction depends on, and nothing else: two tasks with the same key have the same token
// ids and lexical features, hence the same prediction. As a rule this is NormalizedTaskKey(): case,
// accents and spacing do not matter. A text with a special token written out ("[MASK]", which the
// tokenizer takes literally and "[mask]" not) stands for itself. Empty when the key would be longer
// than kMaxPredictionKeyBytes or no word is left; such a task is not cached.
std::string PredictionCacheKey(std::string_view title, std::string_view description = {});

struct CacheStatistics {
  std::uint64_t hits = 0;       // since the cache was made, as are misses and evictions
  std::uint64_t misses = 0;     // an empty key counts as a miss
  std::uint64_t evictions = 0;  // entries that had to make room; not those dropped by Clear()
  std::size_t entries = 0;      // now
  std::size_t bytes = 0;        // now; never above the capacity
  std::size_t capacity_bytes = 0;
};

class PredictionCache {
 public:
  // Room for some 1,500 titles with their answers.
  static constexpr std::size_t kDefaultCapacityBytes = std::size_t{1} << 20;

  // 0 switches the cache off.
  explicit PredictionCache(std::size_t capacity_bytes = kDefaultCapacityBytes)
      : capacity_bytes_(capacity_bytes) {}

  // Entries point at each other, so a copy would need to be made entry by entry.
  PredictionCache(const PredictionCache&) = delete;
  PredictionCache& operator=(const PredictionCache&) = delete;

  // Which model answers from now on. Drops everything, also when the version is the same.
  void SetModelVersion(std::string_view version);
  const std::string& model_version() const { return model_version_; }

  // Null when nothing is known. Valid until the next call of another method than statistics().
  const Prediction* Find(Tier tier, std::string_view key);

  // Replaces what was there. Not kept: an empty key, a prediction of another tier or model version
  // than asked for, one that costs more than the whole capacity.
  void Insert(Tier tier, std::string_view key, const Prediction& prediction);

  // Drops everything; counts stay.
  void Clear();

  // Another bound; evicts at once what is too much.
  void SetCapacity(std::size_t capacity_bytes);

  CacheStatistics statistics() const;

 private:
  struct Entry {
    std::string key;  // tier and text
    Prediction prediction;
    std::size_t bytes = 0;
  };
  using Entries = std::list<Entry>;

  static std::size_t Cost(const Entry& entry);
  void Remove(Entries::iterator entry);
  void Shrink(std::size_t bytes);

  std::size_t capacity_bytes_;
  std::string model_version_;
  Entries entries_;                                                 // latest used first
  std::unordered_map<std::string_view, Entries::iterator> by_key_;  // views into entries_
  std::string wanted_;                                              // reused by Find()
  CacheStatistics counts_;
};

}  // namespace smartsynch
