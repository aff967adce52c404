#include "smartsynch/engine/prediction_cache.h"

#include <array>
#include <iterator>
#include <utility>

#include "smartsynch/text/normalizer.h"
#include "smartsynch/text/task_text.h"

namespace smartsynch {
namespace {

// First byte of a key, so that a text taken as it stands never equals the words of another.
constexpr char kWords = 'w';
constexpr char kVerbatim = 'v';

// The tokenizer takes these as they stand; text/wordpiece.h.
constexpr std::array<std::string_view, 5> kSpecialTokens = {"[PAD]", "[UNK]", "[CLS]", "[SEP]",
                                                            "[MASK]"};

bool HasSpecialToken(std::string_view text) {
  for (std::size_t i = text.find('['); i < text.size(); i = text.find('[', i + 1)) {
    for (const std::string_view token : kSpecialTokens) {
      if (text.substr(i, token.size()) == token) return true;
    }
  }
  return false;
}

bool IsAsciiPunctuation(unsigned char c) {
  return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') ||
         (c >= '{' && c <= '~');
}

// Appends the words of `text` as WordReader gives them, ten times as fast; false, with `key` of no
// use, at the first byte that is not ASCII.
bool AppendAsciiWords(std::string_view text, std::string& key) {
  bool is_inside_word = false;
  for (const char byte : text) {
    const auto c = static_cast<unsigned char>(byte);
    if (c >= 0x80U) return false;
    const bool is_space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (!is_space && (c < 0x20U || c == 0x7FU)) continue;  // control characters are dropped
    if (is_space) {
      is_inside_word = false;
      continue;
    }
    const bool is_punctuation = IsAsciiPunctuation(c);
    if (!is_inside_word || is_punctuation) key += key.empty() ? kWords : ' ';
    key += c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : byte;
    is_inside_word = !is_punctuation;
  }
  return true;
}

void AppendWords(std::string_view text, std::string& key) {
  WordReader reader(text);
  while (reader.Next() && key.size() <= kMaxPredictionKeyBytes) {
    key += key.empty() ? kWords : ' ';
    key += reader.word();
  }
}

// What an allocator adds to a block, near enough for the usual ones.
constexpr std::size_t kBlockBytes = 16;

// Bytes beside the object itself; a short string lives inside it.
std::size_t HeapBytes(const std::string& text) {
  const std::size_t inside = std::string().capacity();
  return text.capacity() > inside ? text.capacity() + 1 + kBlockBytes : 0;
}

void AssignKey(std::string& key, Tier tier, std::string_view text) {
  key.assign(1, tier == Tier::kInstant ? 'i' : 'f');
  key += text;
}

}  // namespace

std::string PredictionCacheKey(std::string_view title, std::string_view description) {
  // White space and accents may be most of a text, so that its key is much shorter; but whatever is
  // this long is not typed twice.
  if (title.size() + description.size() > 4 * kMaxPredictionKeyBytes) return {};
  const std::string text = JoinTaskText(title, description);
  std::string key;
  if (HasSpecialToken(text)) {
    key = kVerbatim + text;
  } else {
    key.reserve(text.size() * 2 + 1);
    if (!AppendAsciiWords(text, key)) {
      key.clear();
      AppendWords(text, key);
    }
  }
  if (key.size() > kMaxPredictionKeyBytes) return {};
  return key;
}

void PredictionCache::SetModelVersion(std::string_view version) {
  Clear();
  model_version_ = version;
}

const Prediction* PredictionCache::Find(Tier tier, std::string_view key) {
  AssignKey(wanted_, tier, key);
  const auto found = key.empty() ? by_key_.end() : by_key_.find(wanted_);
  if (found == by_key_.end()) {
    ++counts_.misses;
    return nullptr;
  }
  ++counts_.hits;
  entries_.splice(entries_.begin(), entries_, found->second);
  return &found->second->prediction;
}

void PredictionCache::Insert(Tier tier, std::string_view key, const Prediction& prediction) {
  if (key.empty() || prediction.tier != tier || prediction.model_version != model_version_) return;
  Entry entry;
  AssignKey(entry.key, tier, key);
  entry.prediction = prediction;
  entry.bytes = Cost(entry);
  const auto known = by_key_.find(entry.key);
  if (known != by_key_.end()) Remove(known->second);
  if (entry.bytes > capacity_bytes_) return;
  Shrink(capacity_bytes_ - entry.bytes);
  counts_.bytes += entry.bytes;
  entries_.push_front(std::move(entry));
  by_key_.emplace(entries_.front().key, entries_.begin());
}

void PredictionCache::Clear() {
  by_key_.clear();
  entries_.clear();
  counts_.bytes = 0;
}

void PredictionCache::SetCapacity(std::size_t capacity_bytes) {
  capacity_bytes_ = capacity_bytes;
  Shrink(capacity_bytes);
}

CacheStatistics PredictionCache::statistics() const {
  CacheStatistics statistics = counts_;
  statistics.entries = entries_.size();
  statistics.capacity_bytes = capacity_bytes_;
  return statistics;
}

std::size_t PredictionCache::Cost(const Entry& entry) {
  const Prediction& prediction = entry.prediction;
  // The list's node with two links; the table's node with link and hash, and its bucket.
  std::size_t bytes = sizeof(Entry) + 2 * sizeof(void*) + kBlockBytes;
  bytes += sizeof(std::pair<std::string_view, Entries::iterator>) + 3 * sizeof(void*) + kBlockBytes;
  bytes += HeapBytes(entry.key) + HeapBytes(prediction.category) +
           HeapBytes(prediction.category_id) + HeapBytes(prediction.model_version);
  if (prediction.suggestions.capacity() > 0) {
    bytes += prediction.suggestions.capacity() * sizeof(Suggestion) + kBlockBytes;
  }
  for (const Suggestion& suggestion : prediction.suggestions) {
    bytes += HeapBytes(suggestion.category) + HeapBytes(suggestion.category_id);
  }
  return bytes;
}

void PredictionCache::Remove(Entries::iterator entry) {
  counts_.bytes -= entry->bytes;
  by_key_.erase(entry->key);
  entries_.erase(entry);
}

// Evicts until at most `bytes` are left.
void PredictionCache::Shrink(std::size_t bytes) {
  while (counts_.bytes > bytes) {
    Remove(std::prev(entries_.end()));
    ++counts_.evictions;
  }
}

}  // namespace smartsynch
