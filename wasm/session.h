// The one object that JavaScript holds: a loaded model, its tokenizer and what the user taught it.
// Every method answers {ok, value} or {ok, error} (marshal.h), so nothing throws across the
// boundary. Thread safety: one thread per module instance.
//
//   const session = new module.Session();
//   session.load(modelBytes, vocabularyBytes, tokenTableBytes);   // {ok: true, value: {…}}
//   session.classifyInstant("Fix login crash", "");   // {ok: true, value: {decision, …}}
//   session.delete();
#pragma once

#include <emscripten/val.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "loaded_parts.h"
#include "marshal.h"
#include "smartsynch/engine/prediction_cache.h"
#include "smartsynch/personal/personal_classifier.h"

namespace smartsynch::wasm {

class Session {
 public:
  // The bytes of the three files; a model without a token head takes an empty `token_table`.
  // Replaces what was loaded before, also the log; on failure everything stays as it was. Answers
  // modelInfo().
  emscripten::val Load(const std::string& model, const std::string& vocabulary,
                       const std::string& token_table);

  // Load() in steps, so that a page can handle events in between: one file each, in any order, then
  // Start(), which answers modelInfo() and lets go of what it was given, well or badly.
  emscripten::val TakeModel(const std::string& model);
  emscripten::val TakeVocabulary(const std::string& vocabulary);
  emscripten::val TakeTokenTable(const std::string& token_table);
  emscripten::val Start();

  // {ids: Int32Array, truncated, needsEncoder}: what the encoder must be run on. ClassifyHidden()
  // of the same task does not prepare it again.
  emscripten::val Prepare(const std::string& title, const std::string& description);

  // A prediction of the heads that need no encoder.
  emscripten::val ClassifyInstant(const std::string& title, const std::string& description) const;

  // The full tier's answer to an equal task (PredictionCacheKey()), null when it is not remembered.
  // Whatever changes the answers (load, record, addCategory, undo, embedEvent, fillIn, loadLog,
  // importUserData, forgetTask) forgets them all.
  emscripten::val Cached(const std::string& title, const std::string& description);

  // Bounds the cache, 0 switches it off; answers cacheStatistics().
  emscripten::val SetCacheBytes(double bytes);

  // {hits, misses, evictions, entries, bytes, capacityBytes}.
  emscripten::val CacheStatistics() const;

  // A prediction from the encoder's output, which the cache remembers. `hidden`: Float32Array
  // [tokens, dimension], the rows of prepare()'s ids. With no tokens the task must be one that does
  // not need the encoder.
  emscripten::val ClassifyHidden(const std::string& title, const std::string& description,
                                 const emscripten::val& hidden, std::size_t tokens);

  // The same for several tasks at once. `tasks`: [{title, description, key?}]; `hidden`:
  // Float32Array [tasks, sequence, dimension], each task's rows first, then its padding. Answers an
  // array.
  emscripten::val ClassifyHiddenBatch(const emscripten::val& tasks, const emscripten::val& hidden,
                                      std::size_t sequence);

  // Float32Array of the token table's embedding of the task, which needs no encoder: of length one,
  // all zero for a task without a known token; empty for a model without a token head.
  emscripten::val InstantEmbedding(const std::string& title, const std::string& description) const;

  // Float32Array of the pooled, normalised embedding of [tokens, dimension] rows.
  emscripten::val Embedding(const emscripten::val& hidden, std::size_t tokens) const;

  // [{id, name, colour?}]: the model's and the user's, without those removed or merged.
  emscripten::val Categories() const;

  // {modelVersion, encoderSha256, vocabularySha256, dimension}.
  emscripten::val ModelInfo() const;

  // What follows is about learning (session_learning.cpp); personal/personal_classifier.h says
  // more. Numbers of events and times are JavaScript numbers, whole and below 2^53. An event is one
  // line of JSON, as data/README.md describes it.

  // Appends an event given without "sequence"; answers the line as it stands in the log.
  emscripten::val Record(const std::string& line);

  // Appends category_added; answers {id, name, line}. Fails with kInvalidArgument as
  // CheckCategoryName() says and kAlreadyExists for a name that only differs in case or accents.
  emscripten::val AddCategory(const std::string& name, double time_ms);

  // Appends undone; answers its line.
  emscripten::val Undo(double sequence, double time_ms);

  // {id, name} of a category by its id or name.
  emscripten::val FindCategory(const std::string& id_or_name) const;

  // Fills in an event's embedding from the encoder's output [tokens, dimension], or from the same
  // event's line of another session; answers the line.
  emscripten::val EmbedEvent(double sequence, const emscripten::val& hidden, std::size_t tokens);
  emscripten::val FillIn(const std::string& line);

  // [{sequence, title, description}] of the events that have no embedding of this model's encoder.
  emscripten::val EventsWithoutEmbedding() const;

  // The whole log as JSON Lines, and a log in place of the one there is; answers modelInfo().
  emscripten::val Log() const;
  emscripten::val LoadLog(const std::string& lines);

  // The same from a snapshot, of which an empty or unfit one is as good as none
  // (personal/snapshot.h); answers whether it was of use. Then whether one is due, and one of now.
  emscripten::val LoadLogFrom(const std::string& lines, const std::string& snapshot);
  emscripten::val NeedsSnapshot() const;
  emscripten::val TakeSnapshot();

  // The same as user_data.json.
  emscripten::val ExportUserData() const;
  emscripten::val ImportUserData(const std::string& text);

  // Takes a task's events out of the log for good; answers how many.
  emscripten::val ForgetTask(const std::string& task_id);

  // Fine-tuning (session_fine_tune.cpp): what fine_tune_module.cpp trains on, as bytes; and {count,
  // last}, the events about a task after `sequence` and the log's last sequence.
  emscripten::val FineTuneTask() const;
  emscripten::val TaughtSince(double sequence) const;

  // Experiments (session_experiment.cpp; personal/local_experiment.h says more). `experiment`: {id,
  // share, alpha, leastGain, mostShown}, null ends it; `heads`: the challenger's, no bytes: the
  // base is the challenger. While one runs, predictions have `experiment`: {id, arm}, and a
  // challenger's are not remembered. Answers modelInfo().
  emscripten::val UseExperiment(const emscripten::val& experiment, const std::string& heads);

  // Whose turn a task is by its key, or without one by its text: this arm answers cached(),
  // classifyInstant() and classifyHidden() from here on. Answers its name, null while none runs.
  emscripten::val ChooseArm(const std::string& title, const std::string& description,
                            const std::string& key);

  // {champion: {shown, accepted}, challenger: {shown, accepted}, difference, low, high,
  // logEvidence, verdict} so far; null while none runs.
  emscripten::val Experiment() const;

  // Personal heads answer from here on; no bytes: the base again. Answers modelInfo().
  emscripten::val UseHeads(const std::string& heads);

 private:
  // What Prepare() kept, if it was for this task; prepared now otherwise.
  PersonalTask TakePrepared(const std::string& title, const std::string& description);
  // The encoder's output [tokens, dimension] as an embedding.
  Result<std::vector<float>> Pooled(const emscripten::val& hidden, std::size_t tokens) const;
  emscripten::val Adopt(Result<FeedbackLog> log);
  emscripten::val LineOf(std::uint64_t sequence) const;
  emscripten::val Answer(const Prediction& prediction, Arm arm) const;
  // What is about to change; what was true until then is forgotten.
  PersonalClassifier& Change();
  void Remember(const TaskStrings& task, const Prediction& prediction, Arm arm);

  LoadedParts parts_;
  std::optional<PersonalClassifier> personal_;
  std::optional<Preparation> prepared_;
  std::string heads_file_;  // what UseHeads() was given last
  PredictionCache cache_;
  Arm arm_ = Arm::kChampion;
};

}  // namespace smartsynch::wasm
