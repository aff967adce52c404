// A few threads for what may block (the store, reading models), with a bounded queue.
// Thread safety: any thread.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace smartsynch {

class WorkPool {
 public:
  WorkPool(std::size_t threads, std::size_t max_waiting);
  ~WorkPool();  // does what waits first
  WorkPool(const WorkPool&) = delete;
  WorkPool& operator=(const WorkPool&) = delete;

  // False when too much waits; `work` is then not called.
  bool Submit(std::function<void()> work);

 private:
  void Work();

  std::size_t max_waiting_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> waiting_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace smartsynch
