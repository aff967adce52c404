#include "cli/evaluation.h"

#include <utility>

#include "smartsynch/decide/calibration.h"

namespace smartsynch {

std::vector<std::string> CategoryNames(const Model& model) {
  std::vector<std::string> names;
  for (const Category& category : model.categories) names.push_back(category.name);
  return names;
}

std::vector<JudgedPrediction> Judge(std::span<const Sample> samples,
                                    std::span<const Prediction> predictions) {
  std::vector<JudgedPrediction> judged;
  judged.reserve(samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const Prediction& prediction = predictions[i];
    JudgedPrediction row;
    row.gold = samples[i].category;
    if (!prediction.suggestions.empty()) row.top = prediction.suggestions.front().category;
    row.decision = prediction.decision;
    row.confidence = static_cast<double>(prediction.confidence);
    row.novelty = static_cast<double>(prediction.novelty);
    judged.push_back(std::move(row));
  }
  return judged;
}

Result<std::vector<JudgedPrediction>> JudgeEngine(const Engine& engine,
                                                  std::span<const Sample> samples,
                                                  const ProgressCallback& progress) {
  std::vector<Task> tasks;
  tasks.reserve(samples.size());
  for (const Sample& sample : samples) tasks.push_back({sample.title, sample.description});
  const Result<std::vector<Prediction>> predictions = engine.Predict(tasks, progress);
  if (!predictions) return tl::unexpected(predictions.error());
  return Judge(samples, *predictions);
}

Result<Metrics> EvaluateEngine(const Engine& engine, std::span<const Sample> samples,
                               const MetricsOptions& options, const ProgressCallback& progress) {
  const Result<std::vector<JudgedPrediction>> judged = JudgeEngine(engine, samples, progress);
  if (!judged) return tl::unexpected(judged.error());
  return ComputeMetrics(CategoryNames(engine.classifier().model()), *judged, options);
}

std::vector<JudgedPrediction> JudgeHeldOut(const TrainedModel& trained,
                                           std::span<const Sample> samples) {
  const HeldOutLogits& logits = trained.held_out;
  const TierSettings& full = trained.model.full;
  const std::vector<std::string> names = CategoryNames(trained.model);
  std::vector<JudgedPrediction> judged;
  judged.reserve(logits.data_rows.size());
  for (std::size_t i = 0; i < logits.data_rows.size(); ++i) {
    const Scores scores = ScoresOf(logits, i, full.calibration);
    const Decision decision = Decide(scores.probabilities, scores.novelty, full.thresholds);
    JudgedPrediction row;
    row.gold = samples[logits.data_rows[i]].category;
    row.decision = decision.kind;
    row.novelty = static_cast<double>(scores.novelty);
    if (!decision.ranking.empty()) {
      row.top = names[decision.ranking[0].category];
      row.confidence = static_cast<double>(decision.ranking[0].confidence);
    }
    judged.push_back(std::move(row));
  }
  return judged;
}

Result<Metrics> EvaluateHeldOut(const TrainedModel& trained, std::span<const Sample> samples) {
  return ComputeMetrics(CategoryNames(trained.model), JudgeHeldOut(trained, samples));
}

}  // namespace smartsynch
