// A thread that listens to one channel and connects again whenever Redis comes back.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "server/store/redis.h"

namespace smartsynch {

class RedisSubscription {
 public:
  // `heard` is called from this object's thread, with "" after each connection.
  RedisSubscription(const RedisOptions& options, const std::string& channel,
                    std::function<void(const std::string& message)> heard);
  ~RedisSubscription();
  RedisSubscription(const RedisSubscription&) = delete;
  RedisSubscription& operator=(const RedisSubscription&) = delete;

 private:
  void Run();
  void Listen();

  RedisOptions options_;
  std::string channel_;
  std::function<void(const std::string&)> heard_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace smartsynch
