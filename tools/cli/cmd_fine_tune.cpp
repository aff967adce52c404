// fine-tune: a model and feedback in, a model that learnt from it out, if it is better. The
// feedback is a user's file, or what a server has in its store (fine_tune_store.h).
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "cli/cancel.h"
#include "cli/common.h"
#include "cli/engine.h"
#include "cli/file.h"
#include "cli/fine_tune_store.h"
#include "cli/fine_tuning.h"
#include "cli/locations.h"
#include "cli/model_store.h"
#include "cli/progress.h"
#include "smartsynch/base/hash.h"

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
  StoreArguments store;
};

struct FineTuneOutcome {
  std::string parent;
  std::size_t events = 0;
  FineTuneResult result;
  std::string version;  // of the model written; empty when refused
};

Result<std::string> ExemplarsPath(const FineTuneArguments& arguments) {
  if (!arguments.exemplars.empty()) return arguments.exemplars;
  Result<std::string> model = arguments.engine.model.empty()
                                  ? DefaultModelPath()
                                  : Result<std::string>(arguments.engine.model);
  if (!model) return model;
  return (std::filesystem::path(*model).parent_path() / "exemplars.safetensors").string();
}

// The challenger as a model file's bytes.
Result<std::string> MakeModel(const PersonalClassifier& personal,
                              const FineTuneArguments& arguments, const FineTuneResult& result) {
  ordered_json metrics = FiguresJson(result);
  metrics["parent"] = personal.base().model().version;
  metrics["feedback_sha256"] = Sha256Hex(personal.log().ToJsonLines());
  return MakeTunedModel(personal, result, arguments.tuning.seed, metrics);
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

Result<FineTuneOutcome> FineTuneFile(const FineTuneArguments& arguments) {
  const Result<std::string> text = ReadFile(arguments.feedback);
  if (!text) return tl::unexpected(text.error());
  Result<FeedbackLog> log = FromUserData(*text);
  if (!log) return InFile(arguments.feedback, log.error());
  const Result<std::string> path = ExemplarsPath(arguments);
  if (!path) return tl::unexpected(path.error());
  const Result<BaseExemplars> exemplars = LoadExemplars(*path);
  if (!exemplars) return tl::unexpected(exemplars.error());
  EngineOptions without_encoder = arguments.engine;
  without_encoder.tier = Tier::kInstant;
  const Result<Engine> engine = Engine::Load(without_encoder);
  if (!engine) return tl::unexpected(engine.error());
  PersonalClassifier personal(engine->classifier());
  if (Status status = LoadLog(std::move(*log), arguments.engine, personal); !status) {
    return tl::unexpected(status.error());
  }
  ProgressBar bar("fine-tuning");
  const Result<FineTuneResult> tuned =
      FineTune(personal, *exemplars, arguments.tuning,
               [&bar](double done) { bar.Update(static_cast<std::size_t>(done * 100.0), 100); });
  if (!tuned) return tl::unexpected(tuned.error());
  FineTuneOutcome outcome;
  outcome.parent = personal.base().model().version;
  outcome.events = personal.log().events().size();
  outcome.result = *tuned;
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
  const Result<FineTuneOutcome> outcome = FineTuneFile(arguments);
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

int FineTuneAnywhere(const FineTuneArguments& arguments) {
  const bool has_store = !arguments.store.store.empty() || !arguments.store.postgres.empty();
  if (has_store) {
    StoreArguments store = arguments.store;
    store.learn.engine = arguments.engine;
    store.learn.tuning = arguments.tuning;
    store.learn.exemplars = arguments.exemplars;
    store.json = arguments.json;
    return FineTuneStore(store);
  }
  if (arguments.feedback.empty()) {
    return ReportUsage("expected one of --feedback, --store and --postgres");
  }
  if (arguments.out.empty()) return ReportUsage("--out is required with --feedback");
  return FineTuneAndReport(arguments);
}

// Options for a server's feedback exclude those for a file's.
void AddStoreOptions(CLI::App& command, StoreArguments& store,
                     const std::vector<CLI::Option*>& of_files) {
  CLI::Option* file =
      command.add_option("--store", store.store,
                         "server.db of a `serve`: learn from its feedback, add to its versions");
  CLI::Option* postgres =
      command.add_option("--postgres", store.postgres, "the same with the `serve` of --postgres");
  file->excludes(postgres);
  CLI::Option* activate =
      command.add_flag("--activate", store.learn.activate, "a winner answers from now on");
  CLI::Option* schedule =
      command.add_option("--schedule", store.schedule,
                         "learn again after each such time, until SIGTERM: 15m, 24h, 7d");
  for (CLI::Option* option : of_files) {
    for (CLI::Option* other : {file, postgres, activate, schedule}) option->excludes(other);
  }
}

}  // namespace

VerbAction DefineFineTune(CLI::App& command) {
  auto arguments = std::make_shared<FineTuneArguments>();
  arguments->tuning.with_memory = false;
  std::vector<CLI::Option*> of_files;
  of_files.push_back(command.add_option("--model", arguments->engine.model,
                                        "model file (default: the one in models/)"));
  of_files.push_back(
      command.add_option("--feedback", arguments->feedback,
                         "user_data.json, as the page exports what its user taught"));
  of_files.push_back(command.add_option("--out", arguments->out, "model file to write"));
  command.add_option("--exemplars", arguments->exemplars,
                     "rows of the model's training to replay, written by `train --exemplars` "
                     "(default: exemplars.safetensors beside the model)");
  command.add_option("--epochs", arguments->tuning.epochs, "passes over the rows")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  command.add_option("--seed", arguments->tuning.seed, "of everything random")
      ->capture_default_str();
  of_files.push_back(
      command.add_option("--models", arguments->models,
                         "folder of the models to register the new one in (default: models/)"));
  of_files.push_back(
      command.add_flag("--no-register", arguments->only_write, "write the file and no more"));
  AddStoreOptions(command, arguments->store, of_files);
  AddEncoderOptions(command, arguments->engine);
  AddTokenTableOption(command, arguments->engine);
  AddJsonFlag(command, arguments->json);
  command.footer("Exit code 1 when the new model is refused; the reason says why.");
  return [arguments] { return FineTuneAnywhere(*arguments); };
}

}  // namespace smartsynch
