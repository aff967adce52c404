#include "server/store/postgres_database.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

#include "server/store/postgres_connection.h"

namespace smartsynch {
namespace {

using Clock = std::chrono::steady_clock;
using PostgresLink = std::unique_ptr<PostgresConnection>;

// Any fixed number, the same in every replica; the lock makes sequences visible in their order.
const char* const kWriterLock = "SELECT pg_advisory_xact_lock(7236154022110)";

// The database's other lock, of a connection rather than of a transaction.
const char* const kSessionLock = "SELECT pg_try_advisory_lock(7236154022111)";

// Keeps a connection of its own: the server gives the lock back when that ends.
class PostgresLock : public LearningLock {
 public:
  explicit PostgresLock(PostgresLink connection) : connection_(std::move(connection)) {}
  bool IsHeld() override { return connection_->Run("SELECT 1", {}).has_value(); }

 private:
  PostgresLink connection_;
};

class PostgresDatabase : public SqlDatabase {
 public:
  explicit PostgresDatabase(const PostgresOptions& options) : options_(options) {
    if (options_.connections < 1) options_.connections = 1;
  }

  SqlDialect Dialect() const override { return {"BIGSERIAL PRIMARY KEY", "BYTEA"}; }

  Status Transact(SqlAccess access, const std::function<Status(SqlConnection&)>& work) override {
    Result<PostgresLink> connection = Lease();
    if (!connection) return tl::unexpected(connection.error());
    Status begun = Begin(**connection, access);
    if (!begun && !(*connection)->IsUsable()) {
      // It broke while it lay idle, and nothing was sent yet that could count twice.
      Return(nullptr);
      DropIdle();
      connection = Lease();
      if (!connection) return tl::unexpected(connection.error());
      begun = Begin(**connection, access);
    }
    Status done = begun ? work(**connection) : begun;
    const auto ended = (*connection)->Run(done ? "COMMIT" : "ROLLBACK", {});
    if (done && !ended) done = tl::unexpected(ended.error());
    const bool good = (*connection)->IsUsable() && !(*connection)->IsInTransaction();
    Return(good ? *std::move(connection) : nullptr);
    return done;
  }

  Result<std::unique_ptr<LearningLock>> TryLock() override {
    Result<PostgresLink> connection = PostgresConnection::Open(options_);
    if (!connection) return tl::unexpected(connection.error());
    const auto rows = (*connection)->Run(kSessionLock, {});
    if (!rows) return tl::unexpected(rows.error());
    if ((*rows)[0][0] != "t") return nullptr;
    return std::make_unique<PostgresLock>(*std::move(connection));
  }

 private:
  static Status Begin(PostgresConnection& connection, SqlAccess access) {
    const bool writes = access == SqlAccess::kWrite;
    const auto begun = connection.Run(writes ? "BEGIN" : "BEGIN READ ONLY", {});
    if (!begun) return tl::unexpected(begun.error());
    if (!writes) return {};
    const auto locked = connection.Run(kWriterLock, {});
    if (!locked) return tl::unexpected(locked.error());
    return {};
  }

  Result<PostgresLink> Lease() {
    std::unique_lock<std::mutex> lock(mutex_);
    const bool free =
        freed_.wait_for(lock, std::chrono::milliseconds(options_.statement_timeout_ms),
                        [&] { return leased_ < options_.connections; });
    if (!free) {
      return Fail(ErrorCode::kUnavailable, "PostgreSQL: every connection is busy", "--postgres");
    }
    if (idle_.empty() && Clock::now() < next_attempt_) {
      return tl::unexpected(last_failure_);
    }
    ++leased_;
    if (!idle_.empty()) {
      PostgresLink connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
    lock.unlock();
    Result<PostgresLink> opened = PostgresConnection::Open(options_);
    if (!opened) {
      lock.lock();
      --leased_;
      last_failure_ = opened.error();
      next_attempt_ = Clock::now() + std::chrono::milliseconds(options_.retry_ms);
      freed_.notify_one();
    }
    return opened;
  }

  void Return(PostgresLink connection) {
    const std::lock_guard<std::mutex> lock(mutex_);
    --leased_;
    if (connection != nullptr) idle_.push_back(std::move(connection));
    freed_.notify_one();
  }

  void DropIdle() {
    const std::lock_guard<std::mutex> lock(mutex_);
    idle_.clear();
  }

  PostgresOptions options_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<PostgresLink> idle_;
  int leased_ = 0;
  Clock::time_point next_attempt_;
  Error last_failure_;
};

}  // namespace

std::unique_ptr<SqlDatabase> MakePostgresDatabase(const PostgresOptions& options) {
  return std::make_unique<PostgresDatabase>(options);
}

}  // namespace smartsynch
