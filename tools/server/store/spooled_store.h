// Keeps feedback through the absence of its store: what the store does not take is appended to a
// spool on this machine's disk (spool.h), synced, and acknowledged; a thread delivers it once the
// store is back. The store's idempotency keys make that exactly once, also when the store had
// taken a record and only its answer was lost. Everything else passes through; what was last read
// of the active model and the experiments is answered from memory while the store is away.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "server/store/store.h"

namespace smartsynch {

struct SpoolOptions {
  std::string folder;                                 // one for each replica; locked while in use
  std::uint64_t max_bytes = std::uint64_t{1} << 30U;  // beyond: kResourceExhausted
  int retry_ms = 250;                                 // between attempts to deliver
  // Called from any thread with one line when the store goes away, comes back, or a spooled record
  // turns out to conflict. May be empty.
  std::function<void(const std::string& line)> log;
};

// Ever growing, but for the two that say how things are now.
struct SpoolMetrics {
  std::uint64_t spooled = 0;    // records written to the spool
  std::uint64_t delivered = 0;  // records the store has taken from it
  std::uint64_t conflicts = 0;  // spooled records the store refused: their key had another event
  std::uint64_t store_failures = 0;  // calls the store did not answer
  std::uint64_t waiting = 0;         // now: records in the spool
  bool store_available = true;       // now: whether the last call was answered
};

class SpooledStore : public Store {
 public:
  virtual SpoolMetrics Metrics() const = 0;
};

// Fails with kIo or kAlreadyExists (folder in use). Destroying it stops the thread; what is spooled
// is delivered by the next start.
Result<std::unique_ptr<SpooledStore>> OpenSpooledStore(std::unique_ptr<Store> store,
                                                       const SpoolOptions& options);

}  // namespace smartsynch
