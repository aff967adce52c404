// What a store refuses before it asks its database. Every failure is kInvalidArgument and names the
// field. Thread safety: pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "server/store/records.h"
#include "smartsynch/base/status.h"

namespace smartsynch {

inline constexpr std::size_t kMaxAppend = 1000;
inline constexpr std::size_t kMaxEventBytes = std::size_t{1} << 20U;
inline constexpr std::uint32_t kMaxWeight = 10000;

// Databases differ in what text they take: a zero byte or malformed UTF-8 is taken by none.
bool IsStorableText(std::string_view text);

// How many rows a call may ask for.
Status CheckLimit(std::size_t limit);
Status CheckFeedback(std::span<const FeedbackRecord> records);
Status CheckModel(const ModelVersion& model);
Status CheckCategoryChange(const std::string& event);
Status CheckLearningRun(const LearningRun& run);
Status CheckExperiment(const Experiment& experiment);
Status CheckWeights(std::span<const std::uint32_t> weights);

}  // namespace smartsynch
