// Metrics as the tools print and store them.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "smartsynch/learn/metrics.h"

namespace smartsynch {

nlohmann::ordered_json NumberOrNull(const std::optional<double>& value);

// {"n", "n_open_set", "accuracy", "macro_f1", "per_class": {NAME: {"precision", "recall", "f1",
// "support"}}, "confusion": {"labels", "matrix", "unanswered"}, "auto_select": {"precision",
// "coverage"}, "proposed_new": {"open_set", "known"}, "ece", "ece_interval": [low, high],
// "open_set": {"auroc", "fpr95"}}. confusion.matrix[gold][answer] follows the order of
// confusion.labels. What has nothing to divide by is null.
nlohmann::ordered_json MetricsToJson(const Metrics& metrics);

// The same for people: a few lines and the confusion matrix.
std::string MetricsToText(const Metrics& metrics);

}  // namespace smartsynch
