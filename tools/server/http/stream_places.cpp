#include "server/http/stream_places.h"

#include <utility>

namespace smartsynch {

StreamPlaces::Holder::~Holder() {
  const std::lock_guard lock(places_.mutex_);
  if (!is_revoked_) places_.holders_.erase(at_);
}

void StreamPlaces::Holder::WaitForClient(Clock::time_point now) {
  const std::lock_guard lock(places_.mutex_);
  waits_since_ = now;
}

void StreamPlaces::Holder::Work() {
  const std::lock_guard lock(places_.mutex_);
  waits_since_.reset();
}

void StreamPlaces::Holder::WhenRevoked(std::function<void()> revoked) {
  const std::lock_guard lock(places_.mutex_);
  if (is_revoked_) return revoked();
  revoked_ = std::move(revoked);
}

std::unique_ptr<StreamPlaces::Holder> StreamPlaces::Take(Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  if (holders_.size() >= count_ && !MakeRoom(now)) return nullptr;
  auto holder = std::unique_ptr<Holder>(new Holder(*this));
  holder->waits_since_ = now;
  holder->at_ = holders_.insert(holders_.end(), holder.get());
  return holder;
}

bool StreamPlaces::MakeRoom(Clock::time_point now) {
  Holder* longest = nullptr;
  for (Holder* holder : holders_) {
    if (holder->waits_since_ && *holder->waits_since_ + patience_ <= now &&
        (longest == nullptr || *holder->waits_since_ < *longest->waits_since_)) {
      longest = holder;
    }
  }
  if (longest == nullptr) return false;
  holders_.erase(longest->at_);
  longest->is_revoked_ = true;
  if (longest->revoked_) longest->revoked_();
  return true;
}

}  // namespace smartsynch
