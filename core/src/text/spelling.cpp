#include "smartsynch/text/spelling.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "smartsynch/base/hash.h"

namespace smartsynch {
namespace {

// Costs are logarithms to base 2 in sixteenths.
constexpr std::uint32_t kBit = 16;

// 0 for 0, too.
std::uint32_t Log2(std::uint32_t value) {
  if (value == 0) return 0;
  const auto whole = static_cast<std::uint32_t>(std::bit_width(value)) - 1;
  std::uint64_t mantissa = std::uint64_t{value} << (31U - whole);
  std::uint32_t log = whole;
  for (int bit = 0; bit < 4; ++bit) {
    mantissa = mantissa * mantissa >> 31U;
    const std::uint64_t carry = mantissa >> 32U;
    mantissa >>= carry;
    log = log * 2 + static_cast<std::uint32_t>(carry);
  }
  return log;
}

// Zipf's law gives the probability of the vocabulary's words. Half of all words are taken to be of
// that kind, half to be of the titles'.
constexpr std::uint32_t kZipfShift = 1900;
constexpr std::uint32_t kZipfSum = 2 * kBit + 4;  // log2 of the sum of 1 / (id - shift)
constexpr std::uint32_t kHalf = kBit;

// One of 25 other letters was struck or put in; all other slips (a letter left out, struck twice,
// or exchanged with the next) can happen in one way only.
constexpr std::uint32_t kOneOfManyLetters = 4 * kBit + 10;
// By how much a correction must be likelier than the word itself, and than the next candidate (ten
// times). Chosen on held-out titles: models/base_model/MODEL_CARD.md.
constexpr std::uint32_t kLikelierThanWord = 5 * kBit + 12;
constexpr std::uint32_t kLikelierThanNext = 3 * kBit + 5;
constexpr std::uint32_t kNoCost = 1U << 20U;

constexpr std::uint64_t kMostCounted = 0x7FFFFFFF;  // a damaged file may claim more

constexpr std::size_t kShortestCorrected = 4;
constexpr std::size_t kLongestCorrected = 24;

constexpr std::size_t kBeginnings = std::size_t{1} << 20U;

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
// What is no ASCII letter belongs to the word all the same, so that such a word is left alone.
bool IsOfWord(char c) {
  return IsLower(c) || IsUpper(c) || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool IsLatin(std::string_view word) { return std::all_of(word.begin(), word.end(), IsLower); }

// Symbol 0 is either end of the word.
constexpr std::uint32_t kSymbols = 27;

std::uint32_t Symbol(std::string_view word, std::size_t at) {
  return at < word.size() ? static_cast<std::uint32_t>(word[at] - 'a') + 1 : 0;
}

// Of the letter at `at` and the two before it; before the first the index wraps around to beyond
// the end.
std::uint32_t PairAt(std::string_view word, std::size_t at) {
  return Symbol(word, at - 2) * kSymbols + Symbol(word, at - 1);
}
std::uint32_t TrigramAt(std::string_view word, std::size_t at) {
  return PairAt(word, at) * kSymbols + Symbol(word, at);
}

// Of a beginning's FNV.
std::size_t BeginningBit(std::uint64_t fnv) { return SpreadBits(fnv) & (kBeginnings - 1); }

std::uint64_t WordHash(std::string_view word) { return SpreadBits(Fnv1a64(word)); }
std::uint32_t TagOf(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32U); }

// The words of KnownWords()'s lines, one after the other.
struct LineReader {
  std::string_view rest;
  std::string_view word = {};
  std::uint32_t word_line = 0;
  std::uint32_t line = 0;  // of what follows

  bool Next() {
    while (!rest.empty()) {
      const std::size_t size = std::min(rest.find_first_of(" \n"), rest.size());
      word = rest.substr(0, size);
      word_line = line;
      if (size < rest.size() && rest[size] == '\n') ++line;
      rest.remove_prefix(std::min(size + 1, rest.size()));
      if (size > 0) return true;
    }
    return false;
  }
};

}  // namespace

struct Spelling::Search {
  std::uint32_t best = kNoCost;
  std::uint32_t next = kNoCost;
  std::size_t slot = 0;  // of the best one
  std::string word;      // the best one
  char candidate[kLongestCorrected + 1] = {};
};

Spelling::Spelling(const WordPiece& vocabulary, std::string_view known_words)
    : beginnings_(kBeginnings / 32),
      trigrams_(std::size_t{kSymbols} * kSymbols * kSymbols),
      pairs_(std::size_t{kSymbols} * kSymbols) {
  std::size_t words = vocabulary.vocabulary_size();
  std::uint64_t counted = 1;  // a word of line n was counted about 1.5 * 2^n times
  for (LineReader reader{known_words}; reader.Next(); ++words) {
    counted = std::min(counted + (std::uint64_t{3} << reader.word_line >> 1U), kMostCounted);
  }
  const std::uint32_t rarity = Log2(static_cast<std::uint32_t>(counted));  // of a word counted once
  slots_.resize(std::bit_ceil(words + words / 2 + 1));
  for (LineReader reader{known_words}; reader.Next();) {
    Know(reader.word, kHalf + rarity - std::min(rarity, reader.word_line * kBit + kBit / 2));
  }
  for (std::uint32_t id = kFirstWordId; id < vocabulary.vocabulary_size(); ++id) {
    Know(vocabulary.token(static_cast<std::int32_t>(id)), kHalf + kZipfSum + Log2(id - kZipfShift));
  }
}

std::size_t Spelling::FindSlot(std::uint64_t hash) const {
  const std::uint32_t tag = TagOf(hash);
  std::size_t slot = hash & (slots_.size() - 1);
  while (slots_[slot].cost != 0 && slots_[slot].tag != tag) slot = (slot + 1) & (slots_.size() - 1);
  return slot;
}

void Spelling::Know(std::string_view word, std::uint32_t cost) {
  if (word.size() > kLongestCorrected || !IsLatin(word)) return;
  const std::uint64_t hash = WordHash(word);
  Slot& slot = slots_[FindSlot(hash)];
  if (slot.cost != 0) {
    slot.cost = std::min(slot.cost, cost);
    return;
  }
  slot = {TagOf(hash), cost};
  std::uint64_t beginning = kFnv1a64Start;
  for (std::size_t i = 0; i <= word.size(); ++i) {
    ++trigrams_[TrigramAt(word, i)];
    ++pairs_[PairAt(word, i)];
    const std::size_t bit = BeginningBit(beginning);
    beginnings_[bit / 32] |= 1U << bit % 32;
    beginning = Fnv1a64(word.substr(i, 1), beginning);
  }
}

bool Spelling::BeginsKnown(std::string_view word) const {
  const std::size_t bit = BeginningBit(Fnv1a64(word));
  return (beginnings_[bit / 32] >> bit % 32 & 1U) != 0;
}

// -log2 of the probability of the letters one after the other, each by the two before it.
std::uint32_t Spelling::TrigramCost(std::string_view word) const {
  std::uint32_t cost = 0;
  for (std::size_t i = 0; i <= word.size(); ++i) {
    // As if every trigram had been seen a twentieth of a time more.
    cost += Log2(pairs_[PairAt(word, i)] * 20 + kSymbols) -
            Log2(trigrams_[TrigramAt(word, i)] * 20 + 1);
  }
  return cost;
}

void Spelling::Try(std::size_t size, std::size_t at, std::uint32_t slip, Search& search) const {
  const std::string_view candidate(search.candidate, size);
  // Every trigram of a known word was counted; only those around the change are new. It spares most
  // candidates the hash.
  for (std::size_t i = at; i <= std::min(at + 3, size); ++i) {
    if (trigrams_[TrigramAt(candidate, i)] == 0) return;
  }
  const std::size_t slot = FindSlot(WordHash(candidate));
  if (slots_[slot].cost == 0) return;
  const std::uint32_t cost = slots_[slot].cost + slip;
  if (slot == search.slot) {  // by another slip
    search.best = std::min(search.best, cost);
  } else if (cost < search.best) {
    search.next = search.best;
    search.best = cost;
    search.slot = slot;
    search.word = candidate;
  } else {
    search.next = std::min(search.next, cost);
  }
}

std::string Spelling::Find(std::string_view word) const {
  Search search;
  search.slot = slots_.size();
  char* const candidate = search.candidate;
  const std::size_t size = word.size();
  const std::size_t last = size - 1;
  for (std::size_t i = 0; i <= last; ++i) {
    const bool is_double = i > 0 && word[i] == word[i - 1];
    // Of two equal letters the second goes.
    if (i < last ? word[i] != word[i + 1] : is_double) {
      std::copy(word.begin() + i + 1, word.end(), std::copy_n(word.begin(), i, candidate));
      Try(last, i, is_double ? 0 : kOneOfManyLetters, search);
    }
    std::copy(word.begin() + i, word.end(), std::copy_n(word.begin(), i, candidate) + 1);
    for (char letter = 'a'; letter <= 'z'; ++letter) {
      candidate[i] = letter;
      if (i < last || letter != word[i]) Try(size + 1, i, 0, search);
    }
    if (i == last) break;
    std::copy(word.begin(), word.end(), candidate);
    for (char letter = 'a'; letter <= 'z'; ++letter) {
      candidate[i] = letter;
      if (letter != word[i]) Try(size, i, kOneOfManyLetters, search);
    }
    candidate[i] = word[i + 1];
    candidate[i + 1] = word[i];
    if (word[i] != word[i + 1]) Try(size, i, 0, search);
  }
  const bool is_sure = search.best + kLikelierThanNext <= search.next &&
                       search.best + kLikelierThanWord <= TrigramCost(word);
  return is_sure ? search.word : std::string();
}

std::string Spelling::Correct(std::string text) const {
  std::string corrected;
  std::size_t copied = 0;
  std::size_t looked_at = 0;
  for (std::size_t begin = 0; begin < text.size() && looked_at < kMaxWords; ++begin) {
    const std::size_t start = begin;
    while (begin < text.size() && IsOfWord(text[begin])) ++begin;
    const std::size_t size = begin - start;
    if (size < kShortestCorrected || size > kLongestCorrected) continue;
    std::string word = text.substr(start, size);
    if (start == 0 && IsUpper(word[0])) word[0] = static_cast<char>(word[0] - 'A' + 'a');
    if (!IsLatin(word) || slots_[FindSlot(WordHash(word))].cost != 0) continue;
    const bool may_be_typed = begin == text.size() || text[begin] == '\n';
    if (may_be_typed && BeginsKnown(word)) continue;
    ++looked_at;
    const std::string found = Find(word);
    if (found.empty()) continue;
    corrected.append(text, copied, start - copied).append(found);
    copied = begin;
  }
  if (copied == 0) return text;
  return corrected.append(text, copied);
}

}  // namespace smartsynch
