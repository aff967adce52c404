// A whole server: model, store, HTTP, from options to the end of the process.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "cli/engine.h"
#include "server/api/app.h"
#include "server/http/http_server.h"

namespace smartsynch {

struct ServeOptions {
  EngineOptions engine;  // threads: of the whole server; 0: all cores
  HttpServerOptions http;
  AppOptions app;
  std::size_t cache_bytes = std::size_t{16} << 20U;
  std::string state_folder;  // SQLite file and spool; empty: server/ below the home folder
  std::string postgres;      // connection instead of the SQLite file; may be empty
  std::string redis;         // address; may be empty
};

// Prints "http://ADDRESS:PORT" on standard output once requests are taken, returns when a signal
// ended it and everything accepted was answered. Fails when it cannot start.
Status Serve(ServeOptions options);

}  // namespace smartsynch
