// Finds what makes a data set smaller than it looks: samples that repeat each other, one text under
// two categories, and openings used over and over. Words are those of the tokenizer's cleaning
// (lower-case, no accents), without punctuation.
//
//   DuplicateReport report = FindDuplicates(samples);
//   for (const SimilarPair& pair : report.similar) Show(samples[pair.first], samples[pair.second]);
//
// Similar pairs are found by an inverted index over each sample's rarest words (prefix filtering:
// Chaudhuri et al. 2006; Bayardo et al., "Scaling up all pairs similarity search", WWW 2007), which
// misses none and compares few. Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "smartsynch/learn/dataset.h"

namespace smartsynch {

struct DuplicateOptions {
  // A pair is similar when its samples share more than this part of their words: the Jaccard
  // similarity (words in both / words in either) of title and description together.
  double max_similarity = 0.6;
  // Two titles of at most this many words need only differ.
  std::size_t short_title_words = 3;
};

// The same text after normalisation (NormalizedTaskKey): `later` repeats `first`.
struct ExactDuplicate {
  std::size_t first = 0;  // index of the earliest sample with this text
  std::size_t later = 0;
  bool conflict = false;  // the two have different categories
};

struct SimilarPair {
  std::size_t first = 0;  // indices, first < second; never a pair of exact duplicates
  std::size_t second = 0;
  double similarity = 0;  // Jaccard, 0..1
};

struct Opening {
  std::string words;      // the title's first two words, cleaned
  std::size_t count = 0;  // samples that begin so
};

struct DuplicateReport {
  std::vector<ExactDuplicate> exact;  // by `later`
  std::vector<SimilarPair> similar;   // by `first`, then `second`
  std::vector<Opening> openings;      // used more than once, most frequent first
};

DuplicateReport FindDuplicates(std::span<const Sample> samples,
                               const DuplicateOptions& options = {});

// The samples to leave out so that each text occurs once: every later exact duplicate, and all
// samples of a text that has two categories, for nobody can say which one is right. Ascending.
std::vector<std::size_t> RedundantSamples(const DuplicateReport& report);

}  // namespace smartsynch
