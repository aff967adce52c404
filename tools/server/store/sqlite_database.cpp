#include "server/store/sqlite_database.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <utility>

namespace smartsynch {
namespace {

struct CloseStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, CloseStatement>;

struct CloseConnection {
  void operator()(sqlite3* connection) const { sqlite3_close(connection); }
};

// Statements reset even when reading their rows fails, so that no lock outlives a call.
struct ResetStatement {
  sqlite3_stmt* statement;
  ~ResetStatement() {
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
  }
};

class SqliteConnection : public SqlConnection {
 public:
  explicit SqliteConnection(sqlite3* connection) : connection_(connection) {}

  using SqlConnection::Run;
  Result<SqlRows> Run(const std::string& statement, std::span<const SqlValue> parameters) override {
    const Result<sqlite3_stmt*> prepared = Prepare(statement);
    if (!prepared) return tl::unexpected(prepared.error());
    const ResetStatement reset{*prepared};
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      const std::string name = "$" + std::to_string(i + 1);
      const int at = sqlite3_bind_parameter_index(*prepared, name.c_str());
      if (at != 0 && Bind(*prepared, at, parameters[i]) != SQLITE_OK) return Failure(statement);
    }
    SqlRows rows;
    int state = sqlite3_step(*prepared);
    for (; state == SQLITE_ROW; state = sqlite3_step(*prepared)) rows.push_back(Row(*prepared));
    if (state != SQLITE_DONE) return Failure(statement);
    return rows;
  }

 private:
  Result<sqlite3_stmt*> Prepare(const std::string& statement) {
    const auto known = statements_.find(statement);
    if (known != statements_.end()) return known->second.get();
    sqlite3_stmt* prepared = nullptr;
    if (sqlite3_prepare_v2(connection_, statement.data(), static_cast<int>(statement.size()),
                           &prepared, nullptr) != SQLITE_OK) {
      return Failure(statement);
    }
    statements_.emplace(statement, Statement(prepared));
    return prepared;
  }

  static int Bind(sqlite3_stmt* statement, int at, const SqlValue& value) {
    const auto size = static_cast<sqlite3_uint64>(value.text.size());
    // A null pointer would bind NULL, also where the text is merely empty.
    const char* data = value.text.data() == nullptr ? "" : value.text.data();
    switch (value.kind) {
      case SqlValue::Kind::kInteger:
        return sqlite3_bind_int64(statement, at, value.integer);
      case SqlValue::Kind::kText:
        return sqlite3_bind_text64(statement, at, data, size, SQLITE_STATIC, SQLITE_UTF8);
      case SqlValue::Kind::kBytes:
        return sqlite3_bind_blob64(statement, at, data, size, SQLITE_STATIC);
    }
    return SQLITE_MISUSE;
  }

  static SqlRow Row(sqlite3_stmt* statement) {
    SqlRow row;
    for (int i = 0; i < sqlite3_column_count(statement); ++i) {
      const void* data = sqlite3_column_blob(statement, i);
      const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, i));
      row.emplace_back(data == nullptr ? "" : static_cast<const char*>(data), size);
    }
    return row;
  }

  tl::unexpected<Error> Failure(const std::string& statement) const {
    const int code = sqlite3_errcode(connection_);
    const bool busy = code == SQLITE_BUSY || code == SQLITE_LOCKED;
    const bool damaged = code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
    return Fail(
        busy      ? ErrorCode::kUnavailable
        : damaged ? ErrorCode::kInvalidData
                  : ErrorCode::kIo,
        std::string("SQLite: ") + sqlite3_errmsg(connection_) + " in " + statement.substr(0, 60));
  }

  sqlite3* connection_;
  std::map<std::string, Statement> statements_;
};

// A lock on a file beside the database; the system gives it back when the process ends.
class FileLock : public LearningLock {
 public:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock() override { close(descriptor_); }
  bool IsHeld() override { return true; }

 private:
  int descriptor_;
};

class SqliteDatabase : public SqlDatabase {
 public:
  SqliteDatabase(sqlite3* handle, std::string path)
      : handle_(handle), connection_(handle), path_(std::move(path)) {}

  SqlDialect Dialect() const override { return {"INTEGER PRIMARY KEY AUTOINCREMENT", "BLOB"}; }

  Status Transact(SqlAccess access, const std::function<Status(SqlConnection&)>& work) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto begun =
        connection_.Run(access == SqlAccess::kWrite ? "BEGIN IMMEDIATE" : "BEGIN DEFERRED", {});
    if (!begun) return tl::unexpected(begun.error());
    Status done = work(connection_);
    if (done) {
      const auto committed = connection_.Run("COMMIT", {});
      if (committed) return {};
      done = tl::unexpected(committed.error());
    }
    // Some failures have rolled back already; then there is nothing left to do.
    if (sqlite3_get_autocommit(handle_.get()) == 0) {
      const auto undone = connection_.Run("ROLLBACK", {});
      if (!undone) return tl::unexpected(undone.error());
    }
    return done;
  }

  Result<std::unique_ptr<LearningLock>> TryLock() override {
    const std::string path = path_ + ".learning";
    const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) {
      return Fail(ErrorCode::kIo, path + ": " + std::strerror(errno), path);
    }
    auto lock = std::make_unique<FileLock>(descriptor);
    if (flock(descriptor, LOCK_EX | LOCK_NB) == 0) return lock;
    if (errno == EWOULDBLOCK) return nullptr;
    return Fail(ErrorCode::kIo, path + ": " + std::strerror(errno), path);
  }

  Status Configure(const SqliteOptions& options) {
    sqlite3_busy_timeout(handle_.get(), options.busy_timeout_ms);
    for (const char* statement : {"PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL",
                                  "PRAGMA foreign_keys = ON", "PRAGMA secure_delete = ON"}) {
      const auto done = connection_.Run(statement, {});
      if (!done) return tl::unexpected(done.error());
    }
    return {};
  }

 private:
  std::unique_ptr<sqlite3, CloseConnection> handle_;
  SqliteConnection connection_;  // its statements go before the handle does
  std::string path_;
  std::mutex mutex_;
};

}  // namespace

Result<std::unique_ptr<SqlDatabase>> OpenSqliteDatabase(const SqliteOptions& options) {
  sqlite3* handle = nullptr;
  const int opened =
      sqlite3_open_v2(options.path.c_str(), &handle,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX, nullptr);
  auto database = std::make_unique<SqliteDatabase>(handle, options.path);
  Status fine;
  if (opened != SQLITE_OK) {
    fine = Fail(ErrorCode::kIo, std::string("SQLite: ") + sqlite3_errstr(opened));
  } else {
    fine = database->Configure(options);
  }
  if (!fine) {
    Error error = fine.error();
    error.message = options.path + ": " + error.message;
    error.field = options.path;
    return tl::unexpected(std::move(error));
  }
  return std::unique_ptr<SqlDatabase>(std::move(database));
}

}  // namespace smartsynch
