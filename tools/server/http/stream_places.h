// The places of the streams that may be open at the same time. When all are taken, a newcomer gets
// that of the stream that has waited longest for its client, if that is long: a client that sends a
// byte now and then keeps nobody out.
// Thread safety: any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>

namespace smartsynch {

class StreamPlaces {
 public:
  using Clock = std::chrono::steady_clock;

  // `patience`: how long a stream may wait for its client without losing its place.
  explicit StreamPlaces(std::size_t count, Clock::duration patience = std::chrono::seconds(1))
      : count_(count), patience_(patience) {}

  // Given back when it ends. The places outlive it.
  class Holder {
   public:
    Holder(const Holder&) = delete;
    Holder& operator=(const Holder&) = delete;
    ~Holder();

    // From now on it is the client's turn, which did its part of the work until now.
    void WaitForClient(Clock::time_point now);
    // It is the server's turn.
    void Work();
    // `revoked` is called when the place is taken away, once, at once if it already was; it must
    // not call the places.
    void WhenRevoked(std::function<void()> revoked);

   private:
    friend class StreamPlaces;
    explicit Holder(StreamPlaces& places) : places_(places) {}

    StreamPlaces& places_;
    std::list<Holder*>::iterator at_;
    std::optional<Clock::time_point> waits_since_;
    std::function<void()> revoked_;
    bool is_revoked_ = false;
  };

  // Null: all are taken by streams at work.
  std::unique_ptr<Holder> Take(Clock::time_point now);

 private:
  bool MakeRoom(Clock::time_point now);

  std::size_t count_;
  Clock::duration patience_;
  std::mutex mutex_;
  std::list<Holder*> holders_;
};

}  // namespace smartsynch
