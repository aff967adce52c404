#include "smartsynch/personal/personal_classifier.h"

#include <unordered_map>
#include <utility>

#include "smartsynch/base/hash.h"
#include "smartsynch/personal/quantized_vector.h"
#include "smartsynch/text/task_text.h"

namespace smartsynch {
PersonalClassifier::PersonalClassifier(Classifier base, const PersonalOptions& options)
    : base_(std::move(base)),
      options_(options),
      state_(base_.model().categories),
      instant_(0),
      full_(0) {
  Refresh();
}

TaskFeatures PersonalClassifier::MakeFeatures(std::string_view title, std::string_view description,
                                              const PreparedTask& task) const {
  return {Fnv1a64(NormalizedTaskKey(title, description)), InstantDirection(task)};
}

PersonalTask PersonalClassifier::Prepare(std::string_view title, std::string_view description,
                                         std::string_view key, SpellingMemo* memo) const {
  PersonalTask task;
  task.prepared = base_.Prepare(title, description, memo);
  // Without an exemplar nothing below is looked at.
  if (!is_untaught_) task.features = MakeFeatures(title, description, task.prepared);
  task.arm = ArmOfTask(title, description, key);
  return task;
}

Arm PersonalClassifier::ArmOfTask(std::string_view title, std::string_view description,
                                  std::string_view key) const {
  if (!experiment_) return Arm::kChampion;
  return key.empty() ? ArmOf(*experiment_, NormalizedTaskKey(title, description))
                     : ArmOf(*experiment_, key);
}

const AnsweringHeads& PersonalClassifier::HeadsOf(Arm arm) const {
  return arm == Arm::kChallenger && experiment_ ? challenger_ : champion_;
}

Scores PersonalClassifier::Fuse(const Scores& base, const PersonalTask& task,
                                std::span<const float> embedding, Tier tier) const {
  const bool is_instant = tier == Tier::kInstant;
  const std::vector<CategoryEvidence> evidence = is_instant
                                                     ? instant_.Query(task.features.instant)
                                                     : full_.Query(QuantizeDirection(embedding));
  std::vector<FusedCategory> fused;
  for (std::size_t c = 0; c < evidence.size(); ++c) {
    fused.push_back({state_.categories()[c].base_indexes, evidence[c]});
  }
  for (const Exemplar& exemplar : state_.exemplars()) {
    if (exemplar.key == task.features.key) {
      fused[state_.IndexOf(exemplar.category_id)].evidence.is_same_text = true;
    }
  }
  for (const Rejection& rejection : state_.rejections()) {
    if (rejection.key == task.features.key) {
      fused[state_.IndexOf(rejection.category_id)].evidence.is_rejected = true;
    }
  }
  FusedLogits logits = FuseLogits(base, fused, is_instant ? options_.instant : options_.full);
  HeadsOf(task.arm).AddTo(logits, tier, task.prepared.token_embedding, embedding);
  return ToScores(logits, fused);
}

Prediction PersonalClassifier::Finish(const PersonalTask& task, Tier tier,
                                      const Scores& scores) const {
  const AnsweringHeads& heads = HeadsOf(task.arm);
  const TunedTier* tuned = heads.Find(tier);
  const Model& model = base_.model();
  const DecisionThresholds& base =
      tier == Tier::kInstant ? model.instant.thresholds : model.full.thresholds;
  return MakePrediction(task.prepared, tier, scores, names_,
                        tuned == nullptr ? base : tuned->thresholds,
                        &heads == &champion_ ? version_ : challenger_version_);
}

Prediction PersonalClassifier::ClassifyInstant(const PersonalTask& task) const {
  Scores scores;
  if (task.prepared.needs_encoder) {
    scores = base_.ScoreInstant(task.prepared);
    if (!is_untaught_) {
      scores = Fuse(scores, task, {}, Tier::kInstant);
    }
  }
  return Finish(task, Tier::kInstant, scores);
}

Result<Prediction> PersonalClassifier::Classify(const PersonalTask& task,
                                                std::span<const float> embedding) const {
  Scores scores;
  if (task.prepared.needs_encoder) {
    Result<Scores> base = base_.Score(task.prepared, embedding);
    if (!base) return tl::unexpected(base.error());
    scores = std::move(*base);
    if (!is_untaught_) {
      scores = Fuse(scores, task, embedding, Tier::kFull);
    }
  }
  return Finish(task, Tier::kFull, scores);
}

Result<FeedbackEvent> PersonalClassifier::Record(FeedbackEvent event) {
  if (Status status = Check(event); !status) return tl::unexpected(status.error());
  Result<FeedbackEvent> appended = log_.Append(std::move(event));
  if (!appended) return appended;
  if (appended->kind == EventKind::kUndone) {
    const bool is_in_snapshot =
        snapshot_events_ > 0 && appended->undoes <= log_.events()[snapshot_events_ - 1].sequence;
    if (is_in_snapshot) snapshot_events_ = 0;
    Replay();
  } else {
    state_.Apply(*appended, FeaturesOf(*appended), FullDirection(*appended));
    Refresh();
  }
  return appended;
}

Result<FeedbackEvent> PersonalClassifier::AddCategory(std::string_view name, std::int64_t time_ms) {
  const Result<std::string> checked = CheckCategoryName(name);
  if (!checked) return tl::unexpected(checked.error());
  FeedbackEvent event;
  event.kind = EventKind::kCategoryAdded;
  event.time_ms = time_ms;
  event.model_version = version_;
  event.name = *checked;
  event.category_id = MakeCategoryId(*checked, state_.TakenIds());
  return Record(std::move(event));
}

Result<FeedbackEvent> PersonalClassifier::Undo(std::uint64_t sequence, std::int64_t time_ms) {
  FeedbackEvent event;
  event.kind = EventKind::kUndone;
  event.time_ms = time_ms;
  event.undoes = sequence;
  return Record(std::move(event));
}

Status PersonalClassifier::SetEmbedding(std::uint64_t sequence, std::span<const float> embedding) {
  return SetDirection(sequence, QuantizeDirection(embedding));
}

Status PersonalClassifier::SetDirection(std::uint64_t sequence,
                                        std::vector<std::int8_t> direction) {
  if (direction.size() != base_.model().dense.input) {
    return Fail(ErrorCode::kInvalidArgument,
                "embedding has " + std::to_string(direction.size()) + " values, expected " +
                    std::to_string(base_.model().dense.input),
                "embedding");
  }
  Status status = log_.SetEmbedding(sequence, direction, base_.model().encoder_sha256);
  if (!status) return status;
  state_.SetFull(sequence, direction);
  Refresh();
  return {};
}

std::vector<std::uint64_t> PersonalClassifier::EventsWithoutEmbedding() const {
  std::vector<std::uint64_t> missing;
  for (const FeedbackEvent& event : log_.events()) {
    if (IsAboutTask(event.kind) && FullDirection(event).empty()) missing.push_back(event.sequence);
  }
  return missing;
}

Status PersonalClassifier::UseHeads(std::optional<TunedHeads> heads) {
  if (heads) {
    if (Status status = CheckHeadsFit(*heads, base_.model()); !status) return status;
  }
  champion_.Use(std::move(heads));
  RefreshHeads();
  return {};
}

Status PersonalClassifier::UseExperiment(std::optional<LocalExperiment> experiment,
                                         std::optional<TunedHeads> challenger) {
  if (experiment) {
    if (Status status = CheckExperiment(*experiment); !status) return status;
  }
  if (challenger) {
    if (Status status = CheckHeadsFit(*challenger, base_.model()); !status) return status;
  }
  experiment_ = std::move(experiment);
  challenger_.Use(std::move(challenger));
  RefreshHeads();
  return {};
}

void PersonalClassifier::RefreshHeads() {
  for (AnsweringHeads* heads : {&champion_, &challenger_}) {
    heads->Place(state_, is_untaught_);
  }
  version_ = VersionOf(champion_);
  challenger_version_ = experiment_ ? VersionOf(challenger_) : std::string();
}

std::size_t PersonalClassifier::ForgetTask(std::string_view task_id) {
  const std::size_t removed = log_.RemoveTask(task_id);
  if (removed > 0) Load(std::move(log_));
  return removed;
}

Result<Category> PersonalClassifier::FindCategory(std::string_view id_or_name) const {
  const std::size_t index = state_.IndexOf(id_or_name);
  if (index < names_.size()) return names_[index];
  const std::string key = NormalizedTaskKey(id_or_name);
  for (const Category& category : names_) {
    if (!key.empty() && NormalizedTaskKey(category.name) == key) return category;
  }
  return Fail(ErrorCode::kNotFound,
              "there is no category with the id or name \"" + std::string(id_or_name) + "\"",
              "category");
}

const TaskFeatures& PersonalClassifier::FeaturesOf(const FeedbackEvent& event) {
  TaskFeatures& features = features_[event.sequence];
  if (IsAboutTask(event.kind) && features.instant.empty()) {
    features =
        MakeFeatures(event.title, event.description, base_.Prepare(event.title, event.description));
  }
  return features;
}

std::span<const std::int8_t> PersonalClassifier::FullDirection(const FeedbackEvent& event) const {
  const Model& model = base_.model();
  const bool is_ours =
      event.encoder_sha256 == model.encoder_sha256 && event.embedding.size() == model.dense.input;
  return is_ours ? std::span<const std::int8_t>(event.embedding) : std::span<const std::int8_t>();
}

void PersonalClassifier::Replay() {
  state_ = PersonalState(base_.model().categories);
  ReplayAfter(0);
}

void PersonalClassifier::ReplayAfter(std::uint64_t sequence) {
  for (const FeedbackEvent* event : log_.Effective()) {
    if (event->sequence > sequence) {
      state_.Apply(*event, FeaturesOf(*event), FullDirection(*event));
    }
  }
  Refresh();
}

void PersonalClassifier::Refresh() {
  names_.clear();
  for (const PersonalCategory& entry : state_.categories()) names_.push_back(entry.category);
  std::unordered_map<std::string_view, std::size_t> index_of;
  for (std::size_t c = 0; c < names_.size(); ++c) index_of[names_[c].id] = c;
  std::vector<MemoryExemplar> instant;
  std::vector<MemoryExemplar> full;
  for (const Exemplar& exemplar : state_.exemplars()) {
    const std::size_t index = index_of[exemplar.category_id];
    if (!exemplar.instant.empty()) instant.push_back({index, exemplar.instant});
    if (!exemplar.full.empty()) full.push_back({index, exemplar.full});
  }
  instant_.Assign(names_.size(), instant);
  full_.Assign(names_.size(), full);
  is_untaught_ = state_.IsUntaught(base_.model().categories);
  RefreshHeads();
}

std::string PersonalClassifier::VersionOf(const AnsweringHeads& heads) const {
  const std::string& base = base_.model().version;
  if (is_untaught_) return base;
  // The directions follow from the texts, so a short summary tells two states apart; but an
  // embedding that arrives later changes the full tier's answers.
  std::string summary;
  for (const Category& category : names_) summary += category.id + "\n" + category.name + "\n";
  for (const Exemplar& exemplar : state_.exemplars()) {
    summary += std::to_string(exemplar.key) + (exemplar.full.empty() ? " " : " + ") +
               exemplar.category_id + "\n";
  }
  for (const Rejection& rejection : state_.rejections()) {
    summary += std::to_string(rejection.key) + " not " + rejection.category_id + "\n";
  }
  if (heads.Get() != nullptr) summary += "heads " + heads.Get()->version + "\n";
  return base + "+" + Sha256Hex(summary).substr(0, 8);
}

}  // namespace smartsynch
