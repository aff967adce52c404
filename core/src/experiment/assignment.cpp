#include "smartsynch/experiment/assignment.h"

#include "experiment/log_gamma.h"
#include "smartsynch/base/hash.h"

namespace smartsynch {
namespace {

// The lengths stand before the texts, so that no two triples read the same.
std::string Key(std::string_view experiment_id, std::string_view arm, std::string_view user_key) {
  std::string key = std::to_string(experiment_id.size()) + ":" + std::to_string(arm.size()) + ":";
  key.append(experiment_id).append(arm).append(user_key);
  return key;
}

// In (0, 1), 52 random bits.
double Uniform(std::uint64_t hash) {
  return (static_cast<double>(hash >> 12U) + 0.5) / 4503599627370496.0;
}

}  // namespace

std::optional<std::size_t> AssignArm(std::string_view experiment_id, std::string_view user_key,
                                     std::span<const WeightedArm> arms) {
  std::optional<std::size_t> best;
  double best_draw = 0;
  for (std::size_t i = 0; i < arms.size(); ++i) {
    if (arms[i].weight == 0) continue;
    const double u = Uniform(SpreadBits(Fnv1a64(Key(experiment_id, arms[i].name, user_key))));
    const double draw = -LogOf(u) / arms[i].weight;
    if (!best || draw < best_draw) {
      best = i;
      best_draw = draw;
    }
  }
  return best;
}

}  // namespace smartsynch
