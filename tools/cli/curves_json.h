// Curves, intervals and groups of judged predictions as the tools print and store them.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "smartsynch/base/status.h"
#include "smartsynch/learn/curves.h"
#include "smartsynch/learn/dataset.h"

namespace smartsynch {

// {"reliability": [{"confidence", "accuracy", "n"}], "coverage": [{"threshold", "coverage",
// "precision"}], "roc": [{"false_alarms", "detected"}]}. Of long curves some 200 points are kept,
// evenly spread, with the first and the last.
nlohmann::ordered_json CurvesToJson(std::span<const std::string> categories,
                                    std::span<const JudgedPrediction> rows);

// {"accuracy": [low, high], "macro_f1", "auto_precision", "auto_coverage", "auroc", "fpr95",
// "ece"}; null where there is none.
nlohmann::ordered_json IntervalsToJson(const HeadlineIntervals& intervals);

// The same figures for every language, every style and every pair of the two that occurs:
// {"language": {"de": {"n", "n_open_set", "accuracy", "accuracy_interval", "macro_f1", "auroc",
// "below_reference"}}, "style": …, "language_style": {"de terse": …}}. `below_reference` is the
// accuracy of English full sentences ("en sentence") less the group's; null without such rows.
// `rows` hold the samples' answers `copies` times, one round after the other.
Result<nlohmann::ordered_json> GroupsToJson(std::span<const std::string> categories,
                                            std::span<const Sample> samples,
                                            std::span<const JudgedPrediction> rows,
                                            const MetricsOptions& options, std::size_t copies = 1);

// GroupsToJson()'s result for people.
std::string GroupsToText(const nlohmann::ordered_json& groups);

}  // namespace smartsynch
