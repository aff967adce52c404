#include "smartsynch/learn/near_duplicates.h"

#include <algorithm>
#include <string>
#include <tuple>

#include "smartsynch/nn/matrix.h"

namespace smartsynch {
namespace {

constexpr std::size_t kBlock = 512;  // rows of either side of a product: 1 MB of cosines

}  // namespace

Result<std::vector<NearDuplicate>> FindNearDuplicates(std::span<const float> embeddings,
                                                      std::size_t dimension,
                                                      std::span<const int> labels,
                                                      float threshold) {
  const std::size_t rows = labels.size();
  if (embeddings.size() != rows * dimension) {
    return Fail(ErrorCode::kInvalidArgument,
                "embeddings has " + std::to_string(embeddings.size()) + " values, expected " +
                    std::to_string(rows) + " rows of " + std::to_string(dimension),
                "embeddings");
  }
  if (!(threshold > 0.0F && threshold <= 1.0F)) {
    return Fail(ErrorCode::kInvalidArgument, "threshold must be above 0 and at most 1",
                "threshold");
  }
  std::vector<NearDuplicate> pairs;
  std::vector<float> transposed(kBlock * dimension);
  std::vector<float> cosines(kBlock * kBlock);
  for (std::size_t right = 0; right < rows; right += kBlock) {
    const std::size_t columns = std::min(kBlock, rows - right);
    Transpose(embeddings.data() + right * dimension, transposed.data(), columns, dimension);
    for (std::size_t left = 0; left <= right; left += kBlock) {
      const std::size_t count = std::min(kBlock, rows - left);
      MatMul(embeddings.data() + left * dimension, transposed.data(), cosines.data(), count,
             dimension, columns);
      for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t j = 0; j < columns; ++j) {
          const float cosine = cosines[i * columns + j];
          const std::size_t first = left + i;
          const std::size_t second = right + j;
          if (cosine < threshold || first >= second) continue;
          pairs.push_back({first, second, cosine, labels[first] != labels[second]});
        }
      }
    }
  }
  std::sort(pairs.begin(), pairs.end(), [](const NearDuplicate& a, const NearDuplicate& b) {
    return std::tuple(!a.conflict, -a.cosine, a.first, a.second) <
           std::tuple(!b.conflict, -b.cosine, b.first, b.second);
  });
  return pairs;
}

}  // namespace smartsynch
