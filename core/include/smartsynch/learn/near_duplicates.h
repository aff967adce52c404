// Finds samples that mean nearly the same, by their sentence embeddings: what shares few words with
// another sample, and so is no similar pair of learn/duplicates.h, but teaches nothing new, or,
// with another label, contradicts it.
//
//   Result<std::vector<NearDuplicate>> pairs =
//       FindNearDuplicates(embeddings, encoder.dimension(), labels, 0.95F);
//
// Every pair is compared, in blocks of one matrix product each: 10,000 rows of 384 take about a
// second. Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "smartsynch/base/status.h"

namespace smartsynch {

struct NearDuplicate {
  std::size_t first = 0;  // rows, first < second
  std::size_t second = 0;
  float cosine = 0.0F;
  bool conflict = false;  // the two have different labels
};

// `embeddings`: row-major [labels.size(), dimension], each row of Euclidean norm one, or all zero
// for a text without a known token, which resembles nothing. Labels may be any integers. Gives the
// pairs with a cosine of at least `threshold`: those of different labels first, then the closest
// first, then by row. Fails with kInvalidArgument when `embeddings` has another size or the
// threshold is not above 0 and at most 1.
Result<std::vector<NearDuplicate>> FindNearDuplicates(std::span<const float> embeddings,
                                                      std::size_t dimension,
                                                      std::span<const int> labels, float threshold);

}  // namespace smartsynch
