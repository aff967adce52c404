#include "server/predict/choose_together.h"

#include <algorithm>
#include <numeric>

namespace smartsynch {

std::vector<std::size_t> ChooseTogether(std::span<const std::size_t> lengths) {
  const std::size_t count = std::min(lengths.size(), kMostLookedAt);
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return lengths[a] < lengths[b]; });
  const auto oldest =
      static_cast<std::size_t>(std::find(order.begin(), order.end(), 0U) - order.begin());
  std::size_t best_begin = oldest;
  std::size_t best_end = oldest + 1;
  double best = 0;
  for (std::size_t begin = 0; begin <= oldest; ++begin) {
    std::size_t alone = 0;
    const std::size_t end = std::min(count, begin + kMostTogether);
    for (std::size_t i = begin; i < end; ++i) {
      alone += kRunTokens + lengths[order[i]];
      const std::size_t together = kRunTokens + (i + 1 - begin) * lengths[order[i]];
      const double gain = static_cast<double>(alone) / static_cast<double>(together);
      if (i < oldest || gain <= best) continue;
      best = gain;
      best_begin = begin;
      best_end = i + 1;
    }
  }
  std::vector<std::size_t> chosen(order.begin() + static_cast<std::ptrdiff_t>(best_begin),
                                  order.begin() + static_cast<std::ptrdiff_t>(best_end));
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

}  // namespace smartsynch
