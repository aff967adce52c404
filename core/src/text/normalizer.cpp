#include "smartsynch/text/normalizer.h"

#include <algorithm>

#include "smartsynch/text/utf8.h"
#include "text/unicode_rules.h"

namespace smartsynch {
namespace {

using unicode_tables::RunKind;

struct Run {
  RunKind kind;
  char32_t offset;  // from the run's first code point
  std::int32_t payload;
};

// Unpacked once, on first use (by one thread, the others wait), and never changed afterwards.
const UnicodeRules& Rules() {
  static const UnicodeRules rules;
  return rules;
}

Run FindRun(char32_t code_point) {
  const UnicodeRules& rules = Rules();
  // The kind fills the low 8 bits, so this finds the first run that begins after the code point.
  const auto after = std::upper_bound(rules.run_starts.begin(), rules.run_starts.end(),
                                      (static_cast<std::uint32_t>(code_point) << 8) | 0xFFu);
  const auto index = static_cast<std::size_t>(after - rules.run_starts.begin()) - 1;
  return {static_cast<RunKind>(rules.run_starts[index] & 0xFFu),
          code_point - (rules.run_starts[index] >> 8), rules.payloads[index]};
}

char32_t Shifted(char32_t code_point, std::int32_t shift) {
  return static_cast<char32_t>(static_cast<std::int32_t>(code_point) + shift);
}

CleanedCodePoint One(char32_t code_point) { return {{code_point, 0, 0}, 1}; }

CleanedCodePoint BetweenSpaces(char32_t code_point) { return {{U' ', code_point, U' '}, 3}; }

// The Unicode Standard's arithmetic decomposition of a Hangul syllable (chapter 3.12).
CleanedCodePoint HangulJamo(char32_t index) {
  const char32_t trailing = index % 28;
  return {{0x1100 + index / 588, 0x1161 + index % 588 / 28, 0x11A7 + trailing},
          static_cast<std::uint8_t>(trailing == 0 ? 2 : 3)};
}

CleanedCodePoint FromPool(const Run& run, std::uint8_t width) {
  const std::size_t first = static_cast<std::size_t>(run.payload) + std::size_t{run.offset} * width;
  const char32_t* source = Rules().pool.data() + first;
  CleanedCodePoint cleaned;
  std::copy(source, source + width, cleaned.code_points.begin());
  cleaned.size = width;
  return cleaned;
}

bool IsAsciiPunctuation(char32_t c) {
  return (c >= U'!' && c <= U'/') || (c >= U':' && c <= U'@') || (c >= U'[' && c <= U'`') ||
         (c >= U'{' && c <= U'~');
}

// Most text is ASCII, whose few rules are quicker than the table (a test compares the two).
CleanedCodePoint CleanAscii(char32_t c) {
  if (c >= U'A' && c <= U'Z') return One(c + 32);
  if (c > U' ' && c < 0x7F) return One(c);
  if (c == U' ' || c == U'\t' || c == U'\n' || c == U'\r') return One(U' ');
  return {};
}

}  // namespace

CleanedCodePoint CleanCodePoint(char32_t code_point) {
  if (code_point < 0x80) return CleanAscii(code_point);
  if (code_point > 0x10FFFF) return {};
  const Run run = FindRun(code_point);
  switch (run.kind) {
    case RunKind::kKeep:
    case RunKind::kPunctuation:
      return One(code_point);
    case RunKind::kRemove:
      return {};
    case RunKind::kSpace:
      return One(U' ');
    case RunKind::kIdeograph:
      return BetweenSpaces(code_point);
    case RunKind::kHangul:
      return HangulJamo(run.offset);
    case RunKind::kShift:
      return One(Shifted(code_point, run.payload));
    case RunKind::kShiftEven:
      return One(run.offset % 2 == 0 ? Shifted(code_point, run.payload) : code_point);
    case RunKind::kPool1:
      return FromPool(run, 1);
    case RunKind::kPool2:
      return FromPool(run, 2);
    case RunKind::kPool3:
      return FromPool(run, 3);
    case RunKind::kPoolIdeograph:
      return BetweenSpaces(FromPool(run, 1).code_points[0]);
  }
  return {};
}

bool IsPunctuation(char32_t cleaned) {
  if (cleaned < 0x80) return IsAsciiPunctuation(cleaned);
  return cleaned <= 0x10FFFF && FindRun(cleaned).kind == RunKind::kPunctuation;
}

std::string CleanText(std::string_view utf8) {
  std::string out;
  out.reserve(utf8.size());
  for (std::size_t position = 0; position < utf8.size();) {
    const CleanedCodePoint cleaned = CleanCodePoint(DecodeUtf8(utf8, position));
    for (std::size_t i = 0; i < cleaned.size; ++i) AppendUtf8(cleaned.code_points[i], out);
  }
  return out;
}

void WordReader::Append(char32_t code_point) {
  // One past the limit is counted, to know that the word is longer, but never more: a word without
  // end must not overflow the count.
  if (code_points_ < max_code_points_) AppendUtf8(code_point, word_);
  if (code_points_ <= max_code_points_) ++code_points_;
}

bool WordReader::Next() {
  word_.clear();
  code_points_ = 0;
  for (;;) {
    if (pending_used_ == pending_.size) {
      if (position_ >= text_.size()) return code_points_ > 0;
      pending_ = CleanCodePoint(DecodeUtf8(text_, position_));
      pending_used_ = 0;
      continue;
    }
    const char32_t code_point = pending_.code_points[pending_used_];
    const bool is_space = code_point == U' ';
    const bool ends_word = is_space || IsPunctuation(code_point);
    if (ends_word && code_points_ > 0) return true;  // the mark stays pending, for the next word
    ++pending_used_;
    if (is_space) continue;
    Append(code_point);
    if (ends_word) return true;
  }
}

}  // namespace smartsynch
