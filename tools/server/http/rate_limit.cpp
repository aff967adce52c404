#include "server/http/rate_limit.h"

#include <algorithm>

namespace smartsynch {

double RateLimiter::Take(const std::string& client, Clock::time_point now) {
  if (per_second_ <= 0) return 0;
  const std::lock_guard lock(mutex_);
  if (buckets_.size() >= sweep_at_) Sweep(now);
  const auto [found, is_new] = buckets_.try_emplace(client, Bucket{burst_, now});
  Bucket& bucket = found->second;
  const double passed = std::chrono::duration<double>(now - bucket.at).count();
  bucket.tokens = std::min(burst_, bucket.tokens + passed * per_second_);
  bucket.at = now;
  if (bucket.tokens < 1) return (1 - bucket.tokens) / per_second_;
  bucket.tokens -= 1;
  return 0;
}

void RateLimiter::Sweep(Clock::time_point now) {
  std::erase_if(buckets_, [&](const auto& entry) {
    const double passed = std::chrono::duration<double>(now - entry.second.at).count();
    return entry.second.tokens + passed * per_second_ >= burst_;
  });
  sweep_at_ = std::max<std::size_t>(4096, buckets_.size() * 2);
}

}  // namespace smartsynch
