// A linear classifier over hashed word and character n-grams (text/lexical_features.h), in the
// manner of fastText (Joulin et al. 2016, arXiv:1607.01759) with feature hashing (Weinberger et al.
// 2009, arXiv:0902.2206). It knows what an English sentence encoder does not: jargon,
// abbreviations, words of other languages; and it answers in microseconds.
//
// logits[o] = scale[o] / sqrt(n) * sum over the n features f of weights[f, o]
// The sum is in integers, so it is exact and the same everywhere.
// Thread safety: a plain value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace smartsynch {

struct LexicalHead {
  std::size_t bucket_bits = 0;       // 2^bucket_bits buckets
  std::size_t outputs = 0;           // categories + 1, the open-set logit last
  std::vector<std::int8_t> weights;  // [buckets, outputs]
  std::vector<float> scale;          // [outputs]

  // `features`: distinct bucket numbers; those out of range are ignored. Writes `outputs` logits,
  // all zero when there is no feature.
  void Forward(std::span<const std::uint32_t> features, float* logits) const;

  // Rounds float weights [buckets, outputs] to int8 with one scale per output (largest magnitude /
  // 127). A weight that is not a number becomes 0; an infinite one makes its scale infinite, which
  // no model file takes.
  static LexicalHead Quantize(std::size_t bucket_bits, std::size_t outputs,
                              const std::vector<float>& weights);
};

}  // namespace smartsynch
