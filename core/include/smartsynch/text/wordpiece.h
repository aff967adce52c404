// Turns a text into the token ids of a BERT-uncased encoder (MiniLM), exactly those of Hugging Face
// `tokenizers` with the encoder's tokenizer.json: BERT cleaning, then greedy longest-match
// WordPiece (Devlin et al. 2018, arXiv:1810.04805; Wu et al. 2016, arXiv:1609.08144).
//
//   Result<WordPiece> tokenizer = WordPiece::FromVocabulary(vocab_txt);
//   if (!tokenizer) return tl::unexpected(tokenizer.error());
//   Encoding encoding = tokenizer->Encode("Fix the login crash");
//   // encoding.ids: [CLS] fix the log ##in crash [SEP], as numbers
//
// Thread safety: immutable after creation, safe to share between threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "smartsynch/base/status.h"

namespace smartsynch {

struct Encoding {
  // [CLS] first, [SEP] last; at least these two.
  std::vector<std::int32_t> ids;
  // True when the text had more tokens than fit; the ids are then those of its beginning.
  bool truncated = false;
  // True when some id is not [CLS], [SEP], [UNK] or [PAD]: without one there is nothing to
  // classify, and no model need run.
  bool has_known_token = false;
};

class WordPiece {
 public:
  // The encoder's limit, special tokens included, as sentence-transformers sets it.
  static constexpr std::size_t kDefaultMaxTokens = 256;
  // A longer word is one [UNK], as in `tokenizers`.
  static constexpr std::size_t kMaxWordCodePoints = 100;
  // Vocabulary files beyond this are refused (BERT's has 231,508 bytes).
  static constexpr std::size_t kMaxVocabularyBytes = std::size_t{64} << 20;

  // `vocab_txt` is the text of a vocab.txt: one token a line, the line's place from 0 is the id; a
  // last line break and Windows line ends are allowed. Copied. Fails with kInvalidVocabulary and
  // the first bad line (counted from 1) for an empty, repeated or not well-formed UTF-8 token, and
  // when [PAD], [UNK], [CLS], [SEP] or [MASK] is missing.
  static Result<WordPiece> FromVocabulary(std::string_view vocab_txt);

  // Never fails. Damaged UTF-8 counts as U+FFFD, which cleaning drops. A special token written out
  // in the text ("[MASK]") becomes that token, as in `tokenizers`. Reads only as much of the text
  // as fills `max_tokens` (at least 2: [CLS] and [SEP]), so a huge text costs little more.
  Encoding Encode(std::string_view text, std::size_t max_tokens = kDefaultMaxTokens) const;

  std::size_t vocabulary_size() const { return token_ends_.size(); }
  // `id` is less than that and not negative.
  std::string_view token(std::int32_t id) const;
  // 64 hexadecimal digits over the bytes given: says whether a head belongs to this vocabulary.
  const std::string& vocabulary_sha256() const { return vocabulary_sha256_; }

 private:
  struct SpecialIds {
    std::int32_t pad = 0, unk = 0, cls = 0, sep = 0, mask = 0;
  };
  // Where a special token stands in a text; `id` is negative when there is none.
  struct SpecialMatch {
    std::size_t position = 0;
    std::size_t size = 0;
    std::int32_t id = -1;
  };

  WordPiece() = default;
  Status AddTokens(std::string_view vocab_txt);
  Status FindSpecialTokens();
  // The slot that holds prefix + piece, or the empty slot where it belongs.
  std::size_t FindSlot(std::uint32_t hash, std::string_view prefix, std::string_view piece) const;
  std::int32_t Lookup(std::string_view token) const;
  SpecialMatch FindSpecial(std::string_view text, std::size_t from) const;
  void AppendText(std::string_view text, std::size_t limit, std::vector<std::int32_t>& ids) const;
  void AppendWord(std::string_view word, std::vector<std::int32_t>& ids) const;

  std::string tokens_;                     // all tokens, one after the other
  std::vector<std::uint32_t> token_ends_;  // by id: where its token ends in tokens_
  std::vector<std::int32_t> slots_;        // open-addressing hash table of ids; -1 is empty
  std::size_t longest_token_ = 0;          // bytes
  SpecialIds special_;
  std::string vocabulary_sha256_;
};

}  // namespace smartsynch
