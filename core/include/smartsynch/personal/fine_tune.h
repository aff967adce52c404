// Fine-tuning on the device: trains a challenger, heads that add to the base model
// (personal/tuned_heads.h), on the user's feedback and the base model's exemplars, and says whether
// it may replace what answers now, the champion.
//
//   Result<FineTuner> tuner = FineTuner::Create(personal, exemplars);
//   while (!tuner->finished()) tuner->Step();          // some milliseconds each; stop anywhere
//   if (tuner->result().accepted) personal.UseHeads(*ParseTunedHeads(tuner->result().heads));
//
// Every row is judged by heads that were trained without it (cross-validation), within all that
// answers a user: heads, exemplar memory, calibration. The challenger is accepted when it loses at
// most `base_tolerance` of the base exemplars in either tier and answers more of the feedback right
// in both tiers together. Feedback that a fine-tuned champion was trained on proves nothing, so
// only newer feedback counts against one.
//
// The same log, base model, exemplars and options give the same bytes on every host, however the
// steps are spread over time. The tuner copies what it needs: events recorded meanwhile do not
// disturb it and are not learnt. Thread safety: one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "smartsynch/base/status.h"
#include "smartsynch/model/exemplar_file.h"
#include "smartsynch/personal/fine_tune_task.h"
#include "smartsynch/personal/personal_classifier.h"

namespace smartsynch {

// The defaults were chosen by tests/bench/learning/fine_tune.cpp on validation data.
struct FineTuneOptions {
  std::uint64_t seed = 1;
  std::size_t folds = 3;
  std::size_t epochs = 12;
  std::size_t batch_size = 64;
  float learning_rate = 0.001F;  // AdamW; falls linearly to zero
  float decay = 0.03F;           // half of it times the squared weights is added to the loss
  double base_tolerance = 0.002;
  // False: for a model file, which has no memory (personal/fold_heads.h). The champion then is the
  // base model, with the heads that answer where there are some, and gives every category wrong
  // that neither knows. Base exemplars are judged against the base model alone, so what is
  // forgotten does not add up from one challenger to the next.
  bool with_memory = true;
};

// Right answers on the same rows.
struct JudgedRows {
  std::size_t rows = 0;
  std::size_t champion_right = 0;
  std::size_t challenger_right = 0;
};

struct FineTuneResult {
  bool accepted = false;
  std::string reason;  // one sentence with the figures
  JudgedRows instant_base;
  JudgedRows instant_feedback;
  JudgedRows full_base;
  JudgedRows full_feedback;
  std::string heads;  // of SerializeTunedHeads(); empty when refused
};

class FineTuner {
 public:
  // Fails with kIncompatible when the exemplars belong to another model, and as MakeFineTuneTask()
  // (personal/fine_tune_task.h). A task that comes from elsewhere must have been checked by
  // ParseFineTuneTask().
  static Result<FineTuner> Create(const FineTuneTask& task, const BaseExemplars& exemplars,
                                  const FineTuneOptions& options = {});
  static Result<FineTuner> Create(const PersonalClassifier& personal,
                                  const BaseExemplars& exemplars,
                                  const FineTuneOptions& options = {});
  FineTuner(FineTuner&&) noexcept;
  FineTuner& operator=(FineTuner&&) noexcept;
  ~FineTuner();

  bool finished() const;

  // A bounded piece of work. Does nothing once finished.
  void Step();

  // 0 to 1, never falls, 1 when finished.
  double progress() const;

  // Complete when finished.
  const FineTuneResult& result() const;

 private:
  class Work;
  explicit FineTuner(std::unique_ptr<Work> work);
  std::unique_ptr<Work> work_;
};

}  // namespace smartsynch
