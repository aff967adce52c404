// evaluate: a model's answers on labelled data against the truth.
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "cli/as_typed.h"
#include "cli/cancel.h"
#include "cli/common.h"
#include "cli/curves_json.h"
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
  bool curves = false;
  bool groups = false;
  bool as_typed = false;
  double mistyped = 0;
  std::size_t seeds = 20;
  bool json = false;
  bool strict = false;
};

struct EvaluationReport {
  nlohmann::ordered_json json;
  std::string text;
};

template <typename Work>
auto WithProgress(const char* label, Work&& work) {
  ProgressBar bar(label);
  return work(ProgressCallback([&bar](std::size_t done, std::size_t total) {
    bar.Update(done, total);
    return !IsCancelled();
  }));
}

// What was asked for beyond the plain figures.
Status MeasureTyping(const EvaluateOptions& options, const Engine& engine,
                     const std::vector<Sample>& samples, EvaluationReport& report) {
  if (options.as_typed) {
    const Result<AsTyped> typed = WithProgress("typing", [&](const ProgressCallback& progress) {
      return EvaluateAsTyped(engine, samples, progress);
    });
    if (!typed) return tl::unexpected(typed.error());
    report.json["as_typed"] = AsTypedToJson(*typed);
    report.text += "\n" + AsTypedToText(*typed);
  }
  if (options.mistyped > 0) {
    const Result<Mistyped> mistyped =
        WithProgress("mistyping", [&](const ProgressCallback& progress) {
          return EvaluateMistyped(engine, samples, options.mistyped, options.seeds, options.seed,
                                  progress);
        });
    if (!mistyped) return tl::unexpected(mistyped.error());
    report.json["mistyped"] = MistypedToJson(*mistyped);
    report.text += "\n" + MistypedToText(*mistyped);
  }
  return {};
}

Result<EvaluationReport> Measure(const EvaluateOptions& options, const Engine& engine,
                                 const std::vector<Sample>& samples) {
  MetricsOptions metrics_options;
  metrics_options.seed = options.seed;
  const Result<std::vector<JudgedPrediction>> rows = WithProgress(
      "evaluating",
      [&](const ProgressCallback& progress) { return JudgeEngine(engine, samples, progress); });
  if (!rows) return tl::unexpected(rows.error());
  const std::vector<std::string> names = CategoryNames(engine.classifier().model());
  const Result<Metrics> metrics = ComputeMetrics(names, *rows, metrics_options);
  if (!metrics) return tl::unexpected(metrics.error());
  const Result<HeadlineIntervals> intervals = BootstrapHeadlines(names, *rows, metrics_options);
  if (!intervals) return tl::unexpected(intervals.error());
  EvaluationReport report{MetricsToJson(*metrics), MetricsToText(*metrics)};
  report.json["intervals"] = IntervalsToJson(*intervals);
  if (options.curves) report.json["curves"] = CurvesToJson(names, *rows);
  if (options.groups) {
    const Result<nlohmann::ordered_json> groups =
        GroupsToJson(names, samples, *rows, metrics_options);
    if (!groups) return tl::unexpected(groups.error());
    report.text += "\n" + GroupsToText(*groups);
    report.json["groups"] = *groups;
  }
  if (Status status = MeasureTyping(options, engine, samples, report); !status) {
    return tl::unexpected(status.error());
  }
  return report;
}

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
  CancelOnSignals();
  const Result<EvaluationReport> report = Measure(options, *engine, samples);
  if (!report) return ReportFailure(report.error());
  const std::size_t malformed = data->malformed + open_set->malformed;
  if (!options.json) {
    std::string text = report->text;
    if (malformed > 0) text += "\n" + std::to_string(malformed) + " malformed rows skipped\n";
    return PrintText(text);
  }
  nlohmann::ordered_json json = report->json;
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
  command.add_option("--seed", options->seed, "of intervals and typing slips (default: 1)");
  command.add_flag("--curves", options->curves,
                   "with --json: reliability bins, coverage against precision, open-set ROC");
  command.add_flag(
      "--groups", options->groups,
      "also by the rows' `language` and `style`, with the distance to \"en sentence\"");
  command.add_flag("--as-typed", options->as_typed,
                   "also at 25, 50, 75 and 100 % of the letters, and how often the category "
                   "changes while a title is typed");
  CLI::Option* mistyped =
      command
          .add_option("--mistyped", options->mistyped,
                      "also in lower case with this share of letters mistyped, such as 0.05")
          ->check(Between(0.0, 1.0));
  command.add_option("--seeds", options->seeds, "times of --mistyped")
      ->check(CLI::Range(1, 1000))
      ->needs(mistyped)
      ->capture_default_str();
  AddJsonFlag(command, options->json);
  AddStrictFlag(command, options->strict);
  return [options] { return Evaluate(*options); };
}

}  // namespace smartsynch
