#include "smartsynch/text/spelling.h"

#include <algorithm>
#include <array>
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
// By how much a correction must be likelier than the word itself, and what a second slip costs
// beside the letter. Chosen on held-out titles: models/base_model/MODEL_CARD.md.
constexpr std::uint32_t kLikelierThanWord = 5 * kBit + 12;
constexpr std::uint32_t kSecondSlip = 10 * kBit;

// A damaged file may claim more.
constexpr std::uint64_t kMostCounted = 0x7FFFFFFF;
constexpr std::uint32_t kLastLine = 31;

constexpr std::size_t kShortestCorrected = 4;
constexpr std::size_t kLongestCorrected = 24;

// A shorter word is within two slips of too many.
constexpr std::size_t kShortestOfTwoSlips = 7;

// Sizes of tables whose entries some beginnings or endings share.
constexpr std::size_t kBeginnings = std::size_t{1} << 16U;
constexpr std::size_t kEndingBits = std::size_t{1} << 20U;

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
std::size_t BeginningAt(std::uint64_t fnv) { return SpreadBits(fnv) & (kBeginnings - 1); }
// Of the FNV of an ending's letters, the last one first.
std::size_t EndingBit(std::uint64_t fnv) { return SpreadBits(fnv) & (kEndingBits - 1); }

std::uint32_t LetterBit(char letter) {
  return std::uint32_t{1} << static_cast<unsigned>(letter - 'a');
}

std::uint64_t Append(char letter, std::uint64_t fnv) {
  return Fnv1a64(std::string_view(&letter, 1), fnv);
}

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
      if (size < rest.size() && rest[size] == '\n') line = std::min(line + 1, kLastLine);
      rest.remove_prefix(std::min(size + 1, rest.size()));
      if (size > 0) return true;
    }
    return false;
  }
};

}  // namespace

struct Spelling::Search {
  std::string_view word;  // as it was typed
  std::size_t most_slips = 1;
  std::uint32_t best_cost = 0;  // the best one has to cost less
  std::string best = {};
  char meant[kLongestCorrected] = {};
  // The word holds at least so many slips from each letter on.
  std::array<std::size_t, kLongestCorrected + 4> least_slips = {};
};

Spelling::Spelling(const WordPiece& vocabulary, std::string_view known_words)
    : letters_after_(kBeginnings),
      endings_(kEndingBits / 32),
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
  std::array<std::uint64_t, kLongestCorrected + 1> beginnings = {kFnv1a64Start};
  for (std::size_t i = 0; i < word.size(); ++i) beginnings[i + 1] = Append(word[i], beginnings[i]);
  const std::uint64_t hash = SpreadBits(beginnings[word.size()]);
  Slot& slot = slots_[FindSlot(hash)];
  if (slot.cost != 0) {
    slot.cost = std::min(slot.cost, cost);
    return;
  }
  slot = {TagOf(hash), cost};
  least_cost_ = std::min(least_cost_, cost);
  for (std::size_t i = 0; i <= word.size(); ++i) {
    ++trigrams_[TrigramAt(word, i)];
    ++pairs_[PairAt(word, i)];
    if (i < word.size()) letters_after_[BeginningAt(beginnings[i])] |= LetterBit(word[i]);
  }
  std::uint64_t ending = kFnv1a64Start;
  for (std::size_t i = word.size(); i-- > 0;) {
    ending = Append(word[i], ending);
    const std::size_t bit = EndingBit(ending);
    endings_[bit / 32] |= 1U << bit % 32;
  }
}

bool Spelling::BeginsKnown(std::string_view word) const {
  const std::uint64_t fnv = Fnv1a64(word.substr(0, word.size() - 1));
  return (letters_after_[BeginningAt(fnv)] & LetterBit(word.back())) != 0;
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

// From the end on: an ending that no known word has holds a slip, and so do three letters that none
// has in a row. The slip may reach to the next letter (two exchanged), not further.
void Spelling::CountLeastSlips(Search& search) const {
  const std::string_view word = search.word;
  std::uint64_t ending = kFnv1a64Start;
  for (std::size_t at = word.size(); at-- > 0;) {
    ending = Append(word[at], ending);
    const std::size_t bit = EndingBit(ending);
    std::size_t& least = search.least_slips[at];
    least = std::max<std::size_t>(search.least_slips[at + 1], ~endings_[bit / 32] >> bit % 32 & 1U);
    if (at + 2 <= word.size() && trigrams_[TrigramAt(word, at + 2)] == 0) {
      least = std::max(least, search.least_slips[at + 4] + 1);
    }
  }
}

// A depth-first walk over the beginnings of known words.
void Spelling::Follow(const Reading& reading, Search& search) const {
  const std::string_view word = search.word;
  const auto [at, size, fnv, slips, cost] = reading;
  if (cost + least_cost_ >= search.best_cost) return;
  if (slips + search.least_slips[at] > search.most_slips) return;
  if (at == word.size()) {
    const Slot& slot = slots_[FindSlot(SpreadBits(fnv))];
    if (slot.cost == 0 || cost + slot.cost >= search.best_cost) return;
    search.best_cost = cost + slot.cost;
    search.best.assign(search.meant, size);
    return;
  }
  const char typed = word[at];
  // That the last letter alone is too many, another or lacks is no slip: it may be an inflection.
  const bool is_last = at + 1 == word.size();
  const bool may_slip = slips + search.least_slips[at + 2] < search.most_slips;
  const std::uint32_t slip_cost = cost + (slips > 0 ? kSecondSlip : 0);
  const std::uint32_t letter_cost = slip_cost + kOneOfManyLetters;
  const bool is_double = at > 0 && typed == word[at - 1];
  // Of two equal letters the second goes.
  if (may_slip && (is_last ? is_double : typed != word[at + 1])) {
    Follow({at + 1, size, fnv, slips + 1, is_double ? slip_cost : letter_cost}, search);
  }
  if (size == kLongestCorrected) return;
  std::uint32_t letters = letters_after_[BeginningAt(fnv)];
  if (!may_slip) letters &= LetterBit(typed);
  for (; letters != 0; letters &= letters - 1) {
    const auto letter = static_cast<char>('a' + std::countr_zero(letters));
    const std::uint64_t next = Append(letter, fnv);
    search.meant[size] = letter;
    if (letter == typed) {
      Follow({at + 1, size + 1, next, slips, cost}, search);
      continue;
    }
    Follow({at, size + 1, next, slips + 1, slip_cost}, search);
    if (is_last) continue;
    Follow({at + 1, size + 1, next, slips + 1, letter_cost}, search);
    if (letter != word[at + 1] || size + 1 == kLongestCorrected) continue;
    search.meant[size + 1] = typed;
    Follow({at + 2, size + 2, Append(typed, next), slips + 1, slip_cost}, search);
  }
}

std::string Spelling::Find(std::string_view word) const {
  Search search{word};
  CountLeastSlips(search);
  const std::uint32_t word_cost = TrigramCost(word);
  search.best_cost = word_cost - std::min(word_cost, kLikelierThanWord) + 1;
  const Reading start{0, 0, kFnv1a64Start, 0, 0};
  Follow(start, search);
  if (search.best.empty() && word.size() >= kShortestOfTwoSlips) {
    search.most_slips = 2;
    Follow(start, search);
  }
  return search.best;
}

const std::string* SpellingMemo::Find(std::string_view word) const {
  for (const Entry& entry : entries_) {
    if (entry.word == word) return &entry.correction;
  }
  return nullptr;
}

void SpellingMemo::Keep(std::string word, std::string correction) {
  Entry entry{std::move(word), std::move(correction)};
  if (entries_.size() < kMostEntries) {
    entries_.push_back(std::move(entry));
  } else {
    entries_[oldest_] = std::move(entry);
    oldest_ = (oldest_ + 1) % kMostEntries;
  }
}

std::string Spelling::Correct(std::string text, SpellingMemo* memo) const {
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
    const std::string* known = memo == nullptr ? nullptr : memo->Find(word);
    std::string found = known == nullptr ? Find(word) : *known;
    if (memo != nullptr && known == nullptr) memo->Keep(word, found);
    if (found.empty()) continue;
    corrected.append(text, copied, start - copied).append(found);
    copied = begin;
  }
  if (copied == 0) return text;
  return corrected.append(text, copied);
}

}  // namespace smartsynch
