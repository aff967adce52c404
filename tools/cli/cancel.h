// Ctrl-C and SIGTERM end long work in order: progress callbacks ask, nothing is written half.
#pragma once

namespace smartsynch {

// From now on SIGINT and SIGTERM only set a flag.
void CancelOnSignals();
bool IsCancelled();

}  // namespace smartsynch
