// Static token embeddings (Model2Vec, Tulkens & van Dongen 2024): one row for every entry of the
// vocabulary, learnt from the sentence transformer (distill/distill_table.h). A text's embedding is
// the sum of its tokens' rows, so that it costs microseconds and needs no neural network runtime.
//
//   std::vector<float> embedding(table.dimension);
//   table.Embed(encoding.ids, embedding.data());
//
// Rows are whole numbers times a scale of their own; a token that matters little has a short row. A
// row with scale 0 adds nothing: special tokens, and scripts that the encoder does not know.
// Thread safety: a plain value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace smartsynch {

struct TokenTable {
  std::size_t dimension = 0;  // even
  // 4: codes -7..7, two a byte, the first in the low half; 3: the same with -3..3, which compresses
  // better; 8: codes -127..127, one a byte.
  unsigned bits = 4;
  std::vector<std::int8_t> codes;  // [rows, RowBytes()]
  std::vector<float> scale;        // [rows], 0 or more; row i belongs to the token with the id i

  std::string vocabulary_sha256;  // whose ids these are
  std::string encoder_sha256;     // whose embeddings the rows were learnt from
  std::uint64_t seed = 0;         // of that learning
  // SHA-256 of the whole file, by which a model names its table; set by ParseTokenTable.
  std::string sha256;

  std::size_t rows() const { return scale.size(); }
  std::size_t RowBytes() const { return bits == 8 ? dimension : dimension / 2; }
  int HighestCode() const { return (1 << (bits - 1)) - 1; }

  // Writes `dimension` values with Euclidean norm one; all zero when every row is zero or there is
  // none. Sums run in token order, so the result has the same bits on every host. Ids out of range
  // are ignored.
  void Embed(std::span<const std::int32_t> ids, float* out) const;

  // Rounds `dimension` values into a row, with the scale (of a few tried) that errs least. Scales
  // keep 8 binary digits, so that they compress. Values that are not finite count as 0.
  void SetRow(std::size_t row, const float* values);

  // A row's values; `out`: `dimension` floats.
  void GetRow(std::size_t row, float* out) const;
};

}  // namespace smartsynch
