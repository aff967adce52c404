#include "server/store/redis_connection.h"

#include <sys/time.h>

#include <vector>

namespace smartsynch {

std::unique_ptr<RedisConnection> RedisConnection::Open(const RedisOptions& options) {
  const timeval timeout = {options.timeout_ms / 1000, (options.timeout_ms % 1000) * 1000};
  redisContext* context = options.unix_socket.empty()
                              ? redisConnectWithTimeout(options.host.c_str(), options.port, timeout)
                              : redisConnectUnixWithTimeout(options.unix_socket.c_str(), timeout);
  if (context == nullptr) return nullptr;
  std::unique_ptr<RedisConnection> connection(new RedisConnection(context));
  if (context->err != 0 || redisSetTimeout(context, timeout) != REDIS_OK) return nullptr;
  return connection;
}

bool RedisConnection::Send(std::span<const std::string_view> words) {
  std::vector<const char*> texts;
  std::vector<std::size_t> sizes;
  for (const std::string_view word : words) {
    texts.push_back(word.data());
    sizes.push_back(word.size());
  }
  return redisAppendCommandArgv(context_.get(), static_cast<int>(words.size()), texts.data(),
                                sizes.data()) == REDIS_OK;
}

RedisReply RedisConnection::Read() {
  void* reply = nullptr;
  if (redisGetReply(context_.get(), &reply) != REDIS_OK) return nullptr;
  return RedisReply(static_cast<redisReply*>(reply));
}

}  // namespace smartsynch
