// Tells a replica of every change of model, categories and experiments within a second, whoever
// made it: asks the store's revision every `poll_ms`, and at once when Redis passes a notice on.
//
//   ChangeFeed feed(store, redis, {}, [&](const ServingState& state) { Adopt(state); });
//   store.ActivateModel(version, now, "activated");
//   feed.Announce();   // the others need not wait for their poll
//
// Thread safety: Announce() from any thread; the callback runs in the feed's own thread, one call
// at a time, the first before the constructor returns (when the store answers).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "server/store/redis.h"
#include "server/store/store.h"

namespace smartsynch {

// What decides how a request is answered.
struct ServingState {
  std::uint64_t revision = 0;
  std::optional<Activation> active;  // absent: no version was ever activated
  std::vector<Experiment> experiments;
  std::vector<std::string> category_changes;  // as Store::CategoryChanges()
};

// Fails as the store does.
Result<ServingState> ReadServingState(Store& store);

struct ChangeFeedOptions {
  int poll_ms = 500;
};

class ChangeFeed {
 public:
  using Callback = std::function<void(const ServingState& state)>;

  // `redis` may be null. Both must outlive the feed.
  ChangeFeed(Store& store, Redis* redis, const ChangeFeedOptions& options, Callback changed);
  ~ChangeFeed();
  ChangeFeed(const ChangeFeed&) = delete;
  ChangeFeed& operator=(const ChangeFeed&) = delete;

  // Call after every change made through this process.
  void Announce();

 private:
  struct Signal;
  void Run();
  void Look();

  Store& store_;
  Redis* redis_;
  ChangeFeedOptions options_;
  Callback changed_;
  std::shared_ptr<Signal> signal_;
  std::optional<std::uint64_t> seen_;
  std::thread thread_;
};

}  // namespace smartsynch
