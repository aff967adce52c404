#include "cli/cancel.h"

#include <csignal>

namespace smartsynch {
namespace {

volatile std::sig_atomic_t cancelled = 0;

}  // namespace

void CancelOnSignals() {
  std::signal(SIGINT, [](int) { cancelled = 1; });
  std::signal(SIGTERM, [](int) { cancelled = 1; });
}

bool IsCancelled() { return cancelled != 0; }

}  // namespace smartsynch
