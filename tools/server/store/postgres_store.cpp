#include "server/store/postgres_store.h"

#include <atomic>

#include "server/store/postgres_database.h"
#include "server/store/sql_store.h"

namespace smartsynch {
namespace {

// Upgrades the schema before the first transaction that reaches the server.
class UpgradingDatabase : public SqlDatabase {
 public:
  explicit UpgradingDatabase(std::unique_ptr<SqlDatabase> database)
      : database_(std::move(database)) {}

  SqlDialect Dialect() const override { return database_->Dialect(); }

  Status Transact(SqlAccess access, const std::function<Status(SqlConnection&)>& work) override {
    if (!upgraded_) {
      const Status done = UpgradeSchema(*database_);
      if (!done) return done;
      upgraded_ = true;
    }
    return database_->Transact(access, work);
  }

  Result<std::unique_ptr<LearningLock>> TryLock() override { return database_->TryLock(); }

 private:
  std::unique_ptr<SqlDatabase> database_;
  std::atomic<bool> upgraded_ = false;
};

}  // namespace

Result<std::unique_ptr<Store>> OpenPostgresStore(const PostgresOptions& options, bool require_now) {
  auto store = std::make_unique<SqlStore>(
      std::make_unique<UpgradingDatabase>(MakePostgresDatabase(options)));
  const Result<std::uint64_t> answered = store->Revision();
  if (!answered && (require_now || answered.error().code != ErrorCode::kUnavailable)) {
    return tl::unexpected(answered.error());
  }
  return std::unique_ptr<Store>(std::move(store));
}

}  // namespace smartsynch
