#include "smartsynch/personal/personal_classifier.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "smartsynch/base/hash.h"
#include "smartsynch/personal/quantized_vector.h"
#include "smartsynch/text/task_text.h"

namespace smartsynch {
namespace {

constexpr std::size_t kInstantDimension = 256;

tl::unexpected<Error> BadArgument(std::string message, std::string field) {
  return Fail(ErrorCode::kInvalidArgument, std::move(message), std::move(field));
}

}  // namespace

std::vector<std::int8_t> InstantDirection(const PreparedTask& task, float token_share) {
  std::vector<std::int8_t> grams = HashedDirection(task.lexical_features, kInstantDimension);
  if (task.token_embedding.empty()) return grams;
  return JoinDirections(task.token_embedding, grams, token_share);
}

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

PersonalTask PersonalClassifier::Prepare(std::string_view title,
                                         std::string_view description) const {
  PersonalTask task;
  task.prepared = base_.Prepare(title, description);
  // Without an exemplar nothing below is looked at.
  if (!log_.events().empty()) task.features = MakeFeatures(title, description, task.prepared);
  return task;
}

Scores PersonalClassifier::Fuse(const Scores& base, const PersonalTask& task,
                                const ExemplarMemory& memory,
                                std::span<const std::int8_t> direction, Tier tier) const {
  const std::vector<CategoryEvidence> evidence = memory.Query(direction);
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
  return FuseScores(base, fused, tier == Tier::kInstant ? options_.instant : options_.full);
}

Prediction PersonalClassifier::ClassifyInstant(const PersonalTask& task) const {
  Scores scores;
  if (task.prepared.needs_encoder) {
    scores = base_.ScoreInstant(task.prepared);
    if (!log_.events().empty()) {
      scores = Fuse(scores, task, instant_, task.features.instant, Tier::kInstant);
    }
  }
  return MakePrediction(task.prepared, Tier::kInstant, scores, names_,
                        base_.model().instant.thresholds, version_);
}

Result<Prediction> PersonalClassifier::Classify(const PersonalTask& task,
                                                std::span<const float> embedding) const {
  Scores scores;
  if (task.prepared.needs_encoder) {
    Result<Scores> base = base_.Score(task.prepared, embedding);
    if (!base) return tl::unexpected(base.error());
    scores = std::move(*base);
    if (!log_.events().empty()) {
      scores = Fuse(scores, task, full_, QuantizeDirection(embedding), Tier::kFull);
    }
  }
  return MakePrediction(task.prepared, Tier::kFull, scores, names_, base_.model().full.thresholds,
                        version_);
}

Status PersonalClassifier::CheckName(const std::string& name, std::string_view own_id) const {
  const Result<std::string> checked = CheckCategoryName(name);
  if (!checked) return tl::unexpected(checked.error());
  // The key ignores case, accents and spacing: two categories must not look alike in a list.
  const std::string key = NormalizedTaskKey(name);
  for (const Category& category : names_) {
    if (category.id != own_id && NormalizedTaskKey(category.name) == key) {
      return Fail(ErrorCode::kAlreadyExists,
                  "there is a category \"" + category.name + "\" already", "name");
    }
  }
  return {};
}

Status PersonalClassifier::CheckEvent(const FeedbackEvent& event) const {
  const auto exists = [&](const std::string& id) {
    return state_.IndexOf(id) < state_.categories().size();
  };
  const auto missing = [](const std::string& id, const char* field) {
    return Fail(ErrorCode::kNotFound, "there is no category with the id \"" + id + "\"", field);
  };
  if (event.kind == EventKind::kUndone) return {};
  if (event.kind == EventKind::kCategoryAdded) {
    const std::vector<Category> taken = state_.TakenIds();
    for (const Category& category : taken) {
      if (category.id == event.category_id) {
        return Fail(ErrorCode::kAlreadyExists,
                    "the id \"" + event.category_id + "\" is or was another category's",
                    "category_id");
      }
    }
    const auto added =
        std::count_if(state_.categories().begin(), state_.categories().end(),
                      [](const PersonalCategory& category) { return category.is_added; });
    if (static_cast<std::size_t>(added) >= kMaxPersonalCategories) {
      return Fail(ErrorCode::kResourceExhausted, "there are " +
                                                     std::to_string(kMaxPersonalCategories) +
                                                     " added categories, the most there may be");
    }
    return CheckName(event.name, {});
  }
  if (!exists(event.category_id)) return missing(event.category_id, "category_id");
  if (event.kind == EventKind::kCategoryRenamed) return CheckName(event.name, event.category_id);
  if (event.kind == EventKind::kCategoryMerged) {
    if (!exists(event.target_id)) return missing(event.target_id, "target_id");
    if (event.target_id == event.category_id) {
      return BadArgument("a category cannot be merged with itself", "target_id");
    }
  }
  if (event.kind == EventKind::kCategoryRemoved && names_.size() == 1) {
    return BadArgument("the last category cannot be removed", "category_id");
  }
  if (IsAboutTask(event.kind) && IsBlank(JoinTaskText(event.title, event.description))) {
    return BadArgument("the task holds no word to learn from", "title");
  }
  return {};
}

Status PersonalClassifier::Check(const FeedbackEvent& event) const {
  if (event.time_ms < 0) return BadArgument("time_ms is below 0", "time_ms");
  if (Status status = CheckEvent(event); !status) return status;
  // What could not be read back must not be written.
  const Result<FeedbackEvent> again = ParseEventLine(ToJsonLine(event));
  if (!again) return BadArgument(again.error().message, again.error().field);
  return {};
}

Result<FeedbackEvent> PersonalClassifier::Record(FeedbackEvent event) {
  if (Status status = Check(event); !status) return tl::unexpected(status.error());
  Result<FeedbackEvent> appended = log_.Append(std::move(event));
  if (!appended) return appended;
  if (appended->kind == EventKind::kUndone) {
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
    return BadArgument("embedding has " + std::to_string(direction.size()) + " values, expected " +
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

void PersonalClassifier::Load(FeedbackLog log) {
  log_ = std::move(log);
  features_.clear();
  Replay();
}

std::size_t PersonalClassifier::ForgetTask(std::string_view task_id) {
  const std::size_t removed = log_.RemoveTask(task_id);
  if (removed > 0) {
    features_.clear();
    Replay();
  }
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
  for (const FeedbackEvent* event : log_.Effective()) {
    state_.Apply(*event, FeaturesOf(*event), FullDirection(*event));
  }
  Refresh();
}

void PersonalClassifier::Refresh() {
  names_.clear();
  for (const PersonalCategory& entry : state_.categories()) names_.push_back(entry.category);
  instant_ = ExemplarMemory(names_.size());
  full_ = ExemplarMemory(names_.size());
  std::unordered_map<std::string_view, std::size_t> index_of;
  for (std::size_t c = 0; c < names_.size(); ++c) index_of[names_[c].id] = c;
  for (const Exemplar& exemplar : state_.exemplars()) {
    const std::size_t index = index_of[exemplar.category_id];
    instant_.Add(index, exemplar.instant);
    full_.Add(index, exemplar.full);
  }
  instant_.Finish();
  full_.Finish();
  version_ = base_.model().version;
  if (log_.events().empty()) return;
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
  version_ += "+" + Sha256Hex(summary).substr(0, 8);
}

}  // namespace smartsynch
