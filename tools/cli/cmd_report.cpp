// report: a model's figures as one HTML page that needs nothing else, and as Markdown.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "cli/as_typed.h"
#include "cli/cancel.h"
#include "cli/common.h"
#include "cli/curves_json.h"
#include "cli/data_input.h"
#include "cli/evaluation.h"
#include "cli/file.h"
#include "cli/locations.h"
#include "cli/metrics_json.h"
#include "cli/progress.h"
#include "cli/run_log.h"

namespace smartsynch {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

struct ReportOptions {
  EngineOptions engine;
  std::string data;
  std::vector<std::string> open_set;
  std::string array = "samples";
  std::string run;
  std::string out;
  bool as_typed = true;
  bool json = false;
  bool strict = false;
};

// The validation run's epochs of the run that made this model: of `folder`, or of the latest run
// in the log whose model has this data hash and seed.
ordered_json LearningCurve(const LoggedRun& logged) {
  ordered_json curve = ordered_json::array();
  for (const ordered_json& line : *logged.epochs) {
    if (line.value("run", std::string()) == "validation") curve.push_back(line);
  }
  return curve;
}

Result<ordered_json> FindLearningCurve(const ReportOptions& options, const Model& model) {
  if (!options.run.empty()) {
    const Result<LoggedRun> logged = LoadRun(options.run);
    if (!logged) return tl::unexpected(logged.error());
    return LearningCurve(*logged);
  }
  const Result<std::string> runs = DefaultRunsFolder();
  std::vector<std::string> folders = runs ? ListRuns(*runs) : std::vector<std::string>();
  std::reverse(folders.begin(), folders.end());
  for (const std::string& folder : folders) {
    const Result<LoggedRun> logged = LoadRun(folder);
    if (!logged) continue;
    const ordered_json& run = *logged->run;
    const ordered_json::json_pointer seed("/parameters/seed");
    const bool fits = run["status"] == "finished" && run.contains("data_sha256") &&
                      run["data_sha256"] == model.provenance.training_data_sha256 &&
                      run.contains(seed) && run[seed] == model.provenance.seed;
    if (fits) return LearningCurve(*logged);
  }
  return ordered_json::array();
}

void Replace(std::string& page, const std::string& mark, const std::string& text) {
  const std::size_t place = page.find(mark);
  if (place != std::string::npos) page.replace(place, mark.size(), text);
}

Result<std::string> RenderPage(const ordered_json& data) {
  Result<std::string> home = HomeFolder();
  if (!home) return home;
  const fs::path report = fs::path(*home) / "tools" / "report";
  const fs::path plots = fs::path(*home) / ".cache" / "plots";
  Result<std::string> page = ReadFile((report / "page.html").string());
  if (!page) return page;
  std::string json = data.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  // Inside a script element only "<" could end it.
  for (std::size_t i = 0; (i = json.find('<', i)) != std::string::npos;) {
    json.replace(i, 1, "\\u003c");
  }
  const std::pair<const char*, fs::path> parts[] = {{"{{UPLOT_STYLE}}", plots / "uPlot.min.css"},
                                                    {"{{STYLE}}", report / "style.css"},
                                                    {"{{UPLOT}}", plots / "uPlot.iife.min.js"},
                                                    {"{{DRAWING}}", report / "drawing.js"},
                                                    {"{{SCRIPT}}", report / "plots.js"}};
  for (const auto& [mark, path] : parts) {
    Result<std::string> text = ReadFile(path.string());
    if (!text) return text;
    Replace(*page, mark, *text);
  }
  for (int i = 0; i < 2; ++i) Replace(*page, "{{TITLE}}", "Model report");
  Replace(*page, "{{DATA}}", json);  // last: it may hold any text
  return page;
}

std::string RenderMarkdown(const ordered_json& data, const std::string& text) {
  return "# Model report\n\n" + data["model"].get<std::string>() + ", version " +
         data["model_version"].get<std::string>() + ", " + data["tier"].get<std::string>() +
         " tier, on " + data["data"].get<std::string>() + "\n\n```text\n" + text + "```\n";
}

struct DrawnReport {
  ordered_json data;
  std::string text;
};

Result<DrawnReport> Measure(const ReportOptions& options, const Engine& engine,
                            const std::vector<Sample>& samples) {
  const auto cancellable = [](ProgressBar& bar) {
    return [&bar](std::size_t done, std::size_t total) {
      bar.Update(done, total);
      return !IsCancelled();
    };
  };
  const Model& model = engine.classifier().model();
  const std::vector<std::string> names = CategoryNames(model);
  ProgressBar bar("evaluating");
  const Result<std::vector<JudgedPrediction>> rows = JudgeEngine(engine, samples, cancellable(bar));
  if (!rows) return tl::unexpected(rows.error());
  const Result<Metrics> metrics = ComputeMetrics(names, *rows);
  if (!metrics) return tl::unexpected(metrics.error());
  const Result<HeadlineIntervals> intervals = BootstrapHeadlines(names, *rows);
  if (!intervals) return tl::unexpected(intervals.error());
  const Result<ordered_json> curve = FindLearningCurve(options, model);
  if (!curve) return tl::unexpected(curve.error());
  DrawnReport report;
  report.data["model"] = options.engine.model.empty() ? "the default model" : options.engine.model;
  report.data["model_version"] = model.version;
  report.data["tier"] = TierName(engine.tier());
  report.data["data"] = options.data;
  report.data["metrics"] = MetricsToJson(*metrics);
  report.data["intervals"] = IntervalsToJson(*intervals);
  report.data["curves"] = CurvesToJson(names, *rows);
  report.data["learning_curve"] = *curve;
  report.text = MetricsToText(*metrics);
  if (options.as_typed && metrics->known > 0) {
    ProgressBar typing("typing");
    const Result<AsTyped> typed = EvaluateAsTyped(engine, samples, cancellable(typing));
    if (!typed) return tl::unexpected(typed.error());
    report.data["as_typed"] = AsTypedToJson(*typed);
    report.text += "\n" + AsTypedToText(*typed);
  }
  return report;
}

int WriteReport(const ReportOptions& options) {
  CancelOnSignals();
  DatasetOptions reading;
  reading.array = options.array;
  reading.require_text = false;
  const Result<DataFile> data = LoadDataFile(options.data, reading, options.strict);
  if (!data) return ReportFailure(data.error());
  reading.require_category = false;
  const Result<DataFile> open_set = LoadDataFiles(options.open_set, reading, options.strict);
  if (!open_set) return ReportFailure(open_set.error());
  std::vector<Sample> samples = data->samples;
  for (const Sample& sample : open_set->samples) {
    samples.push_back(sample);
    samples.back().category.clear();
  }
  const Result<Engine> engine = Engine::Load(options.engine);
  if (!engine) return ReportFailure(engine.error());
  const Result<DrawnReport> report = Measure(options, *engine, samples);
  if (!report) return ReportFailure(report.error());
  const Result<std::string> page = RenderPage(report->data);
  if (!page) return ReportFailure(page.error());
  const std::string markdown = fs::path(options.out).replace_extension(".md").string();
  if (Status status = WriteFileAtomically(options.out, *page); !status) {
    return ReportFailure(status.error());
  }
  const Status status = WriteFileAtomically(markdown, RenderMarkdown(report->data, report->text));
  if (!status) return ReportFailure(status.error());
  if (options.json) return PrintJson(report->data);
  return PrintText("wrote " + options.out + " and " + markdown + "\n");
}

}  // namespace

VerbAction DefineReport(CLI::App& command) {
  auto options = std::make_shared<ReportOptions>();
  command.add_option("--data", options->data, "labelled tasks: JSON, JSON Lines or CSV")
      ->required();
  const auto is_page = [](std::string& path) {
    return fs::path(path).extension() == ".md" ? std::string("expected a name of an HTML page")
                                               : std::string();
  };
  command
      .add_option("--out", options->out,
                  "HTML page to write; the Markdown summary gets its name with .md")
      ->required()
      ->check(CLI::Validator(is_page, "PAGE"));
  command.add_option("--open-set", options->open_set,
                     "more files, whose tasks belong to no category whatever their label");
  command.add_option("--run", options->run,
                     "folder of the training's run log, for the learning curve (default: the "
                     "latest finished one of the same data and seed)");
  command.add_flag("!--no-as-typed", options->as_typed,
                   "leave out the typing letter by letter, which takes a while on large sets");
  AddModelOptions(command, options->engine);
  AddArrayOption(command, options->array);
  AddJsonFlag(command, options->json);
  AddStrictFlag(command, options->strict);
  return [options] { return WriteReport(*options); };
}

}  // namespace smartsynch
