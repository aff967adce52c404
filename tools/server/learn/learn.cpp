#include "server/learn/learn.h"

#include <chrono>
#include <deque>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include "cli/cancel.h"
#include "cli/fine_tuning.h"
#include "cli/locations.h"
#include "server/api/app.h"
#include "smartsynch/base/hash.h"
#include "smartsynch/model/model_file.h"

namespace smartsynch {
namespace {

using nlohmann::ordered_json;

constexpr int kRetryMs = 250;
// Events are numbered as the store numbers feedback, above those that add categories.
constexpr std::uint64_t kBeforeFeedback = 1000000;

// The version that answers, and the model that it and all its forebears were fine-tuned from.
struct Champion {
  std::string version;
  std::string root;
  std::optional<TunedHeads> heads;  // none: it is the root itself
};

Result<Champion> FindChampion(Store& store) {
  const Result<std::optional<Activation>> active = store.ActiveModel();
  if (!active) return tl::unexpected(active.error());
  if (!*active) {
    return Fail(ErrorCode::kNotFound,
                "the store has no active version; `serve` adds one when it first starts", "store");
  }
  Champion champion;
  champion.version = (*active)->version;
  champion.root = champion.version;
  const Result<std::string> bytes = store.TunedHeadsOf(champion.version);
  if (!bytes) return tl::unexpected(bytes.error());
  if (bytes->empty()) return champion;
  Result<TunedHeads> heads = ParseTunedHeads(*bytes);
  if (!heads) return tl::unexpected(heads.error());
  champion.root = heads->base_version;
  champion.heads = std::move(*heads);
  return champion;
}

Result<Classifier> LoadRoot(Store& store, const std::string& version,
                            const EngineOptions& options) {
  const Result<std::string> bytes = store.ModelBytes(version);
  if (!bytes) return tl::unexpected(bytes.error());
  Result<Model> model = ParseModel(*bytes);
  if (!model) return tl::unexpected(model.error());
  Result<WordPiece> tokenizer = LoadVocabulary(options.vocabulary);
  if (!tokenizer) return tl::unexpected(tokenizer.error());
  Result<std::optional<TokenTable>> table = LoadTokenTable(options.token_table, *tokenizer);
  if (!table) return tl::unexpected(table.error());
  return Classifier::Create(std::move(*model), std::move(*tokenizer), std::move(*table));
}

struct Gathered {
  FeedbackLog log;
  std::uint64_t last_sequence = 0;
  std::size_t events = 0;
  std::size_t passed_over = 0;
};

// Additions go into the log, because a challenger learns the categories that its root does not
// have; names, merges and removals go on counting on top of whichever version answers.
Result<std::set<std::string>> GatherCategories(Store& store, const Model& root, FeedbackLog& log) {
  std::set<std::string> ids;
  for (const Category& category : root.categories) ids.insert(category.id);
  const Result<std::vector<std::string>> changes = store.CategoryChanges();
  if (!changes) return tl::unexpected(changes.error());
  for (const std::string& line : *changes) {
    Result<FeedbackEvent> event = ParseEventLine(line);
    if (!event) return tl::unexpected(event.error());
    if (event->kind != EventKind::kCategoryAdded) continue;
    ids.insert(event->category_id);
    const Result<FeedbackEvent> added = log.Append(*std::move(event));
    if (!added) return tl::unexpected(added.error());
  }
  return ids;
}

Result<Gathered> GatherFeedback(Store& store, const Model& root) {
  Gathered gathered;
  const Result<std::set<std::string>> categories = GatherCategories(store, root, gathered.log);
  if (!categories) return tl::unexpected(categories.error());
  std::deque<FeedbackEvent> events;
  const Status read = ExportFeedback(store, 0, [&](const StoredFeedback& stored) {
    gathered.last_sequence = stored.sequence;
    Result<FeedbackEvent> event = ParseEventLine(stored.record.event);
    if (!event || !IsAboutTask(event->kind) || categories->count(event->category_id) == 0) {
      ++gathered.passed_over;
    } else {
      event->sequence = kBeforeFeedback + stored.sequence;
      events.push_back(*std::move(event));
      if (events.size() > kMaxFeedback) events.pop_front();
    }
    return !IsCancelled();
  });
  if (!read) return tl::unexpected(read.error());
  if (IsCancelled()) return Fail(ErrorCode::kCancelled, "fine-tuning was cancelled");
  gathered.events = events.size();
  for (FeedbackEvent& event : events) {
    const Result<FeedbackEvent> added = gathered.log.Append(std::move(event));
    if (!added) return tl::unexpected(added.error());
  }
  return gathered;
}

Result<std::string> ExemplarsPath(const LearnOptions& options) {
  if (!options.exemplars.empty()) return options.exemplars;
  Result<std::string> models = DefaultModelsFolder();
  if (!models) return models;
  return (std::filesystem::path(*models) / "base_model" / "exemplars.safetensors").string();
}

// The lock may have gone with the store's last restart; whoever has it then goes on.
Status HoldLock(Store& store, std::unique_ptr<LearningLock>& lock) {
  if (lock && lock->IsHeld()) return {};
  lock.reset();
  Result<std::unique_ptr<LearningLock>> taken = store.LockLearning();
  if (!taken) return tl::unexpected(taken.error());
  if (*taken == nullptr) {
    return Fail(ErrorCode::kAlreadyExists, "another process is learning from this store", "store");
  }
  lock = std::move(*taken);
  return {};
}

Result<LearningRun> Note(Store& store, std::unique_ptr<LearningLock>& lock, const LearningRun& run,
                         const Challenger* challenger, const LearnOptions& options) {
  for (int waited = 0;; waited += kRetryMs) {
    const Status held = HoldLock(store, lock);
    Result<LearningRun> noted = held ? store.AddLearningRun(run, challenger, options.activate)
                                     : tl::unexpected(held.error());
    const bool is_away = !noted && noted.error().code == ErrorCode::kUnavailable;
    if (!is_away || waited >= options.patience_ms || IsCancelled()) return noted;
    std::this_thread::sleep_for(std::chrono::milliseconds(kRetryMs));
  }
}

}  // namespace

Result<LearningRun> LearnFromStore(Store& store, const LearnOptions& options) {
  LearningRun run;
  run.started_ms = NowMs();
  std::unique_ptr<LearningLock> lock;
  if (const Status held = HoldLock(store, lock); !held) return tl::unexpected(held.error());
  const Result<Champion> champion = FindChampion(store);
  if (!champion) return tl::unexpected(champion.error());
  run.champion = champion->version;
  Result<Classifier> root = LoadRoot(store, champion->root, options.engine);
  if (!root) return tl::unexpected(root.error());
  const Result<std::string> path = ExemplarsPath(options);
  if (!path) return tl::unexpected(path.error());
  const Result<BaseExemplars> exemplars = LoadExemplars(*path);
  if (!exemplars) return tl::unexpected(exemplars.error());
  if (const Status fits = CheckExemplars(*exemplars, root->model()); !fits) {
    return Fail(fits.error().code, *path + ": " + fits.error().message, "--exemplars");
  }
  Result<Gathered> gathered = GatherFeedback(store, root->model());
  if (!gathered) return tl::unexpected(gathered.error());
  run.last_sequence = gathered->last_sequence;
  ordered_json details = {{"root", champion->root},
                          {"feedback", gathered->events},
                          {"passed_over", gathered->passed_over},
                          {"last_sequence", gathered->last_sequence},
                          {"feedback_sha256", Sha256Hex(gathered->log.ToJsonLines())},
                          {"seed", options.tuning.seed},
                          {"epochs", options.tuning.epochs}};
  PersonalClassifier personal(std::move(*root));
  if (Status loaded = LoadLog(std::move(gathered->log), options.engine, personal); !loaded) {
    return tl::unexpected(loaded.error());
  }
  if (Status used = personal.UseHeads(champion->heads); !used) {
    return tl::unexpected(used.error());
  }
  FineTuneOptions tuning = options.tuning;
  tuning.with_memory = false;  // a model file has none
  const Result<FineTuneResult> tuned = FineTune(personal, *exemplars, tuning, {});
  const bool is_too_little = !tuned && tuned.error().field == "log";
  if (!tuned && !is_too_little) return tl::unexpected(tuned.error());
  run.outcome = "refused";
  run.reason = tuned ? tuned->reason : tuned.error().message;
  if (tuned) details.update(FiguresJson(*tuned));
  run.details = details.dump();
  if (!tuned || !tuned->accepted) {
    run.ended_ms = NowMs();
    return Note(store, lock, run, nullptr, options);
  }
  ordered_json metrics = details;
  metrics["parent"] = run.champion;
  Result<std::string> bytes = MakeTunedModel(personal, *tuned, tuning.seed, metrics);
  if (!bytes) return tl::unexpected(bytes.error());
  run.ended_ms = NowMs();
  Challenger challenger;
  challenger.model.parent = run.champion;
  challenger.model.source = "fine-tune";
  challenger.model.lineage = run.details;
  challenger.model.added_ms = run.ended_ms;
  challenger.bytes = std::move(*bytes);
  challenger.heads = tuned->heads;
  return Note(store, lock, run, &challenger, options);
}

Result<bool> HasNewFeedback(Store& store) {
  const Result<std::vector<LearningRun>> runs = store.LearningRuns(1);
  if (!runs) return tl::unexpected(runs.error());
  const Result<std::optional<Activation>> active = store.ActiveModel();
  if (!active) return tl::unexpected(active.error());
  const bool is_the_same = !runs->empty() && *active &&
                           ((*active)->version == runs->front().champion ||
                            (*active)->version == runs->front().challenger);
  const std::uint64_t after = is_the_same ? runs->front().last_sequence : 0;
  const Result<std::vector<StoredFeedback>> newer = store.ListFeedback(after, 1);
  if (!newer) return tl::unexpected(newer.error());
  return !newer->empty();
}

}  // namespace smartsynch
