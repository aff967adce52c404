// cross-validate: how good a training on this data is, measured on rows it has not seen.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "cli/cancel.h"
#include "cli/common.h"
#include "cli/curves_json.h"
#include "cli/evaluation.h"
#include "cli/metrics_json.h"
#include "cli/progress.h"
#include "cli/trainer_options.h"
#include "cli/training_set.h"
#include "smartsynch/learn/cross_validate.h"

namespace smartsynch {
namespace {

using nlohmann::ordered_json;

struct CrossValidateOptions {
  EngineOptions engine;
  CrossValidationOptions validation;
  std::string data;
  std::vector<std::string> open_set;
  std::string array = "samples";
  bool curves = false;
  bool json = false;
  bool strict = false;
};

// The answers of all rounds, one round after the other, in the order of the samples.
struct Answers {
  std::vector<JudgedPrediction> full;
  std::vector<JudgedPrediction> instant;
};

Status AnswerHeldOut(const TrainingSet& set, const WordPiece& tokenizer,
                     const std::optional<TokenTable>& token_table, const CrossValidationFold& fold,
                     Model model, Answers& answers) {
  model.vocabulary_sha256 = tokenizer.vocabulary_sha256();
  model.token_table_sha256 = set.token_table_sha256;
  const Result<Classifier> classifier =
      Classifier::Create(std::move(model), tokenizer, token_table);
  if (!classifier) return tl::unexpected(classifier.error());
  for (const std::size_t row : fold.held_out) {
    const Sample& sample = set.samples[row];
    const PreparedTask task = classifier->Prepare(sample.title, sample.description);
    const auto embedding = std::span<const float>(set.data.embeddings)
                               .subspan(row * set.data.dimension, set.data.dimension);
    const Result<Prediction> full = classifier->Classify(task, embedding);
    if (!full) return tl::unexpected(full.error());
    const Prediction instant = classifier->ClassifyInstant(task);
    const std::size_t place = fold.round * set.samples.size() + row;
    answers.full[place] = Judge({&sample, 1}, {&*full, 1})[0];
    answers.instant[place] = Judge({&sample, 1}, {&instant, 1})[0];
  }
  return {};
}

Result<Answers> Validate(const CrossValidateOptions& options, TrainingSet& set) {
  const Result<WordPiece> tokenizer = LoadVocabulary(options.engine.vocabulary);
  if (!tokenizer) return tl::unexpected(tokenizer.error());
  const Result<std::optional<TokenTable>> token_table =
      LoadTokenTable(options.engine.token_table, *tokenizer);
  if (!token_table) return tl::unexpected(token_table.error());
  const Result<std::unique_ptr<OrtEncoder>> encoder = LoadEncoder(options.engine);
  if (!encoder) return tl::unexpected(encoder.error());
  const auto cancellable = [](ProgressBar& bar) {
    return [&bar](std::size_t done, std::size_t total) {
      bar.Update(done, total);
      return !IsCancelled();
    };
  };
  {
    ProgressBar bar("embedding");
    const Status status =
        EmbedTrainingSet(**encoder, *tokenizer, *token_table,
                         options.validation.training.trainer.bucket_bits, set, cancellable(bar));
    if (!status) return tl::unexpected(status.error());
  }
  Answers answers;
  answers.full.resize(options.validation.repeats * set.samples.size());
  answers.instant.resize(answers.full.size());
  ProgressBar bar("cross-validating");
  const Status status = CrossValidate(
      set.data, set.categories, options.validation,
      [&](const CrossValidationFold& fold, const Model& model) {
        return AnswerHeldOut(set, *tokenizer, *token_table, fold, model, answers);
      },
      cancellable(bar));
  if (!status) return tl::unexpected(status.error());
  return answers;
}

// Where only some rows were held out (TrainingData::calibration_rows), the figures are of these.
void KeepHeldOut(std::size_t repeats, TrainingSet& set, Answers& answers) {
  const std::vector<std::size_t>& rows = set.data.calibration_rows;
  if (rows.empty()) return;
  const auto keep = [&](std::vector<JudgedPrediction>& judged) {
    std::vector<JudgedPrediction> kept;
    for (std::size_t round = 0; round < repeats; ++round) {
      for (const std::size_t row : rows) kept.push_back(judged[round * set.samples.size() + row]);
    }
    judged = std::move(kept);
  };
  keep(answers.full);
  keep(answers.instant);
  std::vector<Sample> samples;
  samples.reserve(rows.size());
  for (const std::size_t row : rows) samples.push_back(std::move(set.samples[row]));
  set.samples = std::move(samples);
}

// Figures over all rounds, with the spread from round to round.
Result<ordered_json> Summarise(const TrainingSet& set, const std::vector<JudgedPrediction>& rows,
                               const CrossValidateOptions& options, std::string& text) {
  std::vector<std::string> names;
  for (const Category& category : set.categories) names.push_back(category.name);
  const std::size_t repeats = options.validation.repeats;
  MetricsOptions metrics_options;
  metrics_options.seed = options.validation.seed;
  MetricsOptions plain = metrics_options;
  plain.bootstrap_samples = 0;
  // Pooled figures are the means of the rounds, for every round has the same rows; only the bins of
  // the calibration error and the ranks of the AUROC are common.
  const Result<Metrics> pooled = ComputeMetrics(names, rows, plain);
  if (!pooled) return tl::unexpected(pooled.error());
  const Result<HeadlineIntervals> intervals =
      BootstrapHeadlines(names, rows, metrics_options, repeats);
  if (!intervals) return tl::unexpected(intervals.error());
  ordered_json rounds = ordered_json::array();
  for (std::size_t round = 0; round < repeats; ++round) {
    const auto part = std::span<const JudgedPrediction>(rows).subspan(round * set.samples.size(),
                                                                      set.samples.size());
    const Result<Metrics> metrics = ComputeMetrics(names, part, plain);
    if (!metrics) return tl::unexpected(metrics.error());
    rounds.push_back({{"accuracy", *metrics->accuracy},
                      {"macro_f1", *metrics->macro_f1},
                      {"ece", *metrics->ece}});
  }
  const Result<ordered_json> groups =
      GroupsToJson(names, set.samples, rows, metrics_options, repeats);
  if (!groups) return tl::unexpected(groups.error());
  ordered_json json = MetricsToJson(*pooled);
  json["intervals"] = IntervalsToJson(*intervals);
  json["ece_interval"] = json["intervals"]["ece"];
  json["rounds"] = std::move(rounds);
  json["groups"] = *groups;
  if (options.curves) json["curves"] = CurvesToJson(names, rows);
  text += MetricsToText(*pooled) + "\n";
  for (const auto& [name, interval] : json["intervals"].items()) {
    if (!interval.is_array()) continue;
    char line[96];
    std::snprintf(line, sizeof line, "%-16s95 %%: %.3f to %.3f\n", name.c_str(),
                  interval[0].get<double>(), interval[1].get<double>());
    text += line;
  }
  text += "\n" + GroupsToText(*groups);
  return json;
}

int CrossValidateAndReport(const CrossValidateOptions& options) {
  CancelOnSignals();
  Result<TrainingSet> set =
      LoadTrainingSet(options.data, options.open_set, options.array, options.strict);
  if (!set) return ReportFailure(set.error());
  Result<Answers> answers = Validate(options, *set);
  if (!answers) return ReportFailure(answers.error());
  KeepHeldOut(options.validation.repeats, *set, *answers);
  std::string text = "full tier, " + std::to_string(options.validation.repeats) + " rounds of " +
                     std::to_string(options.validation.folds) + " folds: ";
  const Result<ordered_json> full = Summarise(*set, answers->full, options, text);
  if (!full) return ReportFailure(full.error());
  text += "\ninstant tier: ";
  const Result<ordered_json> instant = Summarise(*set, answers->instant, options, text);
  if (!instant) return ReportFailure(instant.error());
  if (!options.json) return PrintText(text);
  ordered_json json;
  json["folds"] = options.validation.folds;
  json["repeats"] = options.validation.repeats;
  json["seed"] = options.validation.seed;
  json["training_data_sha256"] = set->sha256;
  json["malformed_rows"] = set->malformed;
  json["full"] = *full;
  json["instant"] = *instant;
  return PrintJson(json);
}

}  // namespace

VerbAction DefineCrossValidate(CLI::App& command) {
  auto options = std::make_shared<CrossValidateOptions>();
  CrossValidationOptions& validation = options->validation;
  TrainerOptions& trainer = validation.training.trainer;
  command
      .add_option("--data", options->data,
                  "labelled samples: JSON, JSON Lines or CSV (\"-\": standard input)")
      ->required();
  command.add_option("--open-set", options->open_set,
                     "files of samples that belong to no category, whatever their label");
  AddArrayOption(command, options->array);
  command.add_option("--folds", validation.folds, "parts, each held out once a round")
      ->check(CLI::Range(2, 100))
      ->capture_default_str();
  command.add_option("--repeats", validation.repeats, "rounds, each with other folds")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command.add_option_function<std::uint64_t>(
      "--seed",
      [options](std::uint64_t seed) {
        options->validation.seed = seed;
        options->validation.training.trainer.seed = seed;
      },
      "of everything random (default: 1)");
  command
      .add_option("--inner-folds", validation.training.folds,
                  "inside a fold, for calibration and thresholds")
      ->check(CLI::Range(2, 100))
      ->capture_default_str();
  command.add_option("--epochs", trainer.epochs, "at most")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  AddMembersOptions(command, validation.training);
  command
      .add_option("--precision", validation.training.thresholds.precision,
                  "wanted share of automatic selections that are right")
      ->check(Between(0.0, 1.0))
      ->capture_default_str();
  command.add_flag("--curves", options->curves,
                   "with --json: reliability bins, coverage against precision, open-set ROC");
  AddEncoderOptions(command, options->engine);
  AddTokenTableOption(command, options->engine);
  AddJsonFlag(command, options->json);
  AddStrictFlag(command, options->strict);
  command.footer(
      "Everything is trained, calibrated and chosen inside each fold. Intervals are 95 %\n"
      "bootstrap intervals over the samples. Figures are also given by the rows' `language` and\n"
      "`style`, with the distance to English full sentences.");
  return [options, &command] {
    KeepGivenSchedule(command, options->validation.training.few_rows);
    return CrossValidateAndReport(*options);
  };
}

}  // namespace smartsynch
