// Token buckets, one for each client: so many requests a second, and as many again saved up.
// Thread safety: any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>

namespace smartsynch {

class RateLimiter {
 public:
  using Clock = std::chrono::steady_clock;

  // `per_second` 0: no limit. `burst`: how many at once after a pause.
  RateLimiter(double per_second, double burst) : per_second_(per_second), burst_(burst) {}

  // 0 when the request may go on (and is counted), else the seconds to wait.
  double Take(const std::string& client, Clock::time_point now);

 private:
  struct Bucket {
    double tokens = 0;
    Clock::time_point at;
  };
  // Buckets that are full again say nothing, so they go when there are many.
  void Sweep(Clock::time_point now);

  double per_second_;
  double burst_;
  std::mutex mutex_;
  std::unordered_map<std::string, Bucket> buckets_;
  std::size_t sweep_at_ = 4096;
};

}  // namespace smartsynch
