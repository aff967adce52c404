// Measures an engine, or the held-out answers of a training, on labelled samples.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/engine.h"
#include "smartsynch/learn/dataset.h"
#include "smartsynch/learn/metrics.h"
#include "smartsynch/learn/train_model.h"

namespace smartsynch {

// A sample whose category the model lacks, or that has none, counts as open-set. Fails as
// Engine::Predict() does.
Result<Metrics> EvaluateEngine(const Engine& engine, std::span<const Sample> samples,
                               const MetricsOptions& options = {},
                               const ProgressCallback& progress = {});

// Of each sample the full tier's answer by heads that were trained without it. `samples` are the
// rows the model was trained on, in their order.
Result<Metrics> EvaluateHeldOut(const TrainedModel& trained, std::span<const Sample> samples);

}  // namespace smartsynch
