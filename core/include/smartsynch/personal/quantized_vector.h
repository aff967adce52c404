// Directions as int8: what the feedback log and the exemplar memory keep of an embedding. Cosines
// of them are integer sums and two square roots, so they are the same bits on every host. Against
// float, the cosine of two 384-value embeddings moves by less than 0.005 (checked in the tests).
//
//   std::vector<std::int8_t> q = QuantizeDirection(embedding);
//   float cosine = static_cast<float>(Dot(q, r)) * InverseNorm(q) * InverseNorm(r);
//
// Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "smartsynch/base/status.h"

namespace smartsynch {

// The largest magnitude becomes 127. All zero for a zero vector; a value that is not finite becomes
// 0.
std::vector<std::int8_t> QuantizeDirection(std::span<const float> values);

// A direction from hashed n-grams (text/lexical_features.h): every feature adds 1 or -1 to one of
// `dimension` values, both chosen by a hash of its number, so that the cosine of two directions
// estimates how many n-grams two texts share (feature hashing, Weinberger et al. 2009,
// arXiv:0902.2206). `dimension` must be above 0.
std::vector<std::int8_t> HashedDirection(std::span<const std::uint32_t> features,
                                         std::size_t dimension);

// Two directions side by side: the cosine of two such joins is `share` times the first parts'
// cosine and 1 - share times the second parts', whatever the lengths of the parts. `share` in 0..1;
// a part that is zero, or has no share, counts as a cosine of 0.
std::vector<std::int8_t> JoinDirections(std::span<const float> first,
                                        std::span<const std::int8_t> second, float share);

// Over the shorter of the two.
std::int32_t Dot(std::span<const std::int8_t> a, std::span<const std::int8_t> b);

// 1 / Euclidean norm; 0 for a zero vector, so that its cosine with anything is 0.
float InverseNorm(std::span<const std::int8_t> values);

// Base64 (RFC 4648, with padding), as vectors stand in the log. DecodeBase64 fails with
// kInvalidData for anything that EncodeBase64 would not write.
std::string EncodeBase64(std::span<const std::int8_t> values);
Result<std::vector<std::int8_t>> DecodeBase64(std::string_view text);

}  // namespace smartsynch
