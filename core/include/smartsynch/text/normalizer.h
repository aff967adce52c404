// BERT-uncased cleaning, one code point at a time: control characters and U+FFFD are dropped, every
// white space becomes ' ', each CJK ideograph stands alone, accents go (canonical decomposition,
// then the non-spacing marks are removed), letters become lower-case. The tables are generated from
// Hugging Face `tokenizers`' own BertNormalizer and BertPreTokenizer, asked for every code point
// (tools/unicode/generate_unicode_tables.py), so they follow its Unicode versions, not the newest.
//
//   WordReader reader("Café—Prüfung!");
//   while (reader.Next()) Use(reader.word());  // "cafe", "—", "prufung", "!"
//
// One step of `tokenizers` depends on neighbours and is left out: two *surviving* combining marks
// in a row (some 80 code points of scripts such as Balinese, Glagolitic and musical notation) are
// not put into canonical order. None of them is in the encoder's vocabulary, so such a word is
// [UNK] in either order and no id differs; the table generator checks this. Thread safety: the
// functions are pure; a WordReader belongs to one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace smartsynch {

// What cleaning makes of one code point: nothing, itself, or up to three code points (" 中 ").
struct CleanedCodePoint {
  std::array<char32_t, 3> code_points{};
  std::uint8_t size = 0;
};

CleanedCodePoint CleanCodePoint(char32_t code_point);

// True for what BERT makes a word of its own: ASCII symbols and Unicode punctuation. Meant for code
// points that CleanCodePoint returned.
bool IsPunctuation(char32_t cleaned);

// The whole text cleaned, as UTF-8: CleanText("Ünïcode\t中文") == "unicode  中  文 ".
std::string CleanText(std::string_view utf8);

// Cleans and splits at once, and reads no further than the word asked for, so the start of a huge
// text costs no more than that of a short one. `utf8` must outlive the reader.
class WordReader {
 public:
  static constexpr std::size_t kNoLimit = static_cast<std::size_t>(-1);

  // Of a longer word, only the first `max_code_points` are kept (and is_cut() says so).
  explicit WordReader(std::string_view utf8, std::size_t max_code_points = kNoLimit)
      : text_(utf8), max_code_points_(max_code_points) {}

  // Moves to the next word; false when there is none. A punctuation mark is one word.
  bool Next();

  // The current word, cleaned, in UTF-8: never empty after Next() returned true.
  const std::string& word() const { return word_; }
  bool is_cut() const { return code_points_ > max_code_points_; }

 private:
  void Append(char32_t code_point);

  std::string_view text_;
  std::size_t max_code_points_;
  std::size_t position_ = 0;
  CleanedCodePoint pending_;
  std::uint8_t pending_used_ = 0;
  std::string word_;
  std::size_t code_points_ = 0;
};

}  // namespace smartsynch
