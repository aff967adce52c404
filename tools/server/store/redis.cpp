#include "server/store/redis.h"

#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <mutex>

#include "server/store/redis_connection.h"
#include "server/store/redis_subscription.h"

namespace smartsynch {
namespace {

using Clock = std::chrono::steady_clock;
using RedisLink = std::unique_ptr<RedisConnection>;
using Words = std::vector<std::string_view>;

class RedisImpl : public Redis {
 public:
  explicit RedisImpl(const RedisOptions& options) : options_(options) {}

  std::optional<std::string> Get(std::string_view key) override {
    const std::array<std::string, 1> keys = {std::string(key)};
    return GetMany(keys)[0];
  }

  std::vector<std::optional<std::string>> GetMany(std::span<const std::string> keys) override {
    std::vector<std::optional<std::string>> values(keys.size());
    if (keys.empty()) return values;
    std::vector<std::string> named = {"MGET"};
    for (const std::string& key : keys) named.push_back(options_.prefix + key);
    const std::vector<RedisReply> replies = Ask({Words(named.begin(), named.end())});
    if (replies.empty()) return values;
    const redisReply& reply = *replies[0];
    if (reply.type != REDIS_REPLY_ARRAY || reply.elements != keys.size()) return values;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const redisReply& one = *reply.element[i];
      if (one.type == REDIS_REPLY_STRING) values[i] = std::string(one.str, one.len);
      ++(values[i] ? hits_ : misses_);
    }
    return values;
  }

  void Put(std::string_view key, std::string_view value) override {
    const std::array<std::pair<std::string, std::string>, 1> entries = {
        {{std::string(key), std::string(value)}}};
    PutMany(entries);
  }

  void PutMany(std::span<const std::pair<std::string, std::string>> entries) override {
    const std::string seconds = std::to_string(options_.cache_seconds);
    std::vector<std::string> named;
    for (const auto& entry : entries) named.push_back(options_.prefix + entry.first);
    std::vector<Words> commands;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      commands.push_back({"SET", named[i], entries[i].second, "EX", seconds});
    }
    Ask(commands);
  }

  void Announce(std::string_view channel, std::string_view message) override {
    const std::string named = options_.prefix + std::string(channel);
    Ask({{"PUBLISH", named, message}});
  }

  void Subscribe(const std::string& channel,
                 std::function<void(const std::string&)> heard) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    subscriptions_.push_back(std::make_unique<RedisSubscription>(
        options_, options_.prefix + channel,
        [this, heard = std::move(heard)](const std::string& message) {
          if (!message.empty()) ++notices_;
          heard(message);
        }));
  }

  RedisMetrics Metrics() const override {
    return {hits_, misses_, failures_, notices_, available_};
  }

 private:
  // One reply a command, in one round trip; none when Redis did not answer.
  std::vector<RedisReply> Ask(const std::vector<Words>& commands) {
    if (commands.empty()) return {};
    bool reused = false;
    RedisLink connection = Lease(reused);
    std::vector<RedisReply> replies = Exchange(connection, commands);
    if (replies.empty() && reused && connection == nullptr) {
      // It broke while it lay idle. All these commands may be repeated without harm.
      DropIdle();
      connection = Lease(reused);
      replies = Exchange(connection, commands);
    }
    Note(!replies.empty());
    if (connection != nullptr) Return(std::move(connection));
    return replies;
  }

  // Drops the connection when it breaks.
  static std::vector<RedisReply> Exchange(RedisLink& connection,
                                          const std::vector<Words>& commands) {
    if (connection == nullptr) return {};
    for (const Words& words : commands) {
      if (!connection->Send(words)) {
        connection = nullptr;
        return {};
      }
    }
    std::vector<RedisReply> replies;
    for (std::size_t i = 0; i < commands.size(); ++i) {
      RedisReply reply = connection->Read();
      if (reply == nullptr) {
        connection = nullptr;
        return {};
      }
      replies.push_back(std::move(reply));
    }
    return replies;
  }

  RedisLink Lease(bool& reused) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      reused = !idle_.empty();
      if (reused) {
        RedisLink connection = std::move(idle_.back());
        idle_.pop_back();
        return connection;
      }
      if (Clock::now() < next_attempt_) return nullptr;
    }
    RedisLink opened = RedisConnection::Open(options_);
    if (opened == nullptr) {
      const std::lock_guard<std::mutex> lock(mutex_);
      next_attempt_ = Clock::now() + std::chrono::milliseconds(options_.retry_ms);
    }
    return opened;
  }

  void Return(RedisLink connection) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (idle_.size() < static_cast<std::size_t>(options_.connections)) {
      idle_.push_back(std::move(connection));
    }
  }

  void DropIdle() {
    const std::lock_guard<std::mutex> lock(mutex_);
    idle_.clear();
  }

  void Note(bool answered) {
    if (!answered) {
      ++failures_;
      // A Redis that accepts and then hangs must not cost every request its timeout.
      const std::lock_guard<std::mutex> lock(mutex_);
      idle_.clear();
      if (available_) {
        next_attempt_ = Clock::now() + std::chrono::milliseconds(options_.retry_ms);
      }
    }
    const bool first = !asked_.exchange(true);
    if (available_.exchange(answered) == answered && !first) return;
    if (options_.log && (!answered || !first)) {
      options_.log(answered ? "redis: back" : "redis: away, answers go on without its cache");
    }
  }

  RedisOptions options_;
  mutable std::mutex mutex_;
  std::vector<RedisLink> idle_;
  Clock::time_point next_attempt_;
  std::atomic<std::uint64_t> hits_ = 0;
  std::atomic<std::uint64_t> misses_ = 0;
  std::atomic<std::uint64_t> failures_ = 0;
  std::atomic<std::uint64_t> notices_ = 0;
  std::atomic<bool> available_ = false;
  std::atomic<bool> asked_ = false;
  std::vector<std::unique_ptr<RedisSubscription>> subscriptions_;
};

}  // namespace

Result<RedisOptions> ParseRedisAddress(const std::string& address) {
  RedisOptions options;
  const std::string unix_scheme = "unix:";
  const std::string scheme = "redis://";
  if (address.starts_with(unix_scheme) && address.size() > unix_scheme.size()) {
    options.unix_socket = address.substr(unix_scheme.size());
    return options;
  }
  const std::string place = address.starts_with(scheme) ? address.substr(scheme.size()) : address;
  const std::size_t colon = place.rfind(':');
  options.host = place.substr(0, colon);
  bool fine = !options.host.empty() && options.host.find_first_of("/@ ") == std::string::npos;
  if (colon != std::string::npos) {
    const char* end = place.data() + place.size();
    const auto read = std::from_chars(place.data() + colon + 1, end, options.port);
    fine = fine && read.ec == std::errc() && read.ptr == end;
  }
  if (!fine || options.port < 1 || options.port > 65535) {
    return Fail(ErrorCode::kInvalidArgument,
                "--redis \"" + address + "\": expected redis://HOST:PORT, HOST:PORT or unix:PATH",
                "--redis");
  }
  return options;
}

std::unique_ptr<Redis> ConnectRedis(const RedisOptions& options) {
  return std::make_unique<RedisImpl>(options);
}

}  // namespace smartsynch
