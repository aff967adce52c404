// A classifier that learns from its user: the base model, the feedback log, and the memory that
// follows from it. A correction shows in the very next prediction, and an added category is
// predicted from its first example on.
//
//   PersonalClassifier personal(std::move(classifier));
//   FeedbackEvent added = *personal.AddCategory("Home", now);
//   FeedbackEvent event;                        // kind kChanged
//   event.title = "Water the plants";
//   event.category_id = added.category_id;
//   event.time_ms = now;
//   event = *personal.Record(event);            // the instant tier knows it from here on
//   personal.SetEmbedding(event.sequence, embedding);   // and the full tier from here
//   personal.ClassifyInstant(personal.Prepare("Water the roses"));
//
// The state is a pure function of base model and log: Undo() gives back exactly the bytes before,
// and the same log gives the same bytes natively and in WebAssembly. The encoder is never run here;
// EventsWithoutEmbedding() says for which events it should be. Thread safety: one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "smartsynch/base/status.h"
#include "smartsynch/engine/classifier.h"
#include "smartsynch/personal/answering_heads.h"
#include "smartsynch/personal/exemplar_memory.h"
#include "smartsynch/personal/feedback_log.h"
#include "smartsynch/personal/local_experiment.h"
#include "smartsynch/personal/personal_state.h"
#include "smartsynch/personal/personal_task.h"

namespace smartsynch {

class PersonalClassifier {
 public:
  explicit PersonalClassifier(Classifier base, const PersonalOptions& options = {});

  // `key` decides the arm while an experiment runs: the task's id, or whatever stays the same while
  // its text changes; without one the normalised text is the key. `memo`: as Classifier's.
  PersonalTask Prepare(std::string_view title, std::string_view description = {},
                       std::string_view key = {}, SpellingMemo* memo = nullptr) const;
  Arm ArmOfTask(std::string_view title, std::string_view description, std::string_view key) const;

  // As Classifier's, over the user's categories. Untaught, both give the base's answers.
  Prediction ClassifyInstant(const PersonalTask& task) const;
  Result<Prediction> Classify(const PersonalTask& task, std::span<const float> embedding) const;

  // Appends an event, as FeedbackLog::Append does, after checking that it means something: fails
  // with kNotFound (category_id, target_id), kAlreadyExists (name, category_id), kInvalidArgument
  // (a blank title, a bad name, a merge with itself), kResourceExhausted (beyond
  // kMaxPersonalCategories). Returns the event as it stands in the log. A failure changes nothing.
  Result<FeedbackEvent> Record(FeedbackEvent event);

  // Record() of a category with an id made from the name, and of kUndone.
  Result<FeedbackEvent> AddCategory(std::string_view name, std::int64_t time_ms);
  Result<FeedbackEvent> Undo(std::uint64_t sequence, std::int64_t time_ms);

  // The full tier's embedding of an event's text, as the encoder gave it or as a direction that
  // another classifier with the same encoder made of it. Fails as FeedbackLog::SetEmbedding, or
  // with kInvalidArgument for another dimension than the model's.
  Status SetEmbedding(std::uint64_t sequence, std::span<const float> embedding);
  Status SetDirection(std::uint64_t sequence, std::vector<std::int8_t> direction);

  // Events about a task whose embedding is missing or was made by another encoder.
  std::vector<std::uint64_t> EventsWithoutEmbedding() const;

  // From now on fine-tuned heads answer in place of the base's alone; nothing given: the base
  // again. Fails with kIncompatible for heads of another base model, and then changes nothing.
  // While a category that the heads know is gone (removed, merged, or its addition undone) the base
  // answers.
  Status UseHeads(std::optional<TunedHeads> heads);

  // The heads that answer now; null: the base.
  const TunedHeads* heads() const { return champion_.Get(); }

  // From now on a challenger answers its share of the keys, with these heads or, without, as the
  // base does; nothing given ends the experiment. Fails as UseHeads or CheckExperiment(), and then
  // changes nothing.
  Status UseExperiment(std::optional<LocalExperiment> experiment,
                       std::optional<TunedHeads> challenger = {});
  const std::optional<LocalExperiment>& experiment() const { return experiment_; }

  // Replaces the log and replays it; the base answers again, and no experiment runs. Only what came
  // after a snapshot that fits (personal/snapshot.h) is replayed; answers whether it did.
  bool Load(FeedbackLog log, std::string_view snapshot = {});

  // For a later Load(); due when kEventsPerSnapshot events came since the latest one.
  std::string TakeSnapshot();
  bool NeedsSnapshot() const;

  // FeedbackLog::RemoveTask and RemoveAll, and what was learnt from the events is forgotten too,
  // heads included.
  std::size_t ForgetTask(std::string_view task_id);
  void ForgetAll() { Load(FeedbackLog()); }

  // By id, else by a name that differs at most in case, accents and spacing; kNotFound, field
  // "category".
  Result<Category> FindCategory(std::string_view id_or_name) const;

  const std::vector<Category>& categories() const { return names_; }
  const Classifier& base() const { return base_; }
  const FeedbackLog& log() const { return log_; }
  const PersonalState& state() const { return state_; }
  const PersonalOptions& options() const { return options_; }

  // The base's version; once taught that and "+" and eight hexadecimal digits of a SHA-256 over
  // categories, exemplars, rejections and heads.
  const std::string& version() const { return version_; }

 private:
  Status Check(const FeedbackEvent& event) const;
  Status CheckName(const std::string& name, std::string_view own_id) const;
  Status CheckEvent(const FeedbackEvent& event) const;
  TaskFeatures MakeFeatures(std::string_view title, std::string_view description,
                            const PreparedTask& task) const;
  const TaskFeatures& FeaturesOf(const FeedbackEvent& event);
  std::span<const std::int8_t> FullDirection(const FeedbackEvent& event) const;
  void Replay();
  void ReplayAfter(std::uint64_t sequence);
  void Refresh();
  void RefreshHeads();
  std::string VersionOf(const AnsweringHeads& heads) const;
  const AnsweringHeads& HeadsOf(Arm arm) const;
  Prediction Finish(const PersonalTask& task, Tier tier, const Scores& scores) const;
  Scores Fuse(const Scores& base, const PersonalTask& task, std::span<const float> embedding,
              Tier tier) const;

  Classifier base_;
  PersonalOptions options_;
  FeedbackLog log_;
  PersonalState state_;
  bool is_untaught_ = true;      // PersonalState::IsUntaught(), asked at every letter
  std::vector<Category> names_;  // of state_, in its order
  ExemplarMemory instant_;
  ExemplarMemory full_;
  AnsweringHeads champion_;
  AnsweringHeads challenger_;
  std::optional<LocalExperiment> experiment_;
  std::string version_;
  std::string challenger_version_;
  std::size_t snapshot_events_ = 0;                 // that the latest snapshot holds
  std::map<std::uint64_t, TaskFeatures> features_;  // by event, so that replay reads no text again
};

}  // namespace smartsynch
