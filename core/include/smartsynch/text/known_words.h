// The words of the texts that a model is trained on, for text/spelling.h: titles have words that an
// encoder's vocabulary lacks, of their trade and of other languages than its own.
//
//   model.known_words = KnownWords(texts, tokenizer);
//
// Thread safety: a pure function.
#pragma once

#include <span>
#include <string>

#include "smartsynch/text/wordpiece.h"

namespace smartsynch {

// Words of 3 to 24 letters a to z after cleaning (text/normalizer.h), sorted, with single spaces
// between them: line n, from 0, has those that were counted 2^n to 2^(n + 1) - 1 times. Without the
// vocabulary's own words that were counted fewer than four times, which say nothing new.
std::string KnownWords(std::span<const std::string> texts, const WordPiece& vocabulary);

}  // namespace smartsynch
