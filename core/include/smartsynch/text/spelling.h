// Puts slips of the finger right before a text becomes tokens: a mistyped word falls into pieces
// that say little. The noisy channel (Mays, Damerau and Mercer 1991): of all known words that are
// one insertion, deletion, substitution or transposition away (Damerau 1964), or with seven letters
// or more two where no word is so near, the one that was most likely meant and so mistyped.
//
//   Spelling spelling(tokenizer, *model.known_words);
//   spelling.Correct("plan the pormotion");  // "plan the promotion"
//
// Known are the vocabulary's whole words of the letters a to z, the earlier the more frequent, and
// the words of the titles that a model was trained on (text/known_words.h). Left as it is: a known
// word; one of fewer than 4 letters or more than 24; one with any other character, or with a
// capital anywhere but where the text begins; the last word of a line while it begins a known word,
// since it may still be typed. So is a word whose letters follow each other as in known words (by
// trigrams), which may be a name or of another language; and one of which the last letter alone
// would change, which may be inflected.
//
// All logarithms are whole numbers, so every host corrects alike. Thread safety: immutable after
// creation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "smartsynch/text/wordpiece.h"

namespace smartsynch {

// What was found for the unknown words of the last texts, for one who corrects a text at every
// letter that is typed: a word is looked for once. Serves one Spelling; one thread at a time.
class SpellingMemo {
 public:
  // Null: not known. Empty: the word is left as it is.
  const std::string* Find(std::string_view word) const;
  void Keep(std::string word, std::string correction);

 private:
  static constexpr std::size_t kMostEntries = 16;
  struct Entry {
    std::string word;
    std::string correction;
  };
  std::vector<Entry> entries_;
  std::size_t oldest_ = 0;
};

class Spelling {
 public:
  // At most so many unknown words of a text are looked at: a long one costs little more.
  static constexpr std::size_t kMaxWords = 8;
  // BERT's vocabulary has its whole words from here on, sorted by frequency.
  static constexpr std::uint32_t kFirstWordId = 1996;

  // `known_words`: as KnownWords() gives them; may be empty.
  Spelling(const WordPiece& vocabulary, std::string_view known_words);

  // Everything but the corrected words is kept, byte by byte. `memo`: the answer is the same with
  // and without one.
  std::string Correct(std::string text, SpellingMemo* memo = nullptr) const;

 private:
  struct Slot {
    std::uint32_t tag = 0;   // of the word's hash, which stands for the word
    std::uint32_t cost = 0;  // -log2 of its probability; 0: the slot is free
  };
  // A known word's beginning of `size` letters, as which the word's first `at` letters can be read.
  struct Reading {
    std::size_t at;
    std::size_t size;
    std::uint64_t fnv;  // the beginning's
    std::size_t slips;
    std::uint32_t cost;  // of the slips
  };
  struct Search;

  // The slot of the word with this hash, or the free one where it belongs.
  std::size_t FindSlot(std::uint64_t hash) const;
  void Know(std::string_view word, std::uint32_t cost);
  bool BeginsKnown(std::string_view word) const;
  std::uint32_t TrigramCost(std::string_view word) const;
  void CountLeastSlips(Search& search) const;
  void Follow(const Reading& reading, Search& search) const;
  // Empty: leave the word as it is.
  std::string Find(std::string_view word) const;

  std::vector<Slot> slots_;                   // a hash table, at most two thirds full
  std::uint32_t least_cost_ = 1U << 20U;      // of all known words
  std::vector<std::uint32_t> letters_after_;  // a beginning; a bit for each
  std::vector<std::uint32_t> endings_;        // a bit for each
  std::vector<std::uint32_t> trigrams_;       // how many known words have it
  std::vector<std::uint32_t> pairs_;          // likewise, of a trigram's first two letters
};

}  // namespace smartsynch
