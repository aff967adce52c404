#include "cli/embed.h"

#include <algorithm>
#include <cstddef>

namespace smartsynch {
namespace {

// Both bound the memory of one run of the graph; beyond them a larger batch was no faster.
constexpr std::size_t kMaxRows = 64;
constexpr std::size_t kMaxTokens = 4096;  // padding included

// Padded tokens cost as much as real ones, a run of the graph about as much as 50 tokens: so few
// texts of other lengths are worth a run of their own.
bool IsTooUneven(std::size_t shortest, std::size_t longest) {
  return longest > shortest + shortest / 4 + 1;
}

}  // namespace

Result<std::vector<float>> EmbedAll(Encoder& encoder, std::span<const Encoding> encodings,
                                    const ProgressCallback& progress) {
  const std::size_t dimension = encoder.dimension();
  std::vector<float> all(encodings.size() * dimension, 0.0F);
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < encodings.size(); ++i) {
    if (encodings[i].has_known_token) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return encodings[a].ids.size() < encodings[b].ids.size();
  });
  std::vector<Encoding> batch;
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin;
    batch.clear();
    while (end < order.size() && end - begin < kMaxRows) {
      const Encoding& next = encodings[order[end]];  // the longest so far
      const bool is_first = end == begin;
      if (!is_first && (end - begin + 1) * next.ids.size() > kMaxTokens) break;
      if (!is_first && IsTooUneven(batch.front().ids.size(), next.ids.size())) break;
      batch.push_back(next);
      ++end;
    }
    Result<std::vector<float>> rows = encoder.Embed(batch);
    if (!rows) return rows;
    for (std::size_t i = begin; i < end; ++i) {
      std::copy_n(rows->data() + (i - begin) * dimension, dimension,
                  all.data() + order[i] * dimension);
    }
    begin = end;
    if (progress && !progress(begin, order.size())) {
      return Fail(ErrorCode::kCancelled, "embedding was cancelled");
    }
  }
  return all;
}

}  // namespace smartsynch
