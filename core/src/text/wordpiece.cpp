#include "smartsynch/text/wordpiece.h"

#include <algorithm>
#include <array>
#include <utility>

#include "smartsynch/base/hash.h"
#include "smartsynch/text/normalizer.h"
#include "smartsynch/text/utf8.h"

namespace smartsynch {
namespace {

constexpr std::int32_t kEmptySlot = -1;
constexpr std::string_view kContinuation = "##";

// FNV-1a, 32 bits, which can be carried on byte by byte: every beginning of a word is hashed in one
// pass over the word.
constexpr std::uint32_t kHashStart = 0x811C9DC5u;

constexpr std::uint32_t HashByte(std::uint32_t hash, char byte) {
  return (hash ^ static_cast<unsigned char>(byte)) * 0x01000193u;
}

constexpr std::uint32_t HashBytes(std::uint32_t hash, std::string_view bytes) {
  for (const char byte : bytes) hash = HashByte(hash, byte);
  return hash;
}

constexpr std::uint32_t kContinuationHash = HashBytes(kHashStart, kContinuation);

bool IsWellFormed(std::string_view bytes) { return RepairUtf8(bytes) == bytes; }

tl::unexpected<Error> BadLine(std::size_t id, const std::string& what) {
  const std::string line = "line " + std::to_string(id + 1);
  return Fail(ErrorCode::kInvalidVocabulary, "vocabulary " + line + ": " + what, line);
}

}  // namespace

Result<WordPiece> WordPiece::FromVocabulary(std::string_view vocab_txt) {
  if (vocab_txt.size() > kMaxVocabularyBytes) {
    return Fail(ErrorCode::kInvalidVocabulary,
                "vocabulary has " + std::to_string(vocab_txt.size()) + " bytes, expected at most " +
                    std::to_string(kMaxVocabularyBytes));
  }
  WordPiece wordpiece;
  const Status added = wordpiece.AddTokens(vocab_txt);
  if (!added) return tl::unexpected<Error>(added.error());
  const Status found = wordpiece.FindSpecialTokens();
  if (!found) return tl::unexpected<Error>(found.error());
  wordpiece.vocabulary_sha256_ = Sha256Hex(vocab_txt);
  return wordpiece;
}

Status WordPiece::AddTokens(std::string_view vocab_txt) {
  const std::size_t lines =
      static_cast<std::size_t>(std::count(vocab_txt.begin(), vocab_txt.end(), '\n')) + 1;
  std::size_t slot_count = 16;
  while (slot_count < lines * 2) slot_count *= 2;
  slots_.assign(slot_count, kEmptySlot);
  token_ends_.reserve(lines);
  tokens_.reserve(vocab_txt.size());

  while (!vocab_txt.empty()) {
    const std::size_t line_end = std::min(vocab_txt.find('\n'), vocab_txt.size());
    std::string_view token = vocab_txt.substr(0, line_end);
    vocab_txt.remove_prefix(std::min(line_end + 1, vocab_txt.size()));
    if (!token.empty() && token.back() == '\r') token.remove_suffix(1);

    const std::size_t id = token_ends_.size();
    if (token.empty()) return BadLine(id, "the line is empty, expected a token");
    if (!IsWellFormed(token)) return BadLine(id, "the token is not well-formed UTF-8");
    const std::size_t slot = FindSlot(HashBytes(kHashStart, token), {}, token);
    if (slots_[slot] != kEmptySlot) {
      return BadLine(id, "the token \"" + std::string(token) + "\" already stands on line " +
                             std::to_string(slots_[slot] + 1) + ", expected each once");
    }
    slots_[slot] = static_cast<std::int32_t>(id);
    tokens_.append(token);
    token_ends_.push_back(static_cast<std::uint32_t>(tokens_.size()));
    longest_token_ = std::max(longest_token_, token.size());
  }
  return {};
}

Status WordPiece::FindSpecialTokens() {
  const std::array<std::pair<const char*, std::int32_t*>, 5> wanted = {
      {{"[PAD]", &special_.pad},
       {"[UNK]", &special_.unk},
       {"[CLS]", &special_.cls},
       {"[SEP]", &special_.sep},
       {"[MASK]", &special_.mask}}};
  for (const auto& [token, id] : wanted) {
    *id = Lookup(token);
    if (*id == kEmptySlot) {
      return Fail(ErrorCode::kInvalidVocabulary,
                  "vocabulary line " + std::to_string(token_ends_.size() + 1) +
                      ": the vocabulary ends without the special token " + token,
                  token);
    }
  }
  return {};
}

std::string_view WordPiece::token(std::int32_t id) const {
  const std::size_t index = static_cast<std::size_t>(id);
  const std::size_t begin = index == 0 ? 0 : token_ends_[index - 1];
  return std::string_view(tokens_).substr(begin, token_ends_[index] - begin);
}

std::size_t WordPiece::FindSlot(std::uint32_t hash, std::string_view prefix,
                                std::string_view piece) const {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t slot = hash & mask;; slot = (slot + 1) & mask) {
    if (slots_[slot] == kEmptySlot) return slot;
    const std::string_view entry = token(slots_[slot]);
    if (entry.size() == prefix.size() + piece.size() && entry.starts_with(prefix) &&
        entry.substr(prefix.size()) == piece) {
      return slot;
    }
  }
}

std::int32_t WordPiece::Lookup(std::string_view token) const {
  return slots_[FindSlot(HashBytes(kHashStart, token), {}, token)];
}

Encoding WordPiece::Encode(std::string_view text, std::size_t max_tokens) const {
  const std::size_t limit = std::max<std::size_t>(max_tokens, 2) - 1;  // [CLS] and text
  Encoding encoding;
  encoding.ids.push_back(special_.cls);
  std::size_t position = 0;
  while (position < text.size() && encoding.ids.size() <= limit) {
    const SpecialMatch match = FindSpecial(text, position);
    AppendText(text.substr(position, match.position - position), limit, encoding.ids);
    if (match.id >= 0) encoding.ids.push_back(match.id);
    position = match.position + match.size;
  }
  if (encoding.ids.size() > limit) {
    encoding.ids.resize(limit);
    encoding.truncated = true;
  }
  encoding.ids.push_back(special_.sep);
  encoding.has_known_token =
      std::any_of(encoding.ids.begin(), encoding.ids.end(), [this](std::int32_t id) {
        return id != special_.cls && id != special_.sep && id != special_.unk && id != special_.pad;
      });
  return encoding;
}

WordPiece::SpecialMatch WordPiece::FindSpecial(std::string_view text, std::size_t from) const {
  for (std::size_t i = text.find('[', from); i < text.size(); i = text.find('[', i + 1)) {
    for (const std::int32_t id :
         {special_.pad, special_.unk, special_.cls, special_.sep, special_.mask}) {
      const std::string_view entry = token(id);
      if (text.substr(i, entry.size()) == entry) return {i, entry.size(), id};
    }
  }
  return {text.size(), 0, -1};
}

void WordPiece::AppendText(std::string_view text, std::size_t limit,
                           std::vector<std::int32_t>& ids) const {
  WordReader reader(text, kMaxWordCodePoints);
  while (ids.size() <= limit && reader.Next()) {
    if (reader.is_cut()) {
      ids.push_back(special_.unk);
    } else {
      AppendWord(reader.word(), ids);
    }
  }
}

void WordPiece::AppendWord(std::string_view word, std::vector<std::int32_t>& ids) const {
  const std::size_t first_piece = ids.size();
  // A word is at most kMaxWordCodePoints of at most 4 bytes.
  std::array<std::uint32_t, kMaxWordCodePoints * 4 + 1> hashes;
  for (std::size_t begin = 0; begin < word.size();) {
    const std::string_view prefix = begin == 0 ? std::string_view() : kContinuation;
    const std::size_t longest = std::min(word.size() - begin, longest_token_);
    hashes[0] = begin == 0 ? kHashStart : kContinuationHash;
    for (std::size_t i = 0; i < longest; ++i) hashes[i + 1] = HashByte(hashes[i], word[begin + i]);

    std::int32_t id = kEmptySlot;
    std::size_t size = longest;
    // Byte by byte is safe: tokens and words are well-formed, so no match ends inside a code point.
    for (; size > 0; --size) {
      id = slots_[FindSlot(hashes[size], prefix, word.substr(begin, size))];
      if (id != kEmptySlot) break;
    }
    if (id == kEmptySlot) {  // one piece unknown makes the whole word unknown
      ids.resize(first_piece);
      ids.push_back(special_.unk);
      return;
    }
    ids.push_back(id);
    begin += size;
  }
}

}  // namespace smartsynch
