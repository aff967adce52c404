// A store in one SQLite file: write-ahead log, every transaction synced to the disk before it is
// acknowledged (synchronous=FULL), so neither a killed process nor a power cut loses it.
// Append calls that arrive while another one is being synced share the next sync.
//
//   SERVER.db, SERVER.db-wal, SERVER.db-shm   keep the three together
//   SERVER.db.learning                        empty; locked by the process that learns
//
// An older file is upgraded when it is opened; a newer one is refused with kUnsupportedVersion.
// Several processes on one machine may open the same file; a network file system may not hold it.
#pragma once

#include <memory>
#include <string>

#include "server/store/store.h"

namespace smartsynch {

struct SqliteOptions {
  std::string path;            // created when it does not exist; ":memory:" for tests
  int busy_timeout_ms = 5000;  // how long another process's transaction is waited for
};

Result<std::unique_ptr<Store>> OpenSqliteStore(const SqliteOptions& options);

}  // namespace smartsynch
