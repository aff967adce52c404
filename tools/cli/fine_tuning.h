// What `fine-tune` does wherever the feedback comes from: a user's file (cmd_fine_tune.cpp) or the
// server's store (server/learn/). Thread safety: one thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "cli/engine.h"
#include "smartsynch/base/status.h"
#include "smartsynch/model/exemplar_file.h"
#include "smartsynch/personal/feedback_log.h"
#include "smartsynch/personal/fine_tune.h"
#include "smartsynch/personal/personal_classifier.h"

namespace smartsynch {

// Errors name the file.
Result<BaseExemplars> LoadExemplars(const std::string& path);

// Replaces `personal`'s log. The encoder runs on the tasks that are learnt from and have no
// embedding of it; it is not loaded when there is none. Fails with kIncompatible for another
// encoder than the model's.
Status LoadLog(FeedbackLog log, const EngineOptions& options, PersonalClassifier& personal);

// Trains and judges to the end; kCancelled when IsCancelled() says so. `progress` gets 0 to 1.
Result<FineTuneResult> FineTune(const PersonalClassifier& personal, const BaseExemplars& exemplars,
                                const FineTuneOptions& options,
                                const std::function<void(double)>& progress);

// How many rows champion and challenger got right.
nlohmann::ordered_json FiguresJson(const FineTuneResult& result);

// The accepted challenger as a model file's bytes. `metrics` goes into its provenance.
Result<std::string> MakeTunedModel(const PersonalClassifier& personal, const FineTuneResult& result,
                                   std::uint64_t seed, const nlohmann::ordered_json& metrics);

}  // namespace smartsynch
