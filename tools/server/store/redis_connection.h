// One connection to Redis. Thread safety: one thread at a time.
#pragma once

#include <hiredis/hiredis.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "server/store/redis.h"

namespace smartsynch {

struct FreeRedisReply {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using RedisReply = std::unique_ptr<redisReply, FreeRedisReply>;

class RedisConnection {
 public:
  // Null when Redis does not answer in time.
  static std::unique_ptr<RedisConnection> Open(const RedisOptions& options);

  // Sends without waiting; Read() then returns one reply for each. False once broken.
  bool Send(std::span<const std::string_view> words);
  // Null once broken or too late; then only destroying the connection is left.
  RedisReply Read();

  int descriptor() const { return context_->fd; }

 private:
  struct Free {
    void operator()(redisContext* context) const { redisFree(context); }
  };
  explicit RedisConnection(redisContext* context) : context_(context) {}

  std::unique_ptr<redisContext, Free> context_;
};

}  // namespace smartsynch
