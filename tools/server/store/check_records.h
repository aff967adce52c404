// What a store refuses before it asks its database. Every failure is kInvalidArgument and names the
// field. Thread safety: pure.
#pragma once

#include <cstdint>
#include <span>

#include "server/store/records.h"
#include "smartsynch/base/status.h"

namespace smartsynch {

inline constexpr std::size_t kMaxAppend = 1000;
inline constexpr std::size_t kMaxEventBytes = std::size_t{1} << 20U;
inline constexpr std::uint32_t kMaxWeight = 10000;

Status CheckFeedback(std::span<const FeedbackRecord> records);
Status CheckModel(const ModelVersion& model);
Status CheckLearningRun(const LearningRun& run);
Status CheckExperiment(const Experiment& experiment);
Status CheckWeights(std::span<const std::uint32_t> weights);

}  // namespace smartsynch
