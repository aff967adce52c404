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

// The model's display names, in the order of its outputs.
std::vector<std::string> CategoryNames(const Model& model);

// Each sample's answer beside its label, in order.
std::vector<JudgedPrediction> Judge(std::span<const Sample> samples,
                                    std::span<const Prediction> predictions);
Result<std::vector<JudgedPrediction>> JudgeEngine(const Engine& engine,
                                                  std::span<const Sample> samples,
                                                  const ProgressCallback& progress = {});

// A sample whose category the model lacks, or that has none, counts as open-set. Fails as
// Engine::Predict() does.
Result<Metrics> EvaluateEngine(const Engine& engine, std::span<const Sample> samples,
                               const MetricsOptions& options = {},
                               const ProgressCallback& progress = {});

// Of each held-out sample the full tier's answer by heads that were trained without it. `samples`
// are the rows the model was trained on, in their order.
std::vector<JudgedPrediction> JudgeHeldOut(const TrainedModel& trained,
                                           std::span<const Sample> samples);
Result<Metrics> EvaluateHeldOut(const TrainedModel& trained, std::span<const Sample> samples);

}  // namespace smartsynch
