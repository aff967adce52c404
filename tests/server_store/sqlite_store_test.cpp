#include "server/store/sqlite_store.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "real_server.h"
#include "records.h"
#include "server/store/sqlite_database.h"
#include "store_contract.h"

using smartsynch::ErrorCode;
using smartsynch::OpenSqliteStore;
using smartsynch::SqlConnection;
using smartsynch::Status;
using smartsynch::Store;

TEST_CASE("SQLite keeps what every store promises") {
  const TemporaryFolder folder;
  int next = 0;
  const auto open_at = [&](const std::string& name) {
    auto store = OpenSqliteStore({.path = folder.path() + "/" + name});
    REQUIRE(store);
    return *std::move(store);
  };
  SUBCASE("feedback") {
    CheckFeedbackContract([&] { return open_at("feedback.db"); });
  }
  SUBCASE("models") { CheckModelContract(*open_at("models" + std::to_string(++next))); }
  SUBCASE("categories") {
    CheckCategoryContract([&] { return open_at("categories.db"); });
  }
  SUBCASE("learning") {
    CheckLearningContract([&] { return open_at("learning.db"); });
  }
  SUBCASE("experiments") { CheckExperimentContract(*open_at("experiments")); }
}

TEST_CASE("an older SQLite file is upgraded and a newer one refused") {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/old.db";
  {
    auto database = smartsynch::OpenSqliteDatabase({.path = path});
    REQUIRE(database);
    REQUIRE(UpgradeSchemaTo(**database, 1));
    REQUIRE((*database)->Transact(
        smartsynch::SqlAccess::kWrite, [](SqlConnection& connection) -> Status {
          const auto done = connection.Run(
              "INSERT INTO smartsynch_feedback (key, time_ms, user_key, experiment_id, arm,"
              " accepted, event) VALUES ('old', 1, '', '', '', 0, '{}')",
              {});
          if (!done) return tl::unexpected(done.error());
          return {};
        }));
  }
  {
    auto store = OpenSqliteStore({.path = path});
    REQUIRE(store);
    CHECK(KeysIn(**store).count("old") == 1);
    CHECK((*store)->ListExperiments()->empty());
  }
  {
    auto database = smartsynch::OpenSqliteDatabase({.path = path});
    REQUIRE((*database)->Transact(
        smartsynch::SqlAccess::kWrite, [](SqlConnection& connection) -> Status {
          const auto done = connection.Run(
              "UPDATE smartsynch_meta SET value = 99 WHERE name = 'schema_version'", {});
          if (!done) return tl::unexpected(done.error());
          return {};
        }));
  }
  const auto newer = OpenSqliteStore({.path = path});
  REQUIRE_FALSE(newer);
  CHECK(newer.error().code == ErrorCode::kUnsupportedVersion);
  CHECK(newer.error().message.find("99") != std::string::npos);
}

TEST_CASE("a file that is no database and a folder that is not there are refused by name") {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/text.db";
  std::ofstream(path) << std::string(8192, 'x');
  const auto text = OpenSqliteStore({.path = path});
  REQUIRE_FALSE(text);
  CHECK(text.error().code == ErrorCode::kInvalidData);
  CHECK(text.error().message.find(path) != std::string::npos);
  CHECK_FALSE(OpenSqliteStore({.path = folder.path() + "/missing/x.db"}));
}

TEST_CASE("a process killed while it stores loses nothing that it acknowledged") {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/killed.db";
  int acknowledged[2];
  REQUIRE(pipe(acknowledged) == 0);
  const pid_t child = fork();
  if (child == 0) {
    auto store = OpenSqliteStore({.path = path});
    for (int i = 0; store; ++i) {
      const auto record = Record(std::to_string(i));
      if (!(*store)->AppendFeedback({&record, 1})) break;
      if (write(acknowledged[1], &i, sizeof(i)) != sizeof(i)) break;
    }
    _exit(1);
  }
  int last = -1;
  for (int i = 0; i < 100; ++i) REQUIRE(read(acknowledged[0], &last, sizeof(last)) == sizeof(last));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  close(acknowledged[1]);
  for (int more = 0; read(acknowledged[0], &more, sizeof(more)) == sizeof(more);) last = more;
  close(acknowledged[0]);
  auto store = OpenSqliteStore({.path = path});
  REQUIRE(store);
  const auto keys = KeysIn(**store);
  for (int i = 0; i <= last; ++i) CHECK(keys.count(std::to_string(i)) == 1);
}
