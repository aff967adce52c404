// A Redis that replicas share: cached predictions and notices of change. It may go away at any
// time: every call then answers at once as if nothing were cached, and a new connection is tried at
// most once every `retry_ms`. Nothing that must last is kept here.
// The process must ignore SIGPIPE, which a connection that broke would raise.
// Thread safety: every member may be called from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "smartsynch/base/status.h"

namespace smartsynch {

struct RedisOptions {
  std::string host = "127.0.0.1";
  int port = 6379;
  std::string unix_socket;             // instead of host and port
  std::string prefix = "smartsynch:";  // before every key and channel
  int connections = 4;                 // at most so many at a time
  int timeout_ms = 100;                // of one command or of connecting
  int retry_ms = 500;
  std::int64_t cache_seconds = 86400;                // how long a cached value may live
  std::function<void(const std::string& line)> log;  // when it goes away and comes back
};

// "redis://host:port", "host:port" or "unix:/path". Fails with kInvalidArgument naming "--redis".
Result<RedisOptions> ParseRedisAddress(const std::string& address);

struct RedisMetrics {
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;    // asked and not there
  std::uint64_t failures = 0;  // calls that Redis did not answer
  std::uint64_t notices = 0;   // changes heard of
  bool available = false;      // whether the last call was answered
};

class Redis {
 public:
  Redis(const Redis&) = delete;
  Redis& operator=(const Redis&) = delete;
  virtual ~Redis() = default;

  // The key must name everything the value follows from: model version, tier, text hash.
  virtual std::optional<std::string> Get(std::string_view key) = 0;
  // One answer a key, in one round trip.
  virtual std::vector<std::optional<std::string>> GetMany(std::span<const std::string> keys) = 0;
  virtual void Put(std::string_view key, std::string_view value) = 0;
  virtual void PutMany(std::span<const std::pair<std::string, std::string>> entries) = 0;

  // Tells every subscriber, this process among them.
  virtual void Announce(std::string_view channel, std::string_view message) = 0;
  // Calls `heard` from a thread of its own for every message, and once with an empty message after
  // each reconnection, because messages may have been missed. Until the Redis object is destroyed.
  virtual void Subscribe(const std::string& channel,
                         std::function<void(const std::string& message)> heard) = 0;

  virtual RedisMetrics Metrics() const = 0;

 protected:
  Redis() = default;
};

// Never fails for a Redis that is away.
std::unique_ptr<Redis> ConnectRedis(const RedisOptions& options);

}  // namespace smartsynch
