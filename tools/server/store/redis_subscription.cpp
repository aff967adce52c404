#include "server/store/redis_subscription.h"

#include <poll.h>

#include <array>
#include <chrono>
#include <memory>
#include <string_view>
#include <utility>

#include "server/store/redis_connection.h"

namespace smartsynch {

// How often the thread looks whether it is to stop while nothing arrives.
static constexpr int kPollMs = 100;

RedisSubscription::RedisSubscription(const RedisOptions& options, const std::string& channel,
                                     std::function<void(const std::string&)> heard)
    : options_(options), channel_(channel), heard_(std::move(heard)) {
  thread_ = std::thread([this] { Run(); });
}

RedisSubscription::~RedisSubscription() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void RedisSubscription::Run() {
  while (!stopping_) {
    Listen();
    std::unique_lock<std::mutex> lock(mutex_);
    wake_.wait_for(lock, std::chrono::milliseconds(options_.retry_ms),
                   [&] { return stopping_.load(); });
  }
}

void RedisSubscription::Listen() {
  const std::unique_ptr<RedisConnection> connection = RedisConnection::Open(options_);
  if (connection == nullptr) return;
  const std::array<std::string_view, 2> subscribe = {"SUBSCRIBE", channel_};
  if (!connection->Send(subscribe) || connection->Read() == nullptr) return;
  heard_("");
  while (!stopping_) {
    pollfd waiting = {connection->descriptor(), POLLIN, 0};
    if (poll(&waiting, 1, kPollMs) <= 0) continue;
    const RedisReply reply = connection->Read();
    if (reply == nullptr) return;
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 3) continue;
    const redisReply& message = *reply->element[2];
    if (message.type == REDIS_REPLY_STRING) heard_(std::string(message.str, message.len));
  }
}

}  // namespace smartsynch
