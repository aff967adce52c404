#include "server/store/change_feed.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace smartsynch {

static constexpr const char* kChannel = "changes";

Result<ServingState> ReadServingState(Store& store) {
  ServingState state;
  // The revision first: what changes while the rest is read is then looked at once more.
  const Result<std::uint64_t> revision = store.Revision();
  if (!revision) return tl::unexpected(revision.error());
  state.revision = *revision;
  Result<std::optional<Activation>> active = store.ActiveModel();
  if (!active) return tl::unexpected(active.error());
  state.active = *std::move(active);
  Result<std::vector<Experiment>> experiments = store.ListExperiments();
  if (!experiments) return tl::unexpected(experiments.error());
  state.experiments = *std::move(experiments);
  Result<std::vector<std::string>> changes = store.CategoryChanges();
  if (!changes) return tl::unexpected(changes.error());
  state.category_changes = *std::move(changes);
  return state;
}

// What a notice from Redis wakes. It outlives the feed, because Redis may hold on to its callback.
struct ChangeFeed::Signal {
  std::mutex mutex;
  std::condition_variable wake;
  bool asked = false;
  bool stopping = false;

  void Ask() {
    {
      const std::lock_guard<std::mutex> lock(mutex);
      asked = true;
    }
    wake.notify_all();
  }
};

ChangeFeed::ChangeFeed(Store& store, Redis* redis, const ChangeFeedOptions& options,
                       Callback changed)
    : store_(store),
      redis_(redis),
      options_(options),
      changed_(std::move(changed)),
      signal_(std::make_shared<Signal>()) {
  Look();
  if (redis_ != nullptr) {
    redis_->Subscribe(kChannel, [signal = signal_](const std::string&) { signal->Ask(); });
  }
  thread_ = std::thread([this] { Run(); });
}

ChangeFeed::~ChangeFeed() {
  {
    const std::lock_guard<std::mutex> lock(signal_->mutex);
    signal_->stopping = true;
  }
  signal_->wake.notify_all();
  thread_.join();
}

void ChangeFeed::Announce() {
  signal_->Ask();
  if (redis_ != nullptr) redis_->Announce(kChannel, "changed");
}

void ChangeFeed::Run() {
  std::unique_lock<std::mutex> lock(signal_->mutex);
  while (!signal_->stopping) {
    signal_->wake.wait_for(lock, std::chrono::milliseconds(options_.poll_ms),
                           [&] { return signal_->stopping || signal_->asked; });
    if (signal_->stopping) return;
    signal_->asked = false;
    lock.unlock();
    Look();
    lock.lock();
  }
}

void ChangeFeed::Look() {
  const Result<std::uint64_t> revision = store_.Revision();
  if (!revision || seen_ == *revision) return;
  const Result<ServingState> state = ReadServingState(store_);
  if (!state) return;
  changed_(*state);
  seen_ = state->revision;
}

}  // namespace smartsynch
