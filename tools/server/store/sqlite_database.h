// The database of sqlite_store.h: one connection, leased to one transaction at a time.
#pragma once

#include <memory>

#include "server/store/sql.h"
#include "server/store/sqlite_store.h"

namespace smartsynch {

Result<std::unique_ptr<SqlDatabase>> OpenSqliteDatabase(const SqliteOptions& options);

}  // namespace smartsynch
