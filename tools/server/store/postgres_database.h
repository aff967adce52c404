// The database of postgres_store.h: a pool of connections that come and go.
#pragma once

#include <memory>

#include "server/store/postgres_store.h"
#include "server/store/sql.h"

namespace smartsynch {

// Connects at the first transaction, not here.
std::unique_ptr<SqlDatabase> MakePostgresDatabase(const PostgresOptions& options);

}  // namespace smartsynch
