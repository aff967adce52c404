#include "server/store/sqlite_store.h"

#include "server/store/sql_store.h"
#include "server/store/sqlite_database.h"

namespace smartsynch {

Result<std::unique_ptr<Store>> OpenSqliteStore(const SqliteOptions& options) {
  Result<std::unique_ptr<SqlDatabase>> database = OpenSqliteDatabase(options);
  if (!database) return tl::unexpected(database.error());
  const Status upgraded = UpgradeSchema(**database);
  if (!upgraded) {
    Error error = upgraded.error();
    error.message = options.path + ": " + error.message;
    return tl::unexpected(std::move(error));
  }
  return std::unique_ptr<Store>(std::make_unique<SqlStore>(*std::move(database)));
}

}  // namespace smartsynch
