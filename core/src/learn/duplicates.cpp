#include "smartsynch/learn/duplicates.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <set>
#include <unordered_map>
#include <utility>

#include "smartsynch/text/normalizer.h"
#include "smartsynch/text/task_text.h"
#include "smartsynch/text/utf8.h"

namespace smartsynch {
namespace {

using WordId = std::uint32_t;

bool IsPunctuationWord(const std::string& word) {
  std::size_t position = 0;
  const char32_t code_point = DecodeUtf8(word, position);
  return position == word.size() && IsPunctuation(code_point);
}

// Numbers words by first use.
class Lexicon {
 public:
  WordId Id(const std::string& word) {
    return ids_.try_emplace(word, static_cast<WordId>(ids_.size())).first->second;
  }
  std::size_t size() const { return ids_.size(); }

 private:
  std::unordered_map<std::string, WordId> ids_;
};

struct SampleWords {
  std::vector<WordId> words;  // distinct
  std::vector<WordId> title;  // in order
  std::string opening;        // the title's first two words; empty when it has fewer
};

SampleWords ReadWords(const Sample& sample, Lexicon& lexicon) {
  SampleWords result;
  std::size_t count = 0;
  for (WordReader reader(sample.title); reader.Next();) {
    if (IsPunctuationWord(reader.word())) continue;
    result.title.push_back(lexicon.Id(reader.word()));
    if (++count <= 2) result.opening += (count == 1 ? "" : " ") + reader.word();
  }
  if (count < 2) result.opening.clear();
  result.words = result.title;
  for (WordReader reader(sample.description); reader.Next();) {
    if (!IsPunctuationWord(reader.word())) result.words.push_back(lexicon.Id(reader.word()));
  }
  std::sort(result.words.begin(), result.words.end());
  result.words.erase(std::unique(result.words.begin(), result.words.end()), result.words.end());
  return result;
}

// Renumbers the words so that a rare one has a small number, and sorts each sample by it.
void SortByRarity(std::vector<SampleWords>& samples, std::size_t word_count) {
  std::vector<std::size_t> uses(word_count, 0);
  for (const SampleWords& sample : samples) {
    for (const WordId word : sample.words) ++uses[word];
  }
  std::vector<WordId> by_rarity(word_count);
  for (std::size_t i = 0; i < word_count; ++i) by_rarity[i] = static_cast<WordId>(i);
  std::sort(by_rarity.begin(), by_rarity.end(),
            [&](WordId a, WordId b) { return std::pair(uses[a], a) < std::pair(uses[b], b); });
  std::vector<WordId> rank(word_count);
  for (std::size_t i = 0; i < word_count; ++i) rank[by_rarity[i]] = static_cast<WordId>(i);
  for (SampleWords& sample : samples) {
    for (WordId& word : sample.words) word = rank[word];
    std::sort(sample.words.begin(), sample.words.end());
  }
}

double Jaccard(const std::vector<WordId>& a, const std::vector<WordId>& b) {
  std::size_t shared = 0;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (a[i] == b[j]) {
      ++shared;
      ++i;
      ++j;
    } else if (a[i] < b[j]) {
      ++i;
    } else {
      ++j;
    }
  }
  const std::size_t either = a.size() + b.size() - shared;
  return either == 0 ? 1.0 : static_cast<double>(shared) / static_cast<double>(either);
}

// How many of a sample's rarest words must be looked at: two samples with a similarity of at least
// t share at least ceil(t * size) words, so one of them is among the first size - that + 1. One
// more is taken so that rounding can cost no pair.
std::size_t PrefixLength(std::size_t size, double similarity) {
  const auto needed = static_cast<std::size_t>(std::floor(similarity * static_cast<double>(size)));
  return std::min(size, size - std::min(needed, size) + 1);
}

class SimilarPairFinder {
 public:
  SimilarPairFinder(const std::vector<SampleWords>& samples, const DuplicateOptions& options,
                    std::size_t word_count)
      : samples_(samples), options_(options), index_(word_count) {}

  // Pairs of `current` with the samples added before.
  void Match(std::size_t current, const std::vector<std::size_t>& text_of,
             std::vector<SimilarPair>& pairs) {
    const std::vector<WordId>& words = samples_[current].words;
    const std::size_t prefix = PrefixLength(words.size(), options_.max_similarity);
    candidates_.clear();
    for (std::size_t i = 0; i < prefix; ++i) {
      candidates_.insert(candidates_.end(), index_[words[i]].begin(), index_[words[i]].end());
      index_[words[i]].push_back(current);
    }
    std::sort(candidates_.begin(), candidates_.end());
    candidates_.erase(std::unique(candidates_.begin(), candidates_.end()), candidates_.end());
    for (const std::size_t other : candidates_) {
      if (text_of[other] == text_of[current]) continue;
      const SampleWords& a = samples_[other];
      const SampleWords& b = samples_[current];
      const double similarity = Jaccard(a.words, b.words);
      if (similarity <= options_.max_similarity) continue;
      const bool both_short = a.title.size() <= options_.short_title_words &&
                              b.title.size() <= options_.short_title_words;
      if (both_short && a.title != b.title) continue;
      pairs.push_back({other, current, similarity});
    }
  }

 private:
  const std::vector<SampleWords>& samples_;
  const DuplicateOptions& options_;
  std::vector<std::vector<std::size_t>> index_;
  std::vector<std::size_t> candidates_;
};

std::vector<Opening> CountOpenings(const std::vector<SampleWords>& samples) {
  std::unordered_map<std::string, std::size_t> counts;
  for (const SampleWords& sample : samples) {
    if (!sample.opening.empty()) ++counts[sample.opening];
  }
  std::vector<Opening> openings;
  for (const auto& [words, count] : counts) {
    if (count > 1) openings.push_back({words, count});
  }
  std::sort(openings.begin(), openings.end(), [](const Opening& a, const Opening& b) {
    return a.count != b.count ? a.count > b.count : a.words < b.words;
  });
  return openings;
}

}  // namespace

DuplicateReport FindDuplicates(std::span<const Sample> samples, const DuplicateOptions& options) {
  DuplicateReport report;
  std::unordered_map<std::string, std::size_t> first_with_text;
  std::vector<std::size_t> text_of(samples.size());  // the first sample with the same text
  Lexicon lexicon;
  std::vector<SampleWords> words;
  words.reserve(samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const Sample& sample = samples[i];
    words.push_back(ReadWords(sample, lexicon));
    const auto [found, is_new] =
        first_with_text.try_emplace(NormalizedTaskKey(sample.title, sample.description), i);
    text_of[i] = found->second;
    if (!is_new) {
      const bool conflict = samples[found->second].category != sample.category;
      report.exact.push_back({found->second, i, conflict});
    }
  }
  report.openings = CountOpenings(words);

  SortByRarity(words, lexicon.size());
  SimilarPairFinder finder(words, options, lexicon.size());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    // A repeated text is similar to whatever its first occurrence is similar to.
    if (text_of[i] == i) finder.Match(i, text_of, report.similar);
  }
  std::sort(report.similar.begin(), report.similar.end(),
            [](const SimilarPair& a, const SimilarPair& b) {
              return std::pair(a.first, a.second) < std::pair(b.first, b.second);
            });
  return report;
}

std::vector<std::size_t> RedundantSamples(const DuplicateReport& report) {
  std::set<std::size_t> redundant;
  for (const ExactDuplicate& duplicate : report.exact) {
    redundant.insert(duplicate.later);
    if (duplicate.conflict) redundant.insert(duplicate.first);
  }
  return {redundant.begin(), redundant.end()};
}

}  // namespace smartsynch
