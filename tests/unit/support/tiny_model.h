// A model small enough to damage byte by byte, and the means to build files that ParseModel should
// refuse.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "smartsynch/model/model.h"
#include "smartsynch/model/safetensors.h"
#include "smartsynch/nn/token_table.h"
#include "smartsynch/text/wordpiece.h"

namespace smartsynch::testing {

// 20 tokens: the special ones, then whole words ("fix", "login", "logo", "draw", …) and pieces.
const std::string& TinyVocabulary();
WordPiece TinyTokenizer();

// Three categories ("development", "design", "ops"; one name is not ASCII), an embedding of 4
// values, 3 hidden units, 64 buckets, two self-test samples. Complete but for `version`.
Model TinyModel();

// Four values a row for each of the 20 tokens, zero for the special ones; hashes filled in.
TokenTable TinyTokenTable();

// TinyModel() with a token head for that table, of 3 hidden units.
Model TinyTokenModel();

// Length one, as an encoder gives it; `seed` chooses the direction.
std::vector<float> TinyEmbedding(std::uint64_t seed);

// The bytes of SerializeModel(TinyModel()).
const std::string& TinyModelBytes();

// Writes `file` with a content_sha256 that fits, however wrong the rest is. Written from
// models/FORMAT.md, not from the core's code.
std::string SealedBytes(Safetensors file);

// TinyModelBytes(), parsed, for a test to change and seal again.
Safetensors TinyModelFile();

inline bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace smartsynch::testing
