#include "server/store/records.h"

namespace smartsynch {

const char* ExperimentStateName(ExperimentState state) {
  switch (state) {
    case ExperimentState::kRunning:
      return "running";
    case ExperimentState::kPromoted:
      return "promoted";
    case ExperimentState::kStopped:
      return "stopped";
  }
  return "unknown";
}

}  // namespace smartsynch
