#include "smartsynch/text/lexical_features.h"

#include <algorithm>
#include <array>
#include <bit>
#include <string>
#include <utility>

#include "smartsynch/base/hash.h"
#include "smartsynch/text/normalizer.h"

namespace smartsynch {
namespace {

constexpr std::size_t kMaxBucketBits = 32;  // of a bucket number
constexpr std::size_t kMaxWordCodePoints = 32;
constexpr std::size_t kShortestNgram = 2;
constexpr std::size_t kLongestNgram = 5;

// Each kind of feature hashes under its own first byte, so the word "ab" and the n-gram "ab"
// differ.
constexpr std::string_view kWord = "w";
constexpr std::string_view kCharacters = "c";
constexpr std::string_view kWordPair = "b";

class FeatureSet {
 public:
  explicit FeatureSet(std::size_t bucket_bits)
      : mask_((1ULL << std::min(bucket_bits, kMaxBucketBits)) - 1) {}

  // `hash`: of the kind's first byte and the text.
  void Add(std::uint64_t hash) {
    buckets_.push_back(static_cast<std::uint32_t>((hash ^ (hash >> 32U)) & mask_));
  }

  // Ascending, each once.
  std::vector<std::uint32_t> Take() {
    if (mask_ / kWordBits < buckets_.size() * kWordsABucket) {
      Mark();
    } else {
      std::sort(buckets_.begin(), buckets_.end());
      buckets_.erase(std::unique(buckets_.begin(), buckets_.end()), buckets_.end());
    }
    return std::move(buckets_);
  }

 private:
  static constexpr std::size_t kWordBits = 64;
  // Of the marks of all buckets: with more than so many a bucket seen, sorting is faster.
  static constexpr std::size_t kWordsABucket = 16;

  void Mark() {
    std::vector<std::uint64_t> marks(static_cast<std::size_t>(mask_ / kWordBits) + 1, 0);
    for (const std::uint32_t bucket : buckets_) {
      marks[bucket / kWordBits] |= std::uint64_t{1} << (bucket % kWordBits);
    }
    buckets_.clear();
    for (std::size_t word = 0; word < marks.size(); ++word) {
      for (std::uint64_t rest = marks[word]; rest != 0; rest &= rest - 1) {
        const auto bit = static_cast<std::size_t>(std::countr_zero(rest));
        buckets_.push_back(static_cast<std::uint32_t>(word * kWordBits + bit));
      }
    }
  }

  std::uint64_t mask_;
  std::vector<std::uint32_t> buckets_;
};

void AddCharacterNgrams(const std::string& word, FeatureSet& features) {
  const std::string marked = "<" + word + ">";
  std::vector<std::size_t> starts;  // byte offset of each code point, and the end
  for (std::size_t i = 0; i < marked.size(); ++i) {
    if ((static_cast<unsigned char>(marked[i]) & 0xC0U) != 0x80U) starts.push_back(i);
  }
  starts.push_back(marked.size());
  const std::size_t length = starts.size() - 1;
  // An n-gram begins with the one before it, and so does its hash.
  for (std::size_t i = 0; i + kShortestNgram <= length; ++i) {
    std::uint64_t hash = Fnv1a64(kCharacters);
    for (std::size_t n = 1; n <= std::min(kLongestNgram, length - i); ++n) {
      const std::size_t start = starts[i + n - 1];
      hash = Fnv1a64(std::string_view(marked).substr(start, starts[i + n] - start), hash);
      if (n >= kShortestNgram) features.Add(hash);
    }
  }
}

}  // namespace

std::vector<std::uint32_t> LexicalFeatures(std::string_view text, std::size_t bucket_bits) {
  FeatureSet features(bucket_bits);
  WordReader reader(text, kMaxWordCodePoints);
  std::string previous;
  for (std::size_t count = 0; count < kMaxLexicalWords && reader.Next(); ++count) {
    const std::string& word = reader.word();
    features.Add(Fnv1a64(word, Fnv1a64(kWord)));
    AddCharacterNgrams(word, features);
    if (count > 0) {
      previous += ' ';
      previous += word;
      features.Add(Fnv1a64(previous, Fnv1a64(kWordPair)));
    }
    previous = word;
  }
  return features.Take();
}

}  // namespace smartsynch
