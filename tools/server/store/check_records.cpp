#include "server/store/check_records.h"

#include <set>
#include <string>
#include <string_view>

#include "smartsynch/text/utf8.h"

namespace smartsynch {
namespace {

Status CheckText(std::string_view text, std::size_t least, std::size_t most,
                 const std::string& field) {
  if (text.size() < least || text.size() > most) {
    return Fail(ErrorCode::kInvalidArgument,
                field + " has " + std::to_string(text.size()) + " bytes, expected " +
                    std::to_string(least) + " to " + std::to_string(most),
                field);
  }
  if (!IsStorableText(text)) {
    return Fail(ErrorCode::kInvalidArgument, field + " is not well-formed UTF-8 without zero bytes",
                field);
  }
  return {};
}

Status First(std::initializer_list<Status> checks) {
  for (const Status& check : checks) {
    if (!check) return check;
  }
  return {};
}

}  // namespace

bool IsStorableText(std::string_view text) {
  return text.find('\0') == std::string_view::npos && RepairUtf8(text) == text;
}

Status CheckLimit(std::size_t limit) {
  if (limit >= 1 && limit <= kMaxAppend) return {};
  return Fail(ErrorCode::kInvalidArgument,
              "limit " + std::to_string(limit) + ", expected 1 to " + std::to_string(kMaxAppend),
              "limit");
}

Status CheckFeedback(std::span<const FeedbackRecord> records) {
  if (records.empty() || records.size() > kMaxAppend) {
    return Fail(ErrorCode::kInvalidArgument,
                std::to_string(records.size()) + " records in one call, expected 1 to " +
                    std::to_string(kMaxAppend),
                "records");
  }
  for (std::size_t i = 0; i < records.size(); ++i) {
    const FeedbackRecord& record = records[i];
    const std::string at = "records[" + std::to_string(i) + "].";
    const Status fine = First({CheckText(record.key, 1, 200, at + "key"),
                               CheckText(record.user_key, 0, 200, at + "user_key"),
                               CheckText(record.experiment_id, 0, 64, at + "experiment_id"),
                               CheckText(record.arm, 0, 64, at + "arm"),
                               CheckText(record.event, 1, kMaxEventBytes, at + "event")});
    if (!fine) return fine;
  }
  return {};
}

Status CheckModel(const ModelVersion& model) {
  return First({CheckText(model.parent, 0, 64, "parent"), CheckText(model.source, 0, 200, "source"),
                CheckText(model.lineage, 0, kMaxEventBytes, "lineage")});
}

Status CheckCategoryChange(const std::string& event) {
  return CheckText(event, 1, kMaxEventBytes, "event");
}

Status CheckLearningRun(const LearningRun& run) {
  return First({CheckText(run.outcome, 1, 64, "outcome"), CheckText(run.reason, 1, 1000, "reason"),
                CheckText(run.champion, 0, 64, "champion"),
                CheckText(run.details, 0, kMaxEventBytes, "details")});
}

Status CheckWeights(std::span<const std::uint32_t> weights) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] > kMaxWeight) {
      return Fail(
          ErrorCode::kInvalidArgument,
          "weight " + std::to_string(weights[i]) + ", expected 0 to " + std::to_string(kMaxWeight),
          "arms[" + std::to_string(i) + "].weight");
    }
    sum += weights[i];
  }
  if (sum == 0) {
    return Fail(ErrorCode::kInvalidArgument, "all weights are 0, expected one above", "arms");
  }
  return {};
}

Status CheckExperiment(const Experiment& experiment) {
  const Status texts =
      First({CheckText(experiment.id, 1, 64, "id"), CheckText(experiment.name, 0, 200, "name")});
  if (!texts) return texts;
  if (experiment.id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") !=
      std::string::npos) {
    return Fail(ErrorCode::kInvalidArgument,
                "id \"" + experiment.id + "\": expected only a-z, 0-9, - and _", "id");
  }
  if (experiment.arms.size() < 2 || experiment.arms.size() > 16) {
    return Fail(ErrorCode::kInvalidArgument,
                std::to_string(experiment.arms.size()) + " arms, expected 2 to 16", "arms");
  }
  if (experiment.slices < 1 || experiment.slices > kUserSlices) {
    return Fail(ErrorCode::kInvalidArgument,
                std::to_string(experiment.slices) + " slices of the users, expected 1 to " +
                    std::to_string(kUserSlices),
                "traffic");
  }
  std::set<std::string> names;
  std::vector<std::uint32_t> weights;
  for (std::size_t i = 0; i < experiment.arms.size(); ++i) {
    const ExperimentArm& arm = experiment.arms[i];
    const std::string field = "arms[" + std::to_string(i) + "].name";
    const Status fine = CheckText(arm.name, 1, 64, field);
    if (!fine) return fine;
    if (!names.insert(arm.name).second) {
      return Fail(ErrorCode::kInvalidArgument, "the arm \"" + arm.name + "\" is there twice",
                  field);
    }
    weights.push_back(arm.weight);
  }
  return CheckWeights(weights);
}

}  // namespace smartsynch
