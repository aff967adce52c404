// What the server counts, and its text for Prometheus.
// Thread safety: every member may be called from any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace smartsynch {

// Counts of values up to each bound, as Prometheus wants them.
class Histogram {
 public:
  explicit Histogram(std::vector<double> bounds);
  void Observe(double value);
  // `labels` without braces, may be empty.
  void Write(const std::string& name, const std::string& labels, std::string& out) const;

 private:
  std::vector<double> bounds_;
  std::vector<std::atomic<std::uint64_t>> counts_;  // one more than bounds
  std::atomic<std::uint64_t> sum_micro_{0};         // in millionths
};

class ServerMetrics {
 public:
  explicit ServerMetrics(std::vector<std::string> routes);

  // `route` is an index into the routes; status 0: the client was gone.
  void CountRequest(std::size_t route, int status, double seconds);
  void CountBatch(std::size_t tasks);  // tasks that ran through the encoder together
  void CountPredictions(std::uint64_t tasks) { predictions_ += tasks; }
  void CountRejected(std::size_t reason);

  // Reasons of CountRejected().
  static constexpr std::size_t kQueueFull = 0;
  static constexpr std::size_t kRateLimited = 1;
  static constexpr std::size_t kUnauthorised = 2;

  // Adds a value that is asked for whenever the text is written. `type`: "gauge" or "counter".
  void Watch(std::string name, std::string type, std::string help, std::function<double()> value);

  std::string Text() const;

 private:
  static constexpr std::size_t kStatusClasses = 6;  // 0: gone, then 1xx to 5xx
  struct Route {
    explicit Route(std::string given);
    std::string name;
    std::array<std::atomic<std::uint64_t>, kStatusClasses> statuses{};
    Histogram seconds;
  };
  struct Watched {
    std::string name;
    std::string type;
    std::string help;
    std::function<double()> value;
  };
  std::vector<std::unique_ptr<Route>> routes_;
  Histogram batches_;
  std::atomic<std::uint64_t> predictions_{0};
  std::array<std::atomic<std::uint64_t>, 3> rejected_{};
  mutable std::mutex mutex_;
  std::vector<Watched> watched_;
};

}  // namespace smartsynch
