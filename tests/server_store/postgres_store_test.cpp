#include "server/store/postgres_store.h"

#include <doctest/doctest.h>

#include "real_server.h"
#include "records.h"
#include "server/store/spooled_store.h"
#include "store_contract.h"

using smartsynch::AppendResult;
using smartsynch::ErrorCode;
using smartsynch::OpenPostgresStore;
using smartsynch::Store;

namespace {

std::unique_ptr<Store> Open(const RealServer& server) {
  auto store = OpenPostgresStore({.connection = server.Address(), .retry_ms = 50}, true);
  REQUIRE(store);
  return *std::move(store);
}

}  // namespace

TEST_CASE("PostgreSQL keeps what every store promises") {
  const std::unique_ptr<RealServer> server = StartPostgres();
  if (server == nullptr) return;
  CheckFeedbackContract([&] { return Open(*server); });
  CheckModelContract(*Open(*server));
  CheckCategoryContract([&] { return Open(*server); });
  CheckLearningContract([&] { return Open(*server); });
  CheckExperimentContract(*Open(*server));
}

TEST_CASE("a PostgreSQL that is not there is unavailable, and refused when it is needed now") {
  const TemporaryFolder folder;
  const smartsynch::PostgresOptions options = {.connection = "host=" + folder.path(),
                                               .retry_ms = 10};
  const auto needed = OpenPostgresStore(options, true);
  REQUIRE_FALSE(needed);
  CHECK(needed.error().code == ErrorCode::kUnavailable);
  const auto later = OpenPostgresStore(options, false);
  REQUIRE(later);
  CHECK((*later)->Revision().error().code == ErrorCode::kUnavailable);
}

TEST_CASE("feedback through the death of PostgreSQL is there exactly once, and the rest goes on") {
  const std::unique_ptr<RealServer> server = StartPostgres();
  if (server == nullptr) return;
  const TemporaryFolder folder;
  auto spooled = smartsynch::OpenSpooledStore(
      Open(*server), {.folder = folder.path() + "/spool", .retry_ms = 50, .log = {}});
  REQUIRE(spooled);
  Store& store = **spooled;
  const auto model = store.AddModel({}, "model");
  REQUIRE(store.ActivateModel(model->version, 1, "activated"));
  REQUIRE(store.ActiveModel());
  // Known to the store and sent again while it is away: must not be there twice.
  const auto before = Record("before");
  REQUIRE(store.AppendFeedback({&before, 1}));

  server->Kill();
  for (int i = 0; i < 20; ++i) {
    const auto record = Record("away " + std::to_string(i));
    const auto added = store.AppendFeedback({&record, 1});
    REQUIRE(added);
    CHECK((*added)[0].outcome == AppendResult::Outcome::kSpooled);
  }
  REQUIRE(store.AppendFeedback({&before, 1}));
  const auto conflicting = Record("before", "another");
  REQUIRE(store.AppendFeedback({&conflicting, 1}));
  CHECK_FALSE((*spooled)->Metrics().store_available);
  CHECK((*spooled)->Metrics().waiting == 22);
  REQUIRE(store.ActiveModel());
  CHECK((*store.ActiveModel())->version == model->version);
  CHECK(store.ListFeedback(0, 10).error().code == ErrorCode::kUnavailable);

  REQUIRE(server->Start());
  CHECK(Eventually([&] { return (*spooled)->Metrics().waiting == 0; }));
  const auto keys = KeysIn(store);
  CHECK(keys.size() == 21);
  for (const auto& [key, times] : keys) CHECK_MESSAGE(times == 1, key);
  CHECK((*spooled)->Metrics().delivered == 21);
  CHECK((*spooled)->Metrics().conflicts == 1);
  CHECK((*spooled)->Metrics().store_available);
  // Idle connections that died with the server cost nobody a failure.
  const auto after = Record("after");
  CHECK((*store.AppendFeedback({&after, 1}))[0].outcome == AppendResult::Outcome::kStored);
}
