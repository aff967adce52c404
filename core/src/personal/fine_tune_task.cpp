#include "smartsynch/personal/fine_tune_task.h"

#include <map>
#include <utility>

#include "personal/fine_tune_parts.h"
#include "smartsynch/personal/personal_classifier.h"

namespace smartsynch {
namespace {

Status AddRows(const PersonalClassifier& personal, FineTuneTask& task) {
  std::map<std::uint64_t, const FeedbackEvent*> events;
  for (const FeedbackEvent& event : personal.log().events()) events[event.sequence] = &event;
  const Classifier& base = personal.base();
  for (const Exemplar& exemplar : personal.state().exemplars()) {
    const FeedbackEvent& event = *events[exemplar.sequence];
    PreparedTask prepared = base.Prepare(event.title, event.description);
    if (!prepared.needs_encoder) continue;
    FineTuneRow row;
    row.sequence = exemplar.sequence;
    row.category = personal.state().IndexOf(exemplar.category_id);
    row.full = exemplar.full;
    std::vector<float> unit;
    AppendUnit(exemplar.full, task.full_dimension, unit);
    Result<std::vector<float>> logits = base.Logits(prepared, unit);
    if (!logits) return tl::unexpected(logits.error());
    row.full_logits = std::move(*logits);
    if (task.instant_dimension > 0) {
      row.instant = exemplar.instant;
      row.instant_logits = base.InstantLogits(prepared);
      row.token_embedding = std::move(prepared.token_embedding);
    }
    task.rows.push_back(std::move(row));
  }
  return CheckEnoughToFineTune(task);
}

}  // namespace

Result<FineTuneTask> MakeFineTuneTask(const PersonalClassifier& personal) {
  const Model& model = personal.base().model();
  FineTuneTask task;
  task.base_version = model.version;
  task.base_categories = model.categories.size();
  task.full_dimension = model.dense.input;
  task.instant_dimension = model.token_dense.input;
  task.has_open_set = model.full.calibration.has_open_set;
  const float instant_weight = model.instant.calibration.token_weight;
  if (instant_weight > 0.0F) {
    task.token_share = model.full.calibration.token_weight / instant_weight;
  }
  task.instant_memory = personal.options().instant;
  task.full_memory = personal.options().full;
  for (const PersonalCategory& entry : personal.state().categories()) {
    task.categories.push_back({entry.category.id, entry.base_indexes});
  }
  if (const TunedHeads* heads = personal.heads(); heads != nullptr) task.champion = *heads;
  if (Status status = AddRows(personal, task); !status) return tl::unexpected(status.error());
  return task;
}

}  // namespace smartsynch
