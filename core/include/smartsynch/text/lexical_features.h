// Hashed word and character n-grams of a text: the lexical head's input. Words are the tokenizer's
// (BERT cleaning: lower-case, accents removed). Of every word: the word itself, and the character
// n-grams of 2 to 5 code points of "<word>"; and every pair of neighbouring words.
//
//   std::vector<std::uint32_t> features = LexicalFeatures("Fix the login", 15);
//
// Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace smartsynch {

// Text beyond this many words adds nothing, and of a longer word only the first 32 code points
// count, so the number of features is bounded whatever the text's length.
inline constexpr std::size_t kMaxLexicalWords = 96;

// Bucket numbers below 2^bucket_bits, ascending, each once; more than 32 bits count as 32. Empty
// for a blank text.
std::vector<std::uint32_t> LexicalFeatures(std::string_view text, std::size_t bucket_bits);

}  // namespace smartsynch
