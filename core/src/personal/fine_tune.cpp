#include "smartsynch/personal/fine_tune.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "personal/fine_tune_evidence.h"
#include "personal/fine_tune_rows.h"
#include "personal/fine_tune_settings.h"
#include "personal/head_run.h"

namespace smartsynch {
namespace {

constexpr std::size_t kBatchesAStep = 4;
constexpr std::size_t kRowsAStep = 64;
constexpr Tier kTiers[] = {Tier::kInstant, Tier::kFull};

std::size_t BestOf(std::span<const float> logits) {
  return static_cast<std::size_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

}  // namespace

// Training of every fold and tier, then calibration, then judging, then, when the challenger is
// accepted, training on everything.
class FineTuner::Work {
 public:
  Work(const FineTuneTask& task, FineTuneRows rows, const FineTuneOptions& options);

  bool finished() const { return phase_ == Phase::kDone; }
  double progress() const {
    return finished() ? 1.0
                      : std::min(0.999, static_cast<double>(done_) / static_cast<double>(total_));
  }
  const FineTuneResult& result() const { return result_; }
  void Step();

 private:
  enum class Phase { kEvidence, kFolds, kCalibrate, kJudge, kFinal, kDone };

  std::size_t outputs() const { return rows_.categories + 1; }
  std::vector<std::size_t> RowsOf(Tier tier, std::size_t fold) const;
  void StartRun();
  void EndRun();
  void KeepHeldOut(Tier tier);
  std::vector<float> OffsetsOf(Tier tier) const;
  HeldOutLogits HeldOut() const;
  std::vector<float> ChampionLogits(Tier tier, std::size_t row) const;
  void Judge(Tier tier, std::size_t row);
  void Decide();
  void Finish();

  const FineTuneOptions options_;
  const FineTuneRows rows_;
  const std::vector<TunedCategory> categories_;
  const FineTuneEvidence evidence_;
  std::optional<TunedHeads> champion_;
  TunedHeads challenger_;
  std::vector<float>
      offsets_[2];  // [rows, outputs]: what heads add to, the novelty's log-odds last
  std::vector<float> held_out_[2];  // [rows, outputs] by tier
  Phase phase_ = Phase::kEvidence;
  std::size_t fold_ = 0;
  std::size_t tier_ = 0;
  std::size_t row_ = 0;
  std::optional<HeadRun> run_;
  std::optional<SettingsFit> settings_;
  std::size_t done_ = 0;
  std::size_t total_ = 1;
  FineTuneResult result_;
};

FineTuner::Work::Work(const FineTuneTask& task, FineTuneRows rows, const FineTuneOptions& options)
    : options_(options),
      rows_(std::move(rows)),
      categories_(task.categories),
      evidence_(task, rows_, options) {
  champion_ = task.champion;
  for (std::size_t t = 0; t < 2; ++t) {
    offsets_[t].resize(rows_.size() * outputs());
    held_out_[t].resize(rows_.size() * outputs());
  }
  challenger_.base_version = task.base_version;
  challenger_.parent = champion_ ? champion_->version : task.base_version;
  challenger_.categories = categories_;
  challenger_.token_share = task.token_share;
  for (const std::uint64_t sequence : rows_.sequences) {
    challenger_.last_sequence = std::max(challenger_.last_sequence, sequence);
  }
  if (rows_.instant.input == 0) tier_ = 1;
  // Every fold trains on its share of the rows, and the last training on all of them.
  const std::size_t batches = (rows_.size() + options_.batch_size - 1) / options_.batch_size;
  total_ = 2 * options_.epochs * batches * options_.folds + rows_.size() / 2 + 1;
}

std::vector<std::size_t> FineTuner::Work::RowsOf(Tier tier, std::size_t fold) const {
  std::vector<std::size_t> chosen;
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    if (rows_.Has(tier, r) && rows_.folds[r] != fold) chosen.push_back(r);
  }
  return chosen;
}

std::vector<float> FineTuner::Work::OffsetsOf(Tier tier) const {
  std::vector<float> offsets = offsets_[tier == Tier::kInstant ? 0 : 1];
  if (tier == Tier::kInstant || challenger_.instant.input == 0) return offsets;
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    AddHead(challenger_.instant, rows_.instant.At(r), challenger_.token_share,
            std::span<float>(offsets).subspan(r * outputs(), rows_.categories));
  }
  return offsets;
}

void FineTuner::Work::StartRun() {
  const Tier tier = kTiers[tier_];
  const TierRows& rows = rows_.Of(tier);
  run_.emplace(rows.input, outputs(), rows.x, OffsetsOf(tier), rows_.labels, rows_.weights,
               RowsOf(tier, fold_), options_);
}

void FineTuner::Work::KeepHeldOut(Tier tier) {
  const std::vector<float> offsets = OffsetsOf(tier);
  const TunedTier& head = tier == Tier::kInstant ? challenger_.instant : challenger_.full;
  const TierRows& rows = rows_.Of(tier);
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    if (rows_.folds[r] != fold_) continue;
    const std::span<float> kept =
        std::span<float>(held_out_[tier_]).subspan(r * outputs(), outputs());
    std::copy_n(offsets.begin() + static_cast<std::ptrdiff_t>(r * outputs()), outputs(),
                kept.begin());
    AddHead(head, rows.At(r), 1.0F, kept.first(rows_.categories));
  }
}

void FineTuner::Work::EndRun() {
  const Tier tier = kTiers[tier_];
  TunedTier& place = tier == Tier::kInstant ? challenger_.instant : challenger_.full;
  const TunedTier head = run_->Head();
  place.input = head.input;
  place.weights = head.weights;
  place.bias = head.bias;
  run_.reset();
  const bool is_final = phase_ == Phase::kFinal;
  if (!is_final) KeepHeldOut(tier);
  if (tier_ == 0) {
    tier_ = 1;
    return StartRun();
  }
  if (is_final) return Finish();
  tier_ = rows_.instant.input == 0 ? 1 : 0;
  if (++fold_ < options_.folds) return StartRun();
  phase_ = Phase::kCalibrate;
}

HeldOutLogits FineTuner::Work::HeldOut() const {
  HeldOutLogits held_out;
  held_out.outputs = outputs();
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    if (!rows_.Has(kTiers[tier_], r)) continue;
    const auto start = held_out_[tier_].begin() + static_cast<std::ptrdiff_t>(r * outputs());
    held_out.dense.insert(held_out.dense.end(), start,
                          start + static_cast<std::ptrdiff_t>(outputs()));
    held_out.labels.push_back(rows_.labels[r]);
    held_out.weights.push_back(1.0F);
  }
  return held_out;
}

std::vector<float> FineTuner::Work::ChampionLogits(Tier tier, std::size_t row) const {
  const auto start = offsets_[tier == Tier::kInstant ? 0 : 1].begin() +
                     static_cast<std::ptrdiff_t>(row * outputs());
  std::vector<float> logits(start, start + static_cast<std::ptrdiff_t>(rows_.categories));
  const auto is_known = [&](const TunedCategory& category) {
    return !category.base_indexes.empty() ||
           (champion_ &&
            std::count(champion_->categories.begin(), champion_->categories.end(), category) > 0);
  };
  for (std::size_t c = 0; c < logits.size() && !options_.with_memory; ++c) {
    if (!is_known(categories_[c])) logits[c] = std::numeric_limits<float>::lowest();
  }
  // A champion's heads know the base exemplars by heart; its base model's logits for them come from
  // training without them.
  const bool is_by_heart = row < rows_.base_rows && !options_.with_memory;
  if (!champion_ || is_by_heart) return logits;
  const std::vector<float> added =
      HeadsLogits(*champion_, tier, rows_.instant.At(row), rows_.full.At(row));
  for (std::size_t k = 0; k < added.size(); ++k) {
    // Heads that answer know only categories that are there.
    const auto place = std::find(categories_.begin(), categories_.end(), champion_->categories[k]);
    logits[static_cast<std::size_t>(place - categories_.begin())] += added[k];
  }
  return logits;
}

void FineTuner::Work::Judge(Tier tier, std::size_t row) {
  const bool is_base = row < rows_.base_rows;
  const bool was_known = !is_base && champion_ && rows_.sequences[row] <= champion_->last_sequence;
  if (rows_.Of(tier).input == 0 || rows_.labels[row] < 0 || !rows_.Has(tier, row) || was_known) {
    return;
  }
  const bool is_instant = tier == Tier::kInstant;
  const std::vector<float> champion = ChampionLogits(tier, row);
  const std::span<const float> challenger = std::span<const float>(held_out_[is_instant ? 0 : 1])
                                                .subspan(row * outputs(), rows_.categories);
  JudgedRows& judged = is_instant ? (is_base ? result_.instant_base : result_.instant_feedback)
                                  : (is_base ? result_.full_base : result_.full_feedback);
  const auto label = static_cast<std::size_t>(rows_.labels[row]);
  ++judged.rows;
  judged.champion_right += BestOf(champion) == label ? 1 : 0;
  judged.challenger_right += BestOf(challenger) == label ? 1 : 0;
}

void FineTuner::Work::Decide() {
  const auto lost = [](const JudgedRows& judged) {
    return judged.rows == 0 ? 0.0
                            : (static_cast<double>(judged.champion_right) -
                               static_cast<double>(judged.challenger_right)) /
                                  static_cast<double>(judged.rows);
  };
  const std::size_t feedback = result_.instant_feedback.rows + result_.full_feedback.rows;
  const std::size_t before =
      result_.instant_feedback.champion_right + result_.full_feedback.champion_right;
  const std::size_t after =
      result_.instant_feedback.challenger_right + result_.full_feedback.challenger_right;
  const double worst = std::max(lost(result_.instant_base), lost(result_.full_base));
  const std::string figures = std::to_string(after) + " of " + std::to_string(feedback) +
                              " held-out answers to feedback right, before " +
                              std::to_string(before);
  if (worst > options_.base_tolerance) {
    const auto tenths = static_cast<int>(std::lround(worst * 1000.0));
    result_.reason = "it forgets " + std::to_string(tenths / 10) + "." +
                     std::to_string(tenths % 10) + " % of the base exemplars; " + figures;
  } else if (after <= before) {
    result_.reason = "it is no better: " + figures;
  } else {
    result_.accepted = true;
    result_.reason = figures;
  }
}

void FineTuner::Work::Finish() {
  result_.heads = SerializeTunedHeads(challenger_);
  phase_ = Phase::kDone;
}

void FineTuner::Work::Step() {
  switch (phase_) {
    case Phase::kEvidence:
      for (std::size_t i = 0; i < kRowsAStep && row_ < rows_.size(); ++i, ++row_) {
        for (std::size_t t = 0; t < 2; ++t) {
          evidence_.Write(kTiers[t], row_, categories_,
                          std::span<float>(offsets_[t]).subspan(row_ * outputs(), outputs()));
        }
        if (row_ % 4 == 0) ++done_;
      }
      if (row_ < rows_.size()) break;
      row_ = 0;
      phase_ = Phase::kFolds;
      StartRun();
      break;
    case Phase::kFolds:
    case Phase::kFinal:
      for (std::size_t i = 0; i < kBatchesAStep && !run_->finished(); ++i, ++done_) run_->Step();
      if (run_->finished()) EndRun();
      break;
    case Phase::kCalibrate:
      if (!settings_) settings_.emplace(HeldOut());
      settings_->Step(tier_ == 0 ? challenger_.instant : challenger_.full);
      if (!settings_->finished()) break;
      settings_.reset();
      if (++tier_ < 2) break;
      tier_ = rows_.instant.input == 0 ? 1 : 0;
      phase_ = Phase::kJudge;
      break;
    case Phase::kJudge:
      for (std::size_t i = 0; i < kRowsAStep && row_ < rows_.size(); ++i, ++row_) {
        for (const Tier tier : kTiers) Judge(tier, row_);
        if (row_ % 4 == 0) ++done_;
      }
      if (row_ < rows_.size()) break;
      Decide();
      if (!result_.accepted) {
        phase_ = Phase::kDone;
        break;
      }
      phase_ = Phase::kFinal;
      fold_ = options_.folds;  // none is left out
      StartRun();
      break;
    case Phase::kDone:
      break;
  }
}

FineTuner::FineTuner(std::unique_ptr<Work> work) : work_(std::move(work)) {}
FineTuner::FineTuner(FineTuner&&) noexcept = default;
FineTuner& FineTuner::operator=(FineTuner&&) noexcept = default;
FineTuner::~FineTuner() = default;

Result<FineTuner> FineTuner::Create(const FineTuneTask& task, const BaseExemplars& exemplars,
                                    const FineTuneOptions& options) {
  if (options.folds < 2 || options.epochs == 0 || options.batch_size == 0) {
    return Fail(ErrorCode::kInvalidArgument, "fine-tuning needs 2 folds, an epoch and a batch",
                "options");
  }
  Result<FineTuneRows> rows = MakeFineTuneRows(task, exemplars, options);
  if (!rows) return tl::unexpected(rows.error());
  return FineTuner(std::make_unique<Work>(task, std::move(*rows), options));
}

Result<FineTuner> FineTuner::Create(const PersonalClassifier& personal,
                                    const BaseExemplars& exemplars,
                                    const FineTuneOptions& options) {
  const Result<FineTuneTask> task = MakeFineTuneTask(personal);
  return task ? Create(*task, exemplars, options) : tl::unexpected(task.error());
}

bool FineTuner::finished() const { return work_->finished(); }
void FineTuner::Step() { work_->Step(); }
double FineTuner::progress() const { return work_->progress(); }
const FineTuneResult& FineTuner::result() const { return work_->result(); }

}  // namespace smartsynch
