// The core's text handling written once more, as plainly as can be: decoding from the definition of
// well-formed UTF-8, whole texts at a time. Only CleanCodePoint() and IsPunctuation(), which tests
// compare with Hugging Face `tokenizers` for every code point, are taken from the core.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace smartsynch::fuzz {

// Maximal subparts (Unicode Standard 3.9): every byte sequence that begins a code point and goes on
// no further is one U+FFFD.
std::u32string SlowDecode(std::string_view bytes);

// A code point to 1 to 4 bytes.
std::string SlowEncode(char32_t code_point);

std::vector<std::string> SlowWords(std::string_view text);

// Greedy longest-match WordPiece over a list of tokens that is searched from the first to the last.
// `tokens` hold [PAD], [UNK], [CLS], [SEP] and [MASK].
std::vector<std::int32_t> SlowWordPiece(const std::vector<std::string>& tokens,
                                        std::string_view text);

}  // namespace smartsynch::fuzz
