// evaluate: a model's answers on labelled data against the truth.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "cli/common.h"
#include "cli/data_input.h"
#include "cli/metrics_json.h"
#include "cli/progress.h"

namespace smartsynch {
namespace {

struct EvaluateOptions {
  EngineOptions engine;
  std::string data;
  std::vector<std::string> open_set;
  std::string array = "samples";
  std::uint64_t seed = 1;
  bool json = false;
  bool strict = false;
};

int Evaluate(const EvaluateOptions& options) {
  DatasetOptions reading;
  reading.array = options.array;
  reading.require_text = false;  // a blank task has an answer, too
  const Result<DataFile> data = LoadDataFile(options.data, reading, options.strict);
  if (!data) return ReportFailure(data.error());
  reading.require_category = false;
  const Result<DataFile> open_set = LoadDataFiles(options.open_set, reading, options.strict);
  if (!open_set) return ReportFailure(open_set.error());
  const Result<Engine> engine = Engine::Load(options.engine);
  if (!engine) return ReportFailure(engine.error());

  std::vector<Task> tasks;
  std::vector<std::string> gold;
  for (const Sample& sample : data->samples) {
    tasks.push_back({sample.title, sample.description});
    gold.push_back(sample.category);
  }
  for (const Sample& sample : open_set->samples) {
    tasks.push_back({sample.title, sample.description});
    gold.emplace_back();
  }
  std::vector<JudgedPrediction> judged;
  {
    ProgressBar bar("evaluating");
    Result<std::vector<Prediction>> predictions = engine->Predict(tasks, bar.Callback());
    if (!predictions) return ReportFailure(predictions.error());
    for (std::size_t i = 0; i < gold.size(); ++i) {
      judged.push_back(Judge((*predictions)[i], std::move(gold[i])));
    }
  }
  std::vector<std::string> categories;
  for (const Category& category : engine->classifier().model().categories) {
    categories.push_back(category.name);
  }
  MetricsOptions metrics_options;
  metrics_options.seed = options.seed;
  const Result<Metrics> metrics = ComputeMetrics(categories, judged, metrics_options);
  if (!metrics) return ReportFailure(metrics.error());
  const std::size_t malformed = data->malformed + open_set->malformed;
  if (!options.json) {
    std::string text = MetricsToText(*metrics);
    if (malformed > 0) text += "\n" + std::to_string(malformed) + " malformed rows skipped\n";
    return PrintText(text);
  }
  nlohmann::ordered_json json = MetricsToJson(*metrics);
  json["tier"] = TierName(engine->tier());
  json["model_version"] = engine->classifier().model().version;
  json["malformed_rows"] = malformed;
  return PrintJson(json);
}

}  // namespace

VerbAction DefineEvaluate(CLI::App& command) {
  auto options = std::make_shared<EvaluateOptions>();
  command
      .add_option("--data", options->data,
                  "labelled tasks: JSON, JSON Lines or CSV; a label the model lacks is open-set")
      ->required();
  command.add_option("--open-set", options->open_set,
                     "more files, whose tasks belong to no category whatever their label");
  AddModelOptions(command, options->engine);
  AddArrayOption(command, options->array);
  command.add_option("--seed", options->seed, "of the bootstrap interval (default: 1)");
  AddJsonFlag(command, options->json);
  AddStrictFlag(command, options->strict);
  return [options] { return Evaluate(*options); };
}

}  // namespace smartsynch
