// Sends logged runs to an MLflow tracking server over its REST API 2.0 (mlflow.org/docs, "REST
// API"): parameters, tags, the metrics of every epoch, the final ones, and artifacts where the
// server takes them itself ("mlflow-artifacts:").
//
// A server that is down, slow or answers errors costs at most MlflowOptions::seconds and loses
// nothing: the run stays in its folder and can be sent again. Thread safety: as run_log.h.
#pragma once

#include <string>

#include "cli/run_log.h"
#include "smartsynch/base/status.h"

namespace smartsynch {

struct MlflowOptions {
  std::string uri;                        // "http://localhost:5000", with or without a path
  std::string experiment = "smartsynch";  // made when the server lacks it
  int seconds = 30;                       // for everything together
};

// Fails with kInvalidArgument, field "--tracking-uri", unless it is http://HOST[:PORT][/PATH].
Status CheckTrackingUri(const std::string& uri);

// Writes RUN/sent.json. A run that was sent in part is completed under the same MLflow run id, so
// sending twice makes no second run. Fails with kUnavailable (no connection, too slow) or kIo
// (the server's own error, quoted).
Status SendRun(const std::string& folder, const MlflowOptions& options);

}  // namespace smartsynch
