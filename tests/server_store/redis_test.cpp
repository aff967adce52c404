#include "server/store/redis.h"

#include <doctest/doctest.h>

#include <atomic>
#include <mutex>

#include "real_server.h"
#include "records.h"
#include "server/store/change_feed.h"
#include "server/store/sqlite_store.h"

using smartsynch::ConnectRedis;
using smartsynch::ParseRedisAddress;
using smartsynch::Redis;
using smartsynch::ServingState;

namespace {

std::unique_ptr<Redis> Connect(const RealServer& server) {
  auto options = ParseRedisAddress(server.Address());
  REQUIRE(options);
  options->retry_ms = 50;
  options->timeout_ms = 2000;
  return ConnectRedis(*options);
}

}  // namespace

TEST_CASE("addresses of Redis") {
  CHECK(ParseRedisAddress("redis://cache.local:7000")->port == 7000);
  CHECK(ParseRedisAddress("cache.local")->host == "cache.local");
  CHECK(ParseRedisAddress("cache.local")->port == 6379);
  CHECK(ParseRedisAddress("unix:/run/redis.sock")->unix_socket == "/run/redis.sock");
  for (const char* bad : {"", "unix:", "redis://", "host:0", "host:70000", "host:6379x",
                          "redis://user@host", "redis://host:6379/1"}) {
    CHECK_MESSAGE(ParseRedisAddress(bad).error().field == "--redis", bad);
  }
}

TEST_CASE(
    "values are shared, any bytes, until Redis dies; then nothing is cached until it is back") {
  const std::unique_ptr<RealServer> server = StartRedis();
  if (server == nullptr) return;
  const auto one = Connect(*server);
  const auto other = Connect(*server);
  const std::string bytes("\0\r\n$5\xFF", 6);
  one->Put("key \n", bytes);
  CHECK(other->Get("key \n") == bytes);
  CHECK_FALSE(other->Get("missing"));
  one->PutMany(std::vector<std::pair<std::string, std::string>>{{"a", "1"}, {"b", ""}});
  const auto many = other->GetMany(std::vector<std::string>{"b", "missing", "a"});
  CHECK(many[0] == "");
  CHECK_FALSE(many[1]);
  CHECK(many[2] == "1");
  CHECK(other->GetMany({}).empty());
  CHECK(other->Metrics().hits == 3);
  CHECK(other->Metrics().misses == 2);
  CHECK(other->Metrics().available);

  server->Kill();
  CHECK_FALSE(other->Get("a"));
  CHECK_FALSE(other->Metrics().available);
  CHECK(other->Metrics().failures > 0);
  one->Put("c", "3");
  REQUIRE(server->Start());
  CHECK(Eventually([&] {
    one->Put("c", "3");
    return other->Get("c") == "3";
  }));
  CHECK(other->Metrics().available);
}

TEST_CASE("messages reach every subscriber, also after Redis was away") {
  const std::unique_ptr<RealServer> server = StartRedis();
  if (server == nullptr) return;
  std::mutex mutex;
  std::vector<std::string> heard;
  const auto has = [&](const std::string& message) {
    const std::lock_guard<std::mutex> lock(mutex);
    return std::find(heard.begin(), heard.end(), message) != heard.end();
  };
  const auto listener = Connect(*server);
  listener->Subscribe("news", [&](const std::string& message) {
    const std::lock_guard<std::mutex> lock(mutex);
    heard.push_back(message);
  });
  const auto speaker = Connect(*server);
  CHECK(Eventually([&] {
    speaker->Announce("news", "first");
    return has("first");
  }));
  CHECK_FALSE(has("elsewhere"));
  server->Kill();
  REQUIRE(server->Start());
  CHECK(Eventually([&] {
    speaker->Announce("news", "second");
    return has("second");
  }));
}

TEST_CASE("a change made in one process reaches the other by Redis, and without Redis by asking") {
  const std::unique_ptr<RealServer> server = StartRedis();
  const TemporaryFolder folder;
  const auto open = [&] { return *smartsynch::OpenSqliteStore({.path = folder.path() + "/s.db"}); };
  const auto here = open();
  const auto there = open();
  const bool with_redis = server != nullptr;
  const auto redis_here = with_redis ? Connect(*server) : nullptr;
  const auto redis_there = with_redis ? Connect(*server) : nullptr;
  std::mutex mutex;
  ServingState seen;
  const auto active = [&] {
    const std::lock_guard<std::mutex> lock(mutex);
    return seen.active ? seen.active->version : std::string();
  };
  const auto keep = [&](const ServingState& state) {
    const std::lock_guard<std::mutex> lock(mutex);
    seen = state;
  };
  const auto first = here->AddModel({}, "first");
  const auto second = here->AddModel({}, "second");
  REQUIRE(here->ActivateModel(first->version, 1, "activated"));
  {
    // Asking is put off for an hour, so only the notice can have brought the change.
    smartsynch::ChangeFeed feed(*there, redis_there.get(), {.poll_ms = with_redis ? 3600000 : 20},
                                keep);
    CHECK(active() == first->version);
    smartsynch::ChangeFeed mine(*here, redis_here.get(), {}, [](const ServingState&) {});
    REQUIRE(here->ActivateModel(second->version, 2, "activated"));
    CHECK(Eventually([&] {
      mine.Announce();
      return active() == second->version;
    }));
  }
  if (with_redis) server->Kill();
  smartsynch::ChangeFeed feed(*there, redis_there.get(), {.poll_ms = 20}, keep);
  REQUIRE(here->RollBackModel(3));
  CHECK(Eventually([&] { return active() == first->version; }));
}
