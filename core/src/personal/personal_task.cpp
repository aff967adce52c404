#include "smartsynch/personal/personal_task.h"

#include "smartsynch/personal/quantized_vector.h"

namespace smartsynch {
namespace {

constexpr std::size_t kInstantDimension = 256;

}  // namespace

std::vector<std::int8_t> InstantDirection(const PreparedTask& task, float token_share) {
  std::vector<std::int8_t> grams = HashedDirection(task.lexical_features, kInstantDimension);
  if (task.token_embedding.empty()) return grams;
  return JoinDirections(task.token_embedding, grams, token_share);
}

}  // namespace smartsynch
