#include "slow_text.h"

#include <algorithm>

#include "smartsynch/text/normalizer.h"

namespace smartsynch::fuzz {
namespace {

// One code point's encoding, or its first bytes.
struct Form {
  std::size_t size;
  unsigned first_low, first_high, second_low, second_high;
};

// Table 3-7 of the Unicode Standard: third and fourth bytes are always 80..BF.
constexpr Form kForms[] = {
    {1, 0x00, 0x7F, 0, 0},       {2, 0xC2, 0xDF, 0x80, 0xBF}, {3, 0xE0, 0xE0, 0xA0, 0xBF},
    {3, 0xE1, 0xEC, 0x80, 0xBF}, {3, 0xED, 0xED, 0x80, 0x9F}, {3, 0xEE, 0xEF, 0x80, 0xBF},
    {4, 0xF0, 0xF0, 0x90, 0xBF}, {4, 0xF1, 0xF3, 0x80, 0xBF}, {4, 0xF4, 0xF4, 0x80, 0x8F},
};

// How many bytes at the front agree with `form`.
std::size_t Agreeing(const Form& form, std::string_view bytes) {
  std::size_t count = 0;
  for (; count < std::min(form.size, bytes.size()); ++count) {
    const unsigned byte = static_cast<unsigned char>(bytes[count]);
    const unsigned low = count == 0 ? form.first_low : count == 1 ? form.second_low : 0x80;
    const unsigned high = count == 0 ? form.first_high : count == 1 ? form.second_high : 0xBF;
    if (byte < low || byte > high) break;
  }
  return count;
}

std::size_t FindToken(const std::vector<std::string>& tokens, const std::string& token) {
  return static_cast<std::size_t>(std::find(tokens.begin(), tokens.end(), token) - tokens.begin());
}

std::size_t CountCodePoints(const std::string& word) { return SlowDecode(word).size(); }

void AppendPieces(const std::vector<std::string>& tokens, const std::string& word,
                  std::vector<std::int32_t>& ids) {
  const auto unknown = static_cast<std::int32_t>(FindToken(tokens, "[UNK]"));
  std::vector<std::int32_t> pieces;
  if (CountCodePoints(word) > 100) {
    ids.push_back(unknown);
    return;
  }
  for (std::size_t begin = 0; begin < word.size();) {
    std::size_t size = word.size() - begin;
    std::size_t id = tokens.size();
    for (; size > 0; --size) {
      id = FindToken(tokens, (begin == 0 ? "" : "##") + word.substr(begin, size));
      if (id < tokens.size()) break;
    }
    if (id == tokens.size()) {
      ids.push_back(unknown);
      return;
    }
    pieces.push_back(static_cast<std::int32_t>(id));
    begin += size;
  }
  ids.insert(ids.end(), pieces.begin(), pieces.end());
}

}  // namespace

std::u32string SlowDecode(std::string_view bytes) {
  std::u32string decoded;
  while (!bytes.empty()) {
    std::size_t taken = 1;
    char32_t code_point = 0xFFFD;
    for (const Form& form : kForms) {
      const std::size_t agreeing = Agreeing(form, bytes);
      taken = std::max(taken, agreeing);
      if (agreeing < form.size) continue;
      const unsigned first = static_cast<unsigned char>(bytes[0]);
      code_point = form.size == 1 ? first : first & (0xFFU >> (form.size + 1));
      for (std::size_t i = 1; i < form.size; ++i) {
        code_point = (code_point << 6U) | (static_cast<unsigned char>(bytes[i]) & 0x3FU);
      }
    }
    decoded += code_point;
    bytes.remove_prefix(taken);
  }
  return decoded;
}

std::string SlowEncode(char32_t code_point) {
  const auto tail = [code_point](unsigned shift) {
    return static_cast<char>(0x80U | ((code_point >> shift) & 0x3FU));
  };
  if (code_point < 0x80) return {static_cast<char>(code_point)};
  if (code_point < 0x800) return {static_cast<char>(0xC0U | (code_point >> 6U)), tail(0)};
  if (code_point < 0x10000) {
    return {static_cast<char>(0xE0U | (code_point >> 12U)), tail(6), tail(0)};
  }
  return {static_cast<char>(0xF0U | (code_point >> 18U)), tail(12), tail(6), tail(0)};
}

std::vector<std::string> SlowWords(std::string_view text) {
  std::u32string cleaned;
  for (const char32_t code_point : SlowDecode(text)) {
    const CleanedCodePoint clean = CleanCodePoint(code_point);
    cleaned.append(clean.code_points.data(), clean.size);
  }
  std::vector<std::string> words(1);
  for (const char32_t code_point : cleaned) {
    const bool alone = IsPunctuation(code_point);
    if (code_point == U' ' || alone) words.emplace_back();
    if (code_point != U' ') words.back() += SlowEncode(code_point);
    if (alone) words.emplace_back();
  }
  words.erase(std::remove(words.begin(), words.end(), std::string()), words.end());
  return words;
}

std::vector<std::int32_t> SlowWordPiece(const std::vector<std::string>& tokens,
                                        std::string_view text) {
  const auto id_of = [&](const char* token) {
    return static_cast<std::int32_t>(FindToken(tokens, token));
  };
  std::vector<std::int32_t> ids = {id_of("[CLS]")};
  std::string before;
  const auto flush = [&] {
    for (const std::string& word : SlowWords(before)) AppendPieces(tokens, word, ids);
    before.clear();
  };
  while (!text.empty()) {
    std::size_t taken = 1;
    for (const char* special : {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}) {
      if (!text.starts_with(special)) continue;
      flush();
      ids.push_back(id_of(special));
      taken = std::string_view(special).size();
      break;
    }
    if (taken == 1) before += text[0];
    text.remove_prefix(taken);
  }
  flush();
  ids.push_back(id_of("[SEP]"));
  return ids;
}

}  // namespace smartsynch::fuzz
