// The little that the store needs of a database, so that its statements are written once for SQLite
// and PostgreSQL: both know $1 parameters, ON CONFLICT and RETURNING.
//
// Thread safety: a database may be used from any thread, a connection by the one that leased it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/store/learning_lock.h"
#include "smartsynch/base/status.h"

namespace smartsynch {

struct SqlValue {
  enum class Kind { kInteger, kText, kBytes };

  static SqlValue Integer(std::int64_t value) { return {Kind::kInteger, value, {}}; }
  static SqlValue Unsigned(std::uint64_t value) {
    return Integer(static_cast<std::int64_t>(value));
  }
  static SqlValue Text(std::string_view value) { return {Kind::kText, 0, value}; }
  static SqlValue Bytes(std::string_view value) { return {Kind::kBytes, 0, value}; }

  Kind kind = Kind::kInteger;
  std::int64_t integer = 0;
  std::string_view text;  // not owned: lives as long as the call
};

// Every column as text; bytes as they are.
using SqlRow = std::vector<std::string>;
using SqlRows = std::vector<SqlRow>;

std::int64_t ToInteger(const std::string& column);
std::uint64_t ToUnsigned(const std::string& column);

class SqlConnection {
 public:
  virtual ~SqlConnection() = default;
  // One statement with parameters $1, $2 …, prepared at its first use and kept.
  virtual Result<SqlRows> Run(const std::string& statement,
                              std::span<const SqlValue> parameters) = 0;
  // The same, which the store uses: a text that no database takes fails with kInvalidArgument in
  // each of them, before one cuts it at its zero byte.
  Result<SqlRows> Run(const std::string& statement, std::initializer_list<SqlValue> parameters);
};

enum class SqlAccess { kRead, kWrite };

// How the schema's words are spelt here.
struct SqlDialect {
  std::string serial_key;  // the type of an ascending primary key
  std::string bytes;       // the type of bytes
};

class SqlDatabase {
 public:
  virtual ~SqlDatabase() = default;
  virtual SqlDialect Dialect() const = 0;
  // Runs `work` in a transaction: committed, and synced, when it succeeds, else rolled back.
  // Writing transactions run one after another, across processes too.
  virtual Status Transact(SqlAccess access,
                          const std::function<Status(SqlConnection& connection)>& work) = 0;
  // The one lock of a database beside its transactions; null while another holds it.
  virtual Result<std::unique_ptr<LearningLock>> TryLock() = 0;
};

// A transaction that has something to return.
template <typename T, typename Work>
Result<T> TransactFor(SqlDatabase& database, SqlAccess access, const Work& work) {
  T value{};
  const Status done = database.Transact(access, [&](SqlConnection& connection) -> Status {
    Result<T> result = work(connection);
    if (!result) return tl::unexpected(result.error());
    value = *std::move(result);
    return {};
  });
  if (!done) return tl::unexpected(done.error());
  return value;
}

// Makes the tables, or upgrades them from any earlier version, in one transaction. Fails with
// kUnsupportedVersion when a later build has written them.
Status UpgradeSchema(SqlDatabase& database);
// The same up to a version (tests).
Status UpgradeSchemaTo(SqlDatabase& database, int version);
inline constexpr int kSchemaVersion = 4;

}  // namespace smartsynch
