// train: labelled samples in, a model file out.
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "cli/common.h"
#include "cli/data_input.h"
#include "cli/embed.h"
#include "cli/file.h"
#include "cli/metrics_json.h"
#include "cli/progress.h"
#include "smartsynch/base/hash.h"
#include "smartsynch/decide/calibration.h"
#include "smartsynch/learn/duplicates.h"
#include "smartsynch/learn/train_model.h"
#include "smartsynch/model/model_file.h"
#include "smartsynch/text/lexical_features.h"
#include "smartsynch/text/task_text.h"

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
  std::string checkpoint_dir;
  bool resume = false;
  bool json = false;
  bool strict = false;
};

volatile std::sig_atomic_t interrupted = 0;

// Everything training needs of the samples, those of the categories first.
struct TrainingSet {
  std::vector<Sample> samples;
  std::vector<Category> categories;
  TrainingData data;
  std::string sha256;
  std::size_t categorised = 0;
  std::size_t malformed = 0;
};

Status ReadSamples(const TrainOptions& options, TrainingSet& set) {
  DatasetOptions reading;
  reading.array = options.array;
  Result<DataFile> file = LoadDataFile(options.data, reading, options.strict);
  if (!file) return tl::unexpected(file.error());
  reading.require_category = false;
  Result<DataFile> open_set = LoadDataFiles(options.open_set, reading, options.strict);
  if (!open_set) return tl::unexpected(open_set.error());
  set.malformed = file->malformed + open_set->malformed;
  set.samples = std::move(file->samples);
  set.categorised = set.samples.size();

  std::map<std::string, int> label_of;
  for (const std::string& name : SortedCategories(set.samples)) {
    label_of.emplace(name, static_cast<int>(label_of.size()));
    set.categories.push_back({MakeCategoryId(name, set.categories), name});
  }
  for (Sample& sample : open_set->samples) {
    sample.category.clear();
    set.samples.push_back(std::move(sample));
  }
  std::string canonical;
  for (std::size_t i = 0; i < set.samples.size(); ++i) {
    const Sample& sample = set.samples[i];
    canonical += SampleToJsonLine(sample);
    set.data.labels.push_back(i < set.categorised ? label_of[sample.category] : kOpenSetLabel);
    set.data.weights.push_back(sample.weight);
  }
  set.data.categories = set.categories.size();
  set.sha256 = Sha256Hex(canonical);
  return {};
}

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

Status EmbedSamples(Encoder& encoder, const WordPiece& tokenizer, std::size_t bucket_bits,
                    TrainingSet& set) {
  std::vector<Encoding> encodings;
  for (const Sample& sample : set.samples) {
    const std::string text = JoinTaskText(sample.title, sample.description);
    encodings.push_back(tokenizer.Encode(text));
    set.data.lexical_features.push_back(LexicalFeatures(text, bucket_bits));
  }
  ProgressBar bar("embedding");
  Result<std::vector<float>> embeddings = EmbedAll(encoder, encodings, [&](auto done, auto total) {
    bar.Update(done, total);
    return interrupted == 0;
  });
  if (!embeddings) return tl::unexpected(embeddings.error());
  set.data.dimension = encoder.dimension();
  set.data.embeddings = std::move(*embeddings);
  return {};
}

std::string CheckpointPath(const TrainOptions& options, const std::string& run) {
  return (std::filesystem::path(options.checkpoint_dir) / (run + ".safetensors")).string();
}

Result<TrainedModel> RunTraining(const TrainOptions& options, const TrainingSet& set) {
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
    char note[64];
    std::snprintf(note, sizeof note, "loss %.3f", static_cast<double>(metrics.train_loss));
    bar->Update(metrics.epoch, epochs, note);
    return interrupted == 0 && stored.has_value();
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

// Of each sample the decision of heads that were trained without it.
Result<Metrics> HeldOutMetrics(const TrainedModel& trained, const TrainingSet& set) {
  const HeldOutLogits& logits = trained.held_out;
  const TierSettings& full = trained.model.full;
  std::vector<std::string> names;
  for (const Category& category : set.categories) names.push_back(category.name);
  std::vector<JudgedPrediction> judged;
  for (std::size_t i = 0; i < set.samples.size(); ++i) {
    const auto row = [&](const std::vector<float>& values) {
      return std::span<const float>(values).subspan(i * logits.outputs, logits.outputs);
    };
    const Scores scores = Calibrate(row(logits.dense), row(logits.lexical), full.calibration);
    const Decision decision = Decide(scores.probabilities, scores.novelty, full.thresholds);
    JudgedPrediction answer;
    answer.gold = set.samples[i].category;
    answer.decision = decision.kind;
    answer.novelty = static_cast<double>(scores.novelty);
    if (!decision.ranking.empty()) {
      answer.top = names[decision.ranking[0].category];
      answer.confidence = static_cast<double>(decision.ranking[0].confidence);
    }
    judged.push_back(std::move(answer));
  }
  return ComputeMetrics(names, judged);
}

// The first sample of each category and the first open-set one.
void AddSelfTest(Model& model, const TrainingSet& set) {
  std::vector<bool> is_covered(set.categories.size() + 1, false);
  for (std::size_t i = 0; i < set.samples.size(); ++i) {
    const int label = set.data.labels[i];
    const std::size_t slot =
        label == kOpenSetLabel ? set.categories.size() : static_cast<std::size_t>(label);
    constexpr std::size_t kMost = 8;
    if (is_covered[slot] || model.self_test.size() == kMost) continue;
    is_covered[slot] = true;
    const auto begin =
        set.data.embeddings.begin() + static_cast<std::ptrdiff_t>(i * set.data.dimension);
    model.self_test.push_back(MakeSelfTestSample(
        model, set.samples[i].title, set.samples[i].description,
        std::vector<float>(begin, begin + static_cast<std::ptrdiff_t>(set.data.dimension))));
  }
}

int Fit(const TrainOptions& options) {
  TrainingSet set;
  if (Status status = ReadSamples(options, set); !status) return ReportFailure(status.error());
  WarnOfDuplicates(set.samples);
  const Result<WordPiece> tokenizer = LoadVocabulary(options.engine.vocabulary);
  if (!tokenizer) return ReportFailure(tokenizer.error());
  const Result<std::unique_ptr<OrtEncoder>> encoder = LoadEncoder(options.engine);
  if (!encoder) return ReportFailure(encoder.error());
  const std::size_t bucket_bits = options.training.trainer.bucket_bits;
  if (Status status = EmbedSamples(**encoder, *tokenizer, bucket_bits, set); !status) {
    return ReportFailure(status.error());
  }
  Result<TrainedModel> trained = RunTraining(options, set);
  if (!trained) return ReportFailure(trained.error());
  const Result<Metrics> metrics = HeldOutMetrics(*trained, set);
  if (!metrics) return ReportFailure(metrics.error());

  Model& model = trained->model;
  model.encoder_sha256 = (*encoder)->sha256();
  model.vocabulary_sha256 = tokenizer->vocabulary_sha256();
  AddSelfTest(model, set);
  model.provenance.created_by = "smartsynch " SMARTSYNCH_VERSION;
  model.provenance.seed = options.training.trainer.seed;
  model.provenance.training_data_sha256 = set.sha256;
  model.provenance.training_samples = set.categorised;
  model.provenance.open_set_samples = set.samples.size() - set.categorised;
  const nlohmann::ordered_json measured = MetricsToJson(*metrics);
  model.provenance.metrics_json = measured.dump();
  const Result<std::string> bytes = SerializeModel(model);
  if (!bytes) return ReportFailure(bytes.error());
  if (Status status = WriteFileAtomically(options.out, *bytes); !status) {
    return ReportFailure(status.error());
  }
  const std::string version = Sha256Hex(*bytes).substr(0, 16);
  if (!options.json) {
    return PrintText("wrote " + options.out + ", version " + version + ", " +
                     std::to_string(trained->epochs) + " epochs\nheld out by folds:\n" +
                     MetricsToText(*metrics));
  }
  nlohmann::ordered_json json;
  json["model"] = options.out;
  json["model_version"] = version;
  json["epochs"] = trained->epochs;
  json["samples"] = set.categorised;
  json["open_set_samples"] = set.samples.size() - set.categorised;
  json["malformed_rows"] = set.malformed;
  json["held_out"] = measured;
  return PrintJson(json);
}

int Train(const TrainOptions& options) {
  std::signal(SIGINT, [](int) { interrupted = 1; });
  std::signal(SIGTERM, [](int) { interrupted = 1; });
  return Fit(options);
}

}  // namespace

VerbAction DefineTrain(CLI::App& command) {
  auto options = std::make_shared<TrainOptions>();
  TrainerOptions& trainer = options->training.trainer;
  command.add_option("--data", options->data, "labelled samples: JSON, JSON Lines or CSV")
      ->required();
  command.add_option("--out", options->out, "model file to write")->required();
  command.add_option("--open-set", options->open_set,
                     "files of samples that belong to no category, whatever their label");
  AddArrayOption(command, options->array);
  command.add_option("--seed", trainer.seed, "of everything random")->capture_default_str();
  command.add_option("--epochs", trainer.epochs, "at most")->capture_default_str();
  command
      .add_option("--patience", trainer.patience,
                  "stop after this many epochs without a better validation loss")
      ->capture_default_str();
  command.add_option("--batch-size", trainer.batch_size, "samples a step")->capture_default_str();
  command.add_option("--learning-rate", trainer.learning_rate, "of the dense head (AdamW)")
      ->capture_default_str();
  command.add_option("--weight-decay", trainer.weight_decay, "of the dense head (AdamW)")
      ->capture_default_str();
  command
      .add_option("--lexical-learning-rate", trainer.lexical_learning_rate,
                  "of the lexical head (AdaGrad)")
      ->capture_default_str();
  command.add_option("--dropout", trainer.dropout, "of the hidden layer")->capture_default_str();
  command.add_option("--hidden", trainer.hidden, "units of the hidden layer")
      ->capture_default_str();
  command
      .add_option("--label-smoothing", trainer.label_smoothing, "share spread over all categories")
      ->capture_default_str();
  command
      .add_option("--validation", options->training.validation_fraction,
                  "share held out for early stopping")
      ->capture_default_str();
  command.add_option("--folds", options->training.folds, "for held-out predictions")
      ->capture_default_str();
  command
      .add_option("--precision", options->training.thresholds.precision,
                  "wanted share of automatic selections that are right")
      ->capture_default_str();
  CLI::Option* checkpoints = command.add_option("--checkpoint-dir", options->checkpoint_dir,
                                                "folder to keep the state after each epoch in");
  command.add_flag("--resume", options->resume, "go on from the checkpoints that fit")
      ->needs(checkpoints);
  AddEncoderOptions(command, options->engine);
  AddJsonFlag(command, options->json);
  AddStrictFlag(command, options->strict);
  return [options] { return Train(*options); };
}

}  // namespace smartsynch
