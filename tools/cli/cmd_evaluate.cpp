// evaluate: a model's answers on labelled data against the truth.
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "cli/common.h"
#include "cli/data_input.h"
#include "cli/evaluation.h"
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

  std::vector<Sample> samples = data->samples;
  for (const Sample& sample : open_set->samples) {
    samples.push_back(sample);
    samples.back().category.clear();
  }
  MetricsOptions metrics_options;
  metrics_options.seed = options.seed;
  Result<Metrics> metrics = [&] {
    ProgressBar bar("evaluating");
    return EvaluateEngine(*engine, samples, metrics_options, bar.Callback());
  }();
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
      .add_option(
          "--data", options->data,
          "labelled tasks: JSON, JSON Lines or CSV (\"-\": standard input); a label the model "
          "lacks is open-set")
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
