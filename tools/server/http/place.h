// One of a limited number, such as of the streams or connections that are open: taken when it is
// made, given back when it ends, in whichever thread.
#pragma once

#include <atomic>
#include <cstddef>

namespace smartsynch {

class Place {
 public:
  // `taken` must outlive the place.
  explicit Place(std::atomic<std::size_t>& taken) : taken_(taken) { ++taken_; }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() { --taken_; }

 private:
  std::atomic<std::size_t>& taken_;
};

}  // namespace smartsynch
