#include "smartsynch/learn/train_model.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "smartsynch/learn/find_centres.h"
#include "smartsynch/learn/split.h"
#include "smartsynch/text/lexical_features.h"
#include "smartsynch/text/task_text.h"

namespace smartsynch {
namespace {

Status CheckOptions(const TrainingData& data, const std::vector<Category>& categories,
                    const TrainModelOptions& options) {
  const auto bad = [](const std::string& message, const char* field) {
    return Fail(ErrorCode::kInvalidArgument, message, field);
  };
  const auto is_share = [](double value) { return value >= 0.0 && value <= 1.0; };
  if (categories.size() != data.categories) {
    return bad(std::to_string(categories.size()) + " categories for data with " +
                   std::to_string(data.categories),
               "categories");
  }
  const std::vector<std::size_t>& rows = data.calibration_rows;
  if (std::adjacent_find(rows.begin(), rows.end(), std::greater_equal<>()) != rows.end() ||
      (!rows.empty() && rows.back() >= data.rows())) {
    return bad("calibration_rows must be ascending row numbers, each once", "calibration_rows");
  }
  if (options.folds < 2) return bad("folds must be 2 or more", "folds");
  if (!(options.validation_fraction >= 0.0 && options.validation_fraction < 1.0)) {
    return bad("validation_fraction must be at least 0 and below 1", "validation_fraction");
  }
  if (!data.groups.empty() && data.groups.size() != data.rows()) {
    return bad(std::to_string(data.groups.size()) + " groups for " + std::to_string(data.rows()) +
                   " rows, expected one each or none",
               "groups");
  }
  for (const std::size_t members : {options.members, options.few_rows.members}) {
    if (members >= 1 && members <= kMostMembers) continue;
    return bad("members must be 1 to " + std::to_string(kMostMembers), "members");
  }
  const ThresholdOptions& t = options.thresholds;
  if (!is_share(t.precision)) return bad("thresholds.precision must be 0 to 1", "precision");
  if (!is_share(t.false_new)) return bad("thresholds.false_new must be 0 to 1", "false_new");
  if (!(t.open_share >= 0.0 && t.open_share < 1.0)) {
    return bad("thresholds.open_share must be at least 0 and below 1", "open_share");
  }
  if (!(t.z >= 0.0 && t.z <= 100.0)) return bad("thresholds.z must be 0 to 100", "z");
  if (std::count_if(data.labels.begin(), data.labels.end(), [](int label) { return label >= 0; }) <
      2) {
    return bad("training needs at least two samples of a category, to hold one out", "labels");
  }
  return {};
}

// A stored checkpoint is continued when it can be: one that is damaged, belongs to another run or
// went on for more epochs than are wanted is no reason to fail, the run starts anew.
Result<Trainer> StartOrContinue(const std::string& name, const TrainingData& data,
                                const std::vector<std::size_t>& train_rows,
                                const std::vector<std::size_t>& validation_rows,
                                const TrainerOptions& options, std::size_t epochs,
                                const TrainModelCallbacks& callbacks) {
  Result<Trainer> fresh = Trainer::Create(data, train_rows, validation_rows, options);
  if (!fresh || !callbacks.load_checkpoint) return fresh;
  const std::optional<std::string> bytes = callbacks.load_checkpoint(name);
  if (!bytes) return fresh;
  Trainer continued = *fresh;
  const bool usable = continued.Restore(*bytes).has_value() && continued.history().size() <= epochs;
  return usable ? std::move(continued) : std::move(*fresh);
}

Result<Trainer> RunToEnd(const std::string& name, const TrainingData& data,
                         const std::vector<std::size_t>& train_rows,
                         const std::vector<std::size_t>& validation_rows,
                         const TrainerOptions& options, std::size_t epochs,
                         const TrainModelCallbacks& callbacks) {
  Result<Trainer> trainer =
      StartOrContinue(name, data, train_rows, validation_rows, options, epochs, callbacks);
  if (!trainer) return trainer;
  while (!trainer->finished() && trainer->history().size() < epochs) {
    const EpochMetrics metrics = trainer->RunEpoch();
    if (!std::isfinite(metrics.train_loss) || !std::isfinite(metrics.validation_loss)) {
      return Fail(ErrorCode::kInvalidArgument,
                  "training diverged in epoch " + std::to_string(metrics.epoch) + " of run " +
                      name + ": lower the learning rates or the weight decay",
                  "learning_rate");
    }
    if (callbacks.save_checkpoint) callbacks.save_checkpoint(name, trainer->Checkpoint());
    if (callbacks.on_epoch && !callbacks.on_epoch(name, metrics, epochs)) {
      return Fail(ErrorCode::kCancelled, "training was cancelled in run " + name);
    }
  }
  return trainer;
}

// How the heads that are kept or scored are trained: all of a run's epochs, without validation.
struct Schedule {
  TrainerOptions trainer;
  std::size_t epochs = 0;
  std::size_t members = 1;  // heads from different starts, whose mean answers
};

Result<TrainedHeads> TrainHeads(const std::string& name, const TrainingData& data,
                                const std::vector<std::size_t>& rows, const Schedule& schedule,
                                const TrainModelCallbacks& callbacks) {
  std::vector<TrainedHeads> heads;
  for (std::size_t member = 0; member < schedule.members; ++member) {
    TrainerOptions options = schedule.trainer;
    options.seed += member;
    const std::string run = member == 0 ? name : name + "-member-" + std::to_string(member + 1);
    const Result<Trainer> trainer =
        RunToEnd(run, data, rows, {}, options, schedule.epochs, callbacks);
    if (!trainer) return tl::unexpected(trainer.error());
    heads.push_back(trainer->Best());
  }
  return heads.size() == 1 ? std::move(heads[0]) : AverageHeads(heads);
}

// The fold of each row of the data; rows that are never left out have the number `folds`.
using FoldOfRow = std::vector<std::size_t>;

// Of the rows to get logits of, each label dealt out evenly.
FoldOfRow FoldsByLabel(const TrainingData& data, const std::vector<std::size_t>& rows,
                       const TrainModelOptions& options) {
  std::vector<int> labels;
  labels.reserve(rows.size());
  for (const std::size_t row : rows) labels.push_back(data.labels[row]);
  const std::vector<std::size_t> dealt =
      StratifiedFolds(labels, options.folds, options.trainer.seed);
  FoldOfRow fold_of(data.rows(), options.folds);
  for (std::size_t i = 0; i < dealt.size(); ++i) fold_of[rows[i]] = dealt[i];
  return fold_of;
}

// Of all rows, a manner of writing at a time. Empty when that would leave a label without a row to
// train on, and where no manner is given.
FoldOfRow FoldsByManner(const TrainingData& data, const TrainModelOptions& options) {
  if (data.groups.empty()) return {};
  FoldOfRow fold_of = GroupFolds(data.groups, options.folds);
  std::map<int, std::set<std::size_t>> folds;
  for (std::size_t row = 0; row < fold_of.size(); ++row) {
    folds[data.labels[row]].insert(fold_of[row]);
  }
  const bool is_spread = std::all_of(folds.begin(), folds.end(),
                                     [](const auto& entry) { return entry.second.size() > 1; });
  return is_spread ? fold_of : FoldOfRow{};
}

void ScoreRows(const TrainingData& data, const TrainedHeads& heads, std::size_t bucket_bits,
               const std::vector<std::size_t>& places, HeldOutLogits& out) {
  // Through the int8 head that will be used, so that calibration sees its rounding.
  const LexicalHead lexical = LexicalHead::Quantize(bucket_bits, out.outputs, heads.lexical);
  for (const std::size_t place : places) {
    const std::size_t row = out.data_rows[place];
    heads.dense.Forward(data.embeddings.data() + row * data.dimension, 1,
                        out.dense.data() + place * out.outputs);
    lexical.Forward(data.lexical_features[row], out.lexical.data() + place * out.outputs);
    if (out.token.empty()) continue;
    heads.token.Forward(data.token_embeddings.data() + row * data.token_dimension, 1,
                        out.token.data() + place * out.outputs);
  }
}

std::span<const float> EmbeddingOf(const TrainingData& data, std::size_t row) {
  return std::span<const float>(data.embeddings).subspan(row * data.dimension, data.dimension);
}

// What heads say of rows that were left out of their training.
struct HeldOut {
  HeldOutLogits logits;
  // Of each row to the nearest of the centres that were found without it; all 0 with open-set
  // samples, for then no centres are used.
  std::vector<float> cosines;
  std::size_t near_own = 0;  // rows nearest to a centre of their own category
};

bool HasOpenSet(const TrainingData& data) {
  return std::find(data.labels.begin(), data.labels.end(), kOpenSetLabel) != data.labels.end();
}

// `name`: of the runs, before the fold's number.
Result<HeldOut> HoldOut(const std::string& name, const TrainingData& data,
                        const std::vector<std::size_t>& rows, const FoldOfRow& fold_of,
                        std::size_t folds, const Schedule& schedule,
                        const TrainModelCallbacks& callbacks) {
  HeldOut held_out;
  HeldOutLogits& logits = held_out.logits;
  logits.outputs = data.categories + 1;
  logits.data_rows = rows;
  for (const std::size_t row : rows) {
    logits.labels.push_back(data.labels[row]);
    logits.weights.push_back(data.weights[row]);
  }
  logits.dense.assign(rows.size() * logits.outputs, 0.0F);
  logits.lexical = logits.dense;
  if (data.token_dimension > 0) logits.token = logits.dense;
  held_out.cosines.resize(rows.size());
  const bool has_open_set = HasOpenSet(data);
  for (std::size_t fold = 0; fold < folds; ++fold) {
    std::vector<std::size_t> outside;  // places among the held-out rows
    for (std::size_t place = 0; place < rows.size(); ++place) {
      if (fold_of[rows[place]] == fold) outside.push_back(place);
    }
    if (outside.empty()) continue;  // more folds than rows or manners
    std::vector<std::size_t> inside;
    for (std::size_t row = 0; row < data.rows(); ++row) {
      if (fold_of[row] != fold) inside.push_back(row);
    }
    const Result<TrainedHeads> run =
        TrainHeads(name + std::to_string(fold + 1), data, inside, schedule, callbacks);
    if (!run) return tl::unexpected(run.error());
    ScoreRows(data, *run, schedule.trainer.bucket_bits, outside, logits);
    if (has_open_set) continue;
    const CategoryCentres centres = FindCentres(data, inside);
    const std::vector<int> categories_of = CategoriesOfCentres(data, inside);
    for (const std::size_t place : outside) {
      const NearestCentre nearest = FindNearest(centres, EmbeddingOf(data, rows[place]));
      held_out.cosines[place] = nearest.cosine;
      if (categories_of[nearest.row] == logits.labels[place]) ++held_out.near_own;
    }
  }
  return held_out;
}

std::vector<HeldOutDistance> DistancesOf(const HeldOut& held_out, const Calibration& calibration) {
  std::vector<HeldOutDistance> distances;
  for (std::size_t row = 0; row < held_out.cosines.size(); ++row) {
    const std::vector<float> p =
        Calibrate(LogitsOf(held_out.logits, row), calibration).probabilities;
    distances.push_back({SoftConfidence(p), held_out.cosines[row]});
  }
  return distances;
}

// What the instant tier has of it.
HeldOutLogits WithoutEncoder(HeldOutLogits logits) {
  logits.dense.clear();
  logits.novelty.clear();
  return logits;
}

void SetNovelty(const CategoryCentres& centres, const std::vector<HeldOutDistance>& distances,
                HeldOutLogits& logits) {
  if (centres.rows() == 0) return;
  for (const HeldOutDistance& distance : distances) {
    logits.novelty.push_back(CentreNovelty(centres, distance.soft_confidence, distance.cosine));
  }
}

}  // namespace

Result<TrainedModel> TrainModel(const TrainingData& data, const std::vector<Category>& categories,
                                const TrainModelOptions& options,
                                const TrainModelCallbacks& callbacks) {
  const Status status = CheckOptions(data, categories, options);
  if (!status) return tl::unexpected(status.error());

  TrainedModel result;
  const bool has_calibration_rows = !data.calibration_rows.empty();
  std::vector<bool> held_out(data.rows());
  if (has_calibration_rows) {
    for (const std::size_t row : data.calibration_rows) held_out[row] = true;
  } else {
    held_out = StratifiedHoldout(data.labels, options.validation_fraction, options.trainer.seed);
  }
  std::vector<std::size_t> all;
  std::vector<std::size_t> train;
  std::vector<std::size_t> validation;
  for (std::size_t row = 0; row < data.rows(); ++row) {
    all.push_back(row);
    (held_out[row] ? validation : train).push_back(row);
  }
  Schedule schedule = {options.trainer, 0, options.members};
  const std::optional<TrainerOptions> longer =
      ScheduleForFewRows(options.trainer, options.few_rows, data.rows());
  if (longer) schedule = {*longer, longer->epochs, options.few_rows.members};
  Result<Trainer> search = RunToEnd("validation", data, train, validation, schedule.trainer,
                                    schedule.trainer.epochs, callbacks);
  if (!search) return tl::unexpected(search.error());
  result.history = search->history();
  if (!longer) schedule.epochs = search->Best().best_epoch;
  result.epochs = schedule.epochs;

  const std::vector<std::size_t>& rows = has_calibration_rows ? data.calibration_rows : all;
  Result<HeldOut> like = HoldOut("fold-", data, rows, FoldsByLabel(data, rows, options),
                                 options.folds, schedule, callbacks);
  if (!like) return tl::unexpected(like.error());
  // Thresholds are to hold on boards unlike the training data.
  std::optional<HeldOut> unlike;
  if (const FoldOfRow fold_of = FoldsByManner(data, options); !fold_of.empty()) {
    Result<HeldOut> run =
        HoldOut("manner-", data, rows, fold_of, options.folds, schedule, callbacks);
    if (!run) return tl::unexpected(run.error());
    unlike = *std::move(run);
  }

  const Result<TrainedHeads> final_run = TrainHeads("final", data, all, schedule, callbacks);
  if (!final_run) return tl::unexpected(final_run.error());
  Model& model = result.model;
  model.categories = categories;
  model.dense = final_run->dense;
  model.token_dense = final_run->token;
  model.lexical =
      LexicalHead::Quantize(options.trainer.bucket_bits, data.categories + 1, final_run->lexical);
  model.full.calibration = FitCalibration(like->logits);
  const double wanted = kCompactShare * static_cast<double>(rows.size());
  if (!HasOpenSet(data) && static_cast<double>(like->near_own) >= wanted) {
    model.centres = FindCentres(data, all);
    const std::vector<HeldOutDistance> distances = DistancesOf(*like, model.full.calibration);
    FitCentreNovelty(distances, model.centres);
    SetNovelty(model.centres, distances, like->logits);
    if (unlike) {
      SetNovelty(model.centres, DistancesOf(*unlike, model.full.calibration), unlike->logits);
    }
  }
  const HeldOutLogits& judged = unlike ? unlike->logits : like->logits;
  model.full.thresholds = FitThresholds(judged, model.full.calibration, options.thresholds);
  model.instant.calibration = FitCalibration(WithoutEncoder(like->logits));
  model.instant.thresholds =
      FitThresholds(WithoutEncoder(judged), model.instant.calibration, options.thresholds);
  result.held_out = std::move(like->logits);
  return result;
}

SelfTestSample MakeSelfTestSample(const Model& model, std::string title, std::string description,
                                  std::vector<float> embedding,
                                  std::vector<float> token_embedding) {
  const auto features =
      LexicalFeatures(JoinTaskText(title, description), model.lexical.bucket_bits);
  std::vector<float> dense(model.dense.outputs);
  std::vector<float> lexical(model.lexical.outputs);
  model.dense.Forward(embedding.data(), 1, dense.data());
  model.lexical.Forward(features, lexical.data());
  std::vector<float> token(model.token_dense.outputs);
  model.token_dense.Forward(token_embedding.data(), 1, token.data());
  Scores scores = Calibrate({dense, lexical, token}, model.full.calibration);
  ApplyCentres(model.centres, embedding, scores);
  return {std::move(title),           std::move(description),          std::move(embedding),
          std::move(token_embedding), std::move(scores.probabilities), scores.novelty};
}

}  // namespace smartsynch
