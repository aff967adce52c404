// train: labelled samples in, a model file out.
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "cli/cancel.h"
#include "cli/common.h"
#include "cli/data_input.h"
#include "cli/evaluation.h"
#include "cli/file.h"
#include "cli/locations.h"
#include "cli/metrics_json.h"
#include "cli/mlflow.h"
#include "cli/progress.h"
#include "cli/run_log.h"
#include "cli/trainer_options.h"
#include "cli/training_set.h"
#include "smartsynch/base/hash.h"
#include "smartsynch/learn/duplicates.h"
#include "smartsynch/learn/select_exemplars.h"
#include "smartsynch/learn/train_model.h"
#include "smartsynch/model/model_file.h"

namespace smartsynch {
namespace {

struct TrainOptions {
  EngineOptions engine;
  TrainModelOptions training;
  std::string data;
  std::vector<std::string> open_set;
  std::string validation_data;
  std::string array = "samples";
  std::string out;
  std::string exemplars;  // empty: none are written
  std::string checkpoint_dir;
  std::string runs;  // empty: the default folder
  MlflowOptions mlflow;
  bool resume = false;
  bool json = false;
  bool strict = false;
};

void WarnOfDuplicates(const std::vector<Sample>& samples) {
  const DuplicateReport report = FindDuplicates(samples);
  if (report.exact.empty()) return;
  std::size_t conflicts = 0;
  for (const ExactDuplicate& duplicate : report.exact) conflicts += duplicate.conflict ? 1 : 0;
  std::fprintf(stderr,
               "smartsynch: warning: %zu samples repeat another one, %zu of them with another "
               "category; `prepare` lists them and writes a set without them\n",
               report.exact.size(), conflicts);
}

// So the model only ever suggests, which nobody would guess from its accuracy.
void WarnOfNoSelection(const TrainOptions& options, const DecisionThresholds& thresholds) {
  if (thresholds.auto_confidence <= 1.0F) return;
  std::fprintf(stderr,
               "smartsynch: warning: the held-out rows do not show selections that are right in "
               "%g %% of the cases, so the model selects nothing by itself, it only suggests; more "
               "rows or a lower --precision change that\n",
               100.0 * options.training.thresholds.precision);
}

std::string CheckpointPath(const TrainOptions& options, const std::string& run) {
  return (std::filesystem::path(options.checkpoint_dir) / (run + ".safetensors")).string();
}

nlohmann::ordered_json ParametersToJson(const TrainOptions& options) {
  const TrainModelOptions& training = options.training;
  const TrainerOptions& trainer = training.trainer;
  return {{"data", options.data},
          {"open_set", options.open_set},
          {"out", options.out},
          {"seed", trainer.seed},
          {"epochs", trainer.epochs},
          {"patience", trainer.patience},
          {"batch_size", trainer.batch_size},
          {"learning_rate", trainer.learning_rate},
          {"weight_decay", trainer.weight_decay},
          {"lexical_learning_rate", trainer.lexical_learning_rate},
          {"dropout", trainer.dropout},
          {"hidden", trainer.hidden},
          {"label_smoothing", trainer.label_smoothing},
          {"least_steps", training.few_rows.least_steps},
          {"members", training.members},
          {"few_rows_members", training.few_rows.members},
          {"validation", training.validation_fraction},
          {"folds", training.folds},
          {"precision", training.thresholds.precision},
          {"resume", options.resume}};
}

Result<TrainedModel> RunTraining(const TrainOptions& options, const TrainingSet& set, RunLog* log) {
  std::unique_ptr<ProgressBar> bar;
  std::string current_run;
  Status stored;
  TrainModelCallbacks callbacks;
  callbacks.on_epoch = [&](const std::string& run, const EpochMetrics& metrics,
                           std::size_t epochs) {
    if (run != current_run) {
      bar = std::make_unique<ProgressBar>("training, " + run);
      current_run = run;
    }
    if (log != nullptr) log->AddEpoch(run, metrics);
    char note[64];
    std::snprintf(note, sizeof note, "loss %.3f", static_cast<double>(metrics.train_loss));
    bar->Update(metrics.epoch, epochs, note);
    return !IsCancelled() && stored.has_value();
  };
  if (!options.checkpoint_dir.empty()) {
    std::error_code error;
    std::filesystem::create_directories(options.checkpoint_dir, error);
    if (error) {
      return Fail(ErrorCode::kIo,
                  "cannot make the folder " + options.checkpoint_dir + ": " + error.message(),
                  "--checkpoint-dir");
    }
    callbacks.save_checkpoint = [&](const std::string& run, std::string_view bytes) {
      if (stored) stored = WriteFileAtomically(CheckpointPath(options, run), bytes);
    };
    if (options.resume) {
      callbacks.load_checkpoint = [&](const std::string& run) -> std::optional<std::string> {
        Result<std::string> bytes = ReadFile(CheckpointPath(options, run));
        if (!bytes) return std::nullopt;
        return std::move(*bytes);
      };
    }
  }
  Result<TrainedModel> trained = TrainModel(set.data, set.categories, options.training, callbacks);
  if (!stored) return tl::unexpected(stored.error());
  return trained;
}

// Measures the finished model, as its file holds it, on samples it was not trained on.
Result<Metrics> Validate(const TrainOptions& options, const std::string& bytes,
                         const WordPiece& tokenizer, std::optional<TokenTable> token_table,
                         std::unique_ptr<OrtEncoder> encoder) {
  DatasetOptions reading;
  reading.array = options.array;
  const Result<DataFile> data = LoadDataFile(options.validation_data, reading, options.strict);
  if (!data) return tl::unexpected(data.error());
  Result<Model> model = ParseModel(bytes);
  if (!model) return tl::unexpected(model.error());
  const Result<Engine> engine = Engine::FromParts(
      std::move(*model), tokenizer, std::move(token_table), std::move(encoder), Tier::kFull);
  if (!engine) return tl::unexpected(engine.error());
  ProgressBar bar("validating");
  return EvaluateEngine(*engine, data->samples, {}, bar.Callback());
}

Status WriteExemplars(const TrainOptions& options, const TrainingData& data,
                      const TrainedModel& trained) {
  if (options.exemplars.empty()) return {};
  const Result<BaseExemplars> exemplars =
      SelectExemplars(data, trained, options.training.trainer.seed);
  if (!exemplars) return tl::unexpected(exemplars.error());
  const Result<std::string> bytes = SerializeExemplars(*exemplars);
  if (!bytes) return tl::unexpected(bytes.error());
  return WriteFileAtomically(options.exemplars, *bytes);
}

struct TrainOutcome {
  std::string version;
  std::size_t epochs = 0;
  std::size_t samples = 0;
  std::size_t open_set_samples = 0;
  std::size_t malformed = 0;
  Metrics held_out;
  std::optional<Metrics> validation;
};

Result<TrainOutcome> Train(const TrainOptions& options, RunLog* log) {
  Result<TrainingSet> set =
      LoadTrainingSet(options.data, options.open_set, options.array, options.strict);
  if (!set) return tl::unexpected(set.error());
  if (log != nullptr) log->SetDataHash(set->sha256);
  WarnOfDuplicates(set->samples);
  const Result<WordPiece> tokenizer = LoadVocabulary(options.engine.vocabulary);
  if (!tokenizer) return tl::unexpected(tokenizer.error());
  Result<std::optional<TokenTable>> table = LoadTokenTable(options.engine.token_table, *tokenizer);
  if (!table) return tl::unexpected(table.error());
  Result<std::unique_ptr<OrtEncoder>> encoder = LoadEncoder(options.engine);
  if (!encoder) return tl::unexpected(encoder.error());
  const TrainerOptions& trainer = options.training.trainer;
  {
    ProgressBar bar("embedding");
    const Status status = EmbedTrainingSet(**encoder, *tokenizer, *table, trainer.bucket_bits, *set,
                                           [&](std::size_t done, std::size_t total) {
                                             bar.Update(done, total);
                                             return !IsCancelled();
                                           });
    if (!status) return tl::unexpected(status.error());
  }
  Result<TrainedModel> trained = RunTraining(options, *set, log);
  if (!trained) return tl::unexpected(trained.error());
  Result<Metrics> held_out = EvaluateHeldOut(*trained, set->samples);
  if (!held_out) return tl::unexpected(held_out.error());
  const Result<std::string> bytes = FinishModel(trained->model, *set, **encoder, *tokenizer,
                                                trainer.seed, MetricsToJson(*held_out).dump());
  if (!bytes) return tl::unexpected(bytes.error());

  TrainOutcome outcome;
  outcome.version = Sha256Hex(*bytes).substr(0, 16);
  outcome.epochs = trained->epochs;
  outcome.samples = set->categorised;
  outcome.open_set_samples = set->samples.size() - set->categorised;
  outcome.malformed = set->malformed;
  outcome.held_out = std::move(*held_out);
  if (!options.validation_data.empty()) {
    Result<Metrics> validation =
        Validate(options, *bytes, *tokenizer, std::move(*table), std::move(*encoder));
    if (!validation) return tl::unexpected(validation.error());
    outcome.validation = std::move(*validation);
  }
  trained->model.version = outcome.version;
  Status written = WriteExemplars(options, set->data, *trained);
  if (written) written = WriteFileAtomically(options.out, *bytes);
  if (!written) return tl::unexpected(written.error());
  WarnOfNoSelection(options, trained->model.full.thresholds);
  return outcome;
}

// For the default folder a log that cannot be written is no reason not to train.
Result<std::optional<RunLog>> StartLog(const TrainOptions& options) {
  const Result<std::string> folder =
      options.runs.empty() ? DefaultRunsFolder() : Result<std::string>(options.runs);
  Result<RunLog> log = folder ? RunLog::Start(*folder, ParametersToJson(options))
                              : Result<RunLog>(tl::unexpected(folder.error()));
  if (log) return std::optional<RunLog>(std::move(*log));
  if (!options.runs.empty()) return tl::unexpected(log.error());
  std::fprintf(stderr, "smartsynch: warning: this run is not logged: %s\n",
               log.error().message.c_str());
  return std::optional<RunLog>();
}

// The model is written by now, so nothing here fails the training.
void FinishLog(const TrainOptions& options, const Result<TrainOutcome>& outcome, RunLog& log) {
  Status status;
  if (outcome) {
    nlohmann::ordered_json metrics;
    metrics["epochs"] = outcome->epochs;
    metrics["held_out"] = MetricsToJson(outcome->held_out);
    if (outcome->validation) metrics["validation"] = MetricsToJson(*outcome->validation);
    std::error_code ignored;
    status = log.Finish(metrics, {std::filesystem::absolute(options.out, ignored).string()});
  } else {
    status = log.FinishFailed(outcome.error());
  }
  if (status && !options.mlflow.uri.empty()) {
    status = SendRun(log.folder(), options.mlflow);
    if (!status) {
      status = tl::unexpected(Error{status.error().code,
                                    status.error().message + "; the run is kept in " +
                                        log.folder() + ", `runs send` sends it later",
                                    {}});
    }
  }
  if (!status) std::fprintf(stderr, "smartsynch: warning: %s\n", status.error().message.c_str());
}

int TrainAndReport(const TrainOptions& options) {
  CancelOnSignals();
  const Result<std::optional<RunLog>> started = StartLog(options);
  if (!started) return ReportFailure(started.error());
  std::optional<RunLog> log = *started;
  const Result<TrainOutcome> outcome = Train(options, log ? &*log : nullptr);
  if (log) FinishLog(options, outcome, *log);
  if (!outcome) return ReportFailure(outcome.error());
  if (!options.json) {
    std::string text = "wrote " + options.out + ", version " + outcome->version + ", " +
                       std::to_string(outcome->epochs) +
                       " epochs\n\nheld out by folds: " + MetricsToText(outcome->held_out);
    if (outcome->validation) {
      text += "\n" + options.validation_data + ": " + MetricsToText(*outcome->validation);
    }
    return PrintText(text);
  }
  nlohmann::ordered_json json;
  json["model"] = options.out;
  json["model_version"] = outcome->version;
  json["epochs"] = outcome->epochs;
  json["samples"] = outcome->samples;
  json["open_set_samples"] = outcome->open_set_samples;
  json["malformed_rows"] = outcome->malformed;
  json["held_out"] = MetricsToJson(outcome->held_out);
  if (outcome->validation) json["validation"] = MetricsToJson(*outcome->validation);
  return PrintJson(json);
}

}  // namespace

VerbAction DefineTrain(CLI::App& command) {
  auto options = std::make_shared<TrainOptions>();
  TrainerOptions& trainer = options->training.trainer;
  command
      .add_option("--data", options->data,
                  "labelled samples: JSON, JSON Lines or CSV (\"-\": standard input)")
      ->required();
  command.add_option("--out", options->out, "model file to write")->required();
  command.add_option("--exemplars", options->exemplars,
                     "file to write the rows to that fine-tuning the model replays");
  command.add_option("--validation-data", options->validation_data,
                     "labelled samples to measure the finished model on; never trained on");
  command.add_option("--open-set", options->open_set,
                     "files of samples that belong to no category, whatever their label");
  AddArrayOption(command, options->array);
  command.add_option("--seed", trainer.seed, "of everything random")->capture_default_str();
  AddTrainerOptions(command, trainer);
  AddMembersOptions(command, options->training);
  command
      .add_option("--validation", options->training.validation_fraction,
                  "share held out for early stopping")
      ->check(Between(0.01, 0.99))
      ->capture_default_str();
  command.add_option("--folds", options->training.folds, "for held-out predictions")
      ->check(CLI::Range(2, 100))
      ->capture_default_str();
  command
      .add_option("--precision", options->training.thresholds.precision,
                  "wanted share of automatic selections that are right")
      ->check(Between(0.0, 1.0))
      ->capture_default_str();
  CLI::Option* checkpoints = command.add_option("--checkpoint-dir", options->checkpoint_dir,
                                                "folder to keep the state after each epoch in");
  command.add_flag("--resume", options->resume, "go on from the checkpoints that fit")
      ->needs(checkpoints);
  command.add_option("--runs", options->runs,
                     "folder of the run log (default: $SMARTSYNCH_RUNS, else runs/)");
  const auto is_uri = [](std::string& uri) {
    const Status status = CheckTrackingUri(uri);
    return status ? std::string() : status.error().message;
  };
  command
      .add_option("--tracking-uri", options->mlflow.uri,
                  "MLflow server to send the run to as well, such as http://localhost:5000")
      ->check(CLI::Validator(is_uri, "URI"));
  command.add_option("--experiment", options->mlflow.experiment, "its name on that server")
      ->capture_default_str();
  AddEncoderOptions(command, options->engine);
  AddTokenTableOption(command, options->engine);
  AddJsonFlag(command, options->json);
  AddStrictFlag(command, options->strict);
  return [options, &command] {
    KeepGivenSchedule(command, options->training.few_rows);
    return TrainAndReport(*options);
  };
}

}  // namespace smartsynch
