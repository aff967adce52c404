// fine-tune: a model and a user's feedback in, a model that learnt from it out, if it is better.
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "cli/cancel.h"
#include "cli/common.h"
#include "cli/embed.h"
#include "cli/engine.h"
#include "cli/file.h"
#include "cli/locations.h"
#include "cli/model_store.h"
#include "cli/progress.h"
#include "smartsynch/base/hash.h"
#include "smartsynch/model/exemplar_file.h"
#include "smartsynch/model/model_file.h"
#include "smartsynch/personal/fine_tune.h"
#include "smartsynch/personal/fold_heads.h"

namespace smartsynch {
namespace {

using nlohmann::ordered_json;

struct FineTuneArguments {
  EngineOptions engine;
  FineTuneOptions tuning;
  std::string feedback;
  std::string exemplars;
  std::string out;
  std::string models;
  bool only_write = false;
  bool json = false;
};

struct Outcome {
  std::string parent;
  std::size_t events = 0;
  FineTuneResult result;
  std::string version;  // of the model written; empty when refused
};

template <typename T>
Result<T> InFile(const std::string& path, const Error& error) {
  return Fail(error.code, path + ": " + error.message, error.field);
}

Result<std::string> ExemplarsPath(const FineTuneArguments& arguments) {
  if (!arguments.exemplars.empty()) return arguments.exemplars;
  Result<std::string> model = arguments.engine.model.empty()
                                  ? DefaultModelPath()
                                  : Result<std::string>(arguments.engine.model);
  if (!model) return model;
  return (std::filesystem::path(*model).parent_path() / "exemplars.safetensors").string();
}

Result<BaseExemplars> LoadExemplars(const FineTuneArguments& arguments) {
  const Result<std::string> path = ExemplarsPath(arguments);
  if (!path) return tl::unexpected(path.error());
  const Result<std::string> bytes = ReadFile(*path);
  if (!bytes) return tl::unexpected(bytes.error());
  Result<BaseExemplars> exemplars = ParseExemplars(*bytes);
  return exemplars ? std::move(exemplars) : InFile<BaseExemplars>(*path, exemplars.error());
}

// The encoder runs on the events that it has not seen yet, and is not loaded when there is none.
Status EmbedEvents(const FineTuneArguments& arguments, PersonalClassifier& personal) {
  const std::vector<std::uint64_t> missing = personal.EventsWithoutEmbedding();
  if (missing.empty()) return {};
  const Result<std::unique_ptr<OrtEncoder>> encoder = LoadEncoder(arguments.engine);
  if (!encoder) return tl::unexpected(encoder.error());
  if ((*encoder)->sha256() != personal.base().model().encoder_sha256) {
    return Fail(ErrorCode::kIncompatible,
                "the model was trained for the encoder with SHA-256 " +
                    personal.base().model().encoder_sha256 + ", the encoder given has " +
                    (*encoder)->sha256(),
                "--encoder");
  }
  std::vector<Encoding> encodings;
  for (const FeedbackEvent& event : personal.log().events()) {
    if (encodings.size() < missing.size() && event.sequence == missing[encodings.size()]) {
      encodings.push_back(personal.base().Prepare(event.title, event.description).encoding);
    }
  }
  ProgressBar bar("embedding");
  const Result<std::vector<float>> embeddings = EmbedAll(**encoder, encodings, bar.Callback());
  if (!embeddings) return tl::unexpected(embeddings.error());
  const std::size_t dimension = (*encoder)->dimension();
  for (std::size_t i = 0; i < missing.size(); ++i) {
    Status status = personal.SetEmbedding(
        missing[i], std::span<const float>(*embeddings).subspan(i * dimension, dimension));
    if (!status) return status;
  }
  return {};
}

ordered_json JudgedJson(const JudgedRows& judged) {
  return {{"rows", judged.rows},
          {"champion_right", judged.champion_right},
          {"challenger_right", judged.challenger_right}};
}

ordered_json FiguresJson(const FineTuneResult& result) {
  return {{"base_exemplars",
           {{"instant", JudgedJson(result.instant_base)}, {"full", JudgedJson(result.full_base)}}},
          {"held_out_feedback",
           {{"instant", JudgedJson(result.instant_feedback)},
            {"full", JudgedJson(result.full_feedback)}}}};
}

// The challenger as a model file's bytes.
Result<std::string> MakeModel(const PersonalClassifier& personal,
                              const FineTuneArguments& arguments, const FineTuneResult& result) {
  const Result<TunedHeads> heads = ParseTunedHeads(result.heads);
  if (!heads) return tl::unexpected(heads.error());
  const Model& base = personal.base().model();
  Result<Model> model = FoldHeads(base, *heads, personal.categories());
  if (!model) return tl::unexpected(model.error());
  model->provenance.created_by = "smartsynch " SMARTSYNCH_VERSION " fine-tune";
  model->provenance.seed = arguments.tuning.seed;
  ordered_json metrics = FiguresJson(result);
  metrics["parent"] = base.version;
  metrics["feedback_sha256"] = Sha256Hex(personal.log().ToJsonLines());
  model->provenance.metrics_json = metrics.dump();
  return SerializeModel(*model);
}

Status Register(const FineTuneArguments& arguments, const std::string& parent) {
  const Result<std::string> folder =
      arguments.models.empty() ? DefaultModelsFolder() : Result<std::string>(arguments.models);
  if (!folder) return tl::unexpected(folder.error());
  Result<ModelStore> store = ModelStore::Open(*folder);
  if (!store) return tl::unexpected(store.error());
  const Result<InstalledModel> added = store->Add(arguments.out, parent);
  if (added) return {};
  return Fail(
      added.error().code,
      "the model is written to " + arguments.out + " but not registered: " + added.error().message,
      added.error().field);
}

Result<Outcome> FineTune(const FineTuneArguments& arguments) {
  const Result<std::string> text = ReadFile(arguments.feedback);
  if (!text) return tl::unexpected(text.error());
  Result<FeedbackLog> log = FromUserData(*text);
  if (!log) return InFile<Outcome>(arguments.feedback, log.error());
  const Result<BaseExemplars> exemplars = LoadExemplars(arguments);
  if (!exemplars) return tl::unexpected(exemplars.error());
  EngineOptions without_encoder = arguments.engine;
  without_encoder.tier = Tier::kInstant;
  const Result<Engine> engine = Engine::Load(without_encoder);
  if (!engine) return tl::unexpected(engine.error());
  PersonalClassifier personal(engine->classifier());
  personal.Load(std::move(*log));
  if (Status status = EmbedEvents(arguments, personal); !status) {
    return tl::unexpected(status.error());
  }
  Result<FineTuner> tuner = FineTuner::Create(personal, *exemplars, arguments.tuning);
  if (!tuner) return tl::unexpected(tuner.error());
  {
    ProgressBar bar("fine-tuning");
    while (!tuner->finished()) {
      if (IsCancelled()) return Fail(ErrorCode::kCancelled, "fine-tuning was cancelled");
      tuner->Step();
      bar.Update(static_cast<std::size_t>(tuner->progress() * 100.0), 100);
    }
  }
  Outcome outcome;
  outcome.parent = personal.base().model().version;
  outcome.events = personal.log().events().size();
  outcome.result = tuner->result();
  if (!outcome.result.accepted) return outcome;
  const Result<std::string> bytes = MakeModel(personal, arguments, outcome.result);
  if (!bytes) return tl::unexpected(bytes.error());
  if (Status status = WriteFileAtomically(arguments.out, *bytes); !status) {
    return tl::unexpected(status.error());
  }
  outcome.version = Sha256Hex(*bytes).substr(0, 16);
  if (arguments.only_write) return outcome;
  if (Status status = Register(arguments, outcome.parent); !status) {
    return tl::unexpected(status.error());
  }
  return outcome;
}

int FineTuneAndReport(const FineTuneArguments& arguments) {
  CancelOnSignals();
  const Result<Outcome> outcome = FineTune(arguments);
  if (!outcome) return ReportFailure(outcome.error());
  const bool accepted = outcome->result.accepted;
  if (arguments.json) {
    ordered_json json = {
        {"accepted", accepted},
        {"reason", outcome->result.reason},
        {"parent", outcome->parent},
        {"model", accepted ? ordered_json(arguments.out) : ordered_json(nullptr)},
        {"model_version", accepted ? ordered_json(outcome->version) : ordered_json(nullptr)},
        {"registered", accepted && !arguments.only_write},
        {"events", outcome->events}};
    json.update(FiguresJson(outcome->result));
    if (const int code = PrintJson(json); code != kExitSuccess) return code;
  } else if (accepted) {
    return PrintText("wrote " + arguments.out + ", version " + outcome->version + ", from " +
                     outcome->parent + ": " + outcome->result.reason + "\n");
  }
  if (accepted) return kExitSuccess;
  return ReportFailure(
      {ErrorCode::kInvalidData,
       "the fine-tuned model is refused, nothing is written: " + outcome->result.reason,
       {}});
}

}  // namespace

VerbAction DefineFineTune(CLI::App& command) {
  auto arguments = std::make_shared<FineTuneArguments>();
  arguments->tuning.with_memory = false;
  command.add_option("--model", arguments->engine.model,
                     "model file (default: the one in models/)");
  command
      .add_option("--feedback", arguments->feedback,
                  "user_data.json, as the page exports what its user taught")
      ->required();
  command.add_option("--out", arguments->out, "model file to write")->required();
  command.add_option("--exemplars", arguments->exemplars,
                     "rows of the model's training to replay, written by `train --exemplars` "
                     "(default: exemplars.safetensors beside the model)");
  command.add_option("--epochs", arguments->tuning.epochs, "passes over the rows")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  command.add_option("--seed", arguments->tuning.seed, "of everything random")
      ->capture_default_str();
  command.add_option("--models", arguments->models,
                     "folder of the models to register the new one in (default: models/)");
  command.add_flag("--no-register", arguments->only_write, "write the file and no more");
  AddEncoderOptions(command, arguments->engine);
  AddTokenTableOption(command, arguments->engine);
  AddJsonFlag(command, arguments->json);
  command.footer("Exit code 1 when the new model is refused; the reason says why.");
  return [arguments] { return FineTuneAndReport(*arguments); };
}

}  // namespace smartsynch
