// A store in PostgreSQL 13 or newer, shared by replicas. Tables are named smartsynch_*; they are
// made, or upgraded, at the first connection, under a lock, so replicas may start together.
//
// A connection that broke is made anew at the next call, at most once every `retry_ms`; until then
// calls fail at once with kUnavailable, so that nobody waits for a server that is gone.
#pragma once

#include <memory>
#include <string>

#include "server/store/store.h"

namespace smartsynch {

struct PostgresOptions {
  std::string connection;  // "postgresql://user@host/name" or "host=… dbname=…", as libpq reads it
  int connections = 4;     // at most so many at a time
  int connect_timeout_s = 2;
  int statement_timeout_ms = 5000;
  int retry_ms = 500;
};

// With `require_now` false, a server that is away is no failure: calls answer kUnavailable until it
// comes.
Result<std::unique_ptr<Store>> OpenPostgresStore(const PostgresOptions& options, bool require_now);

}  // namespace smartsynch
