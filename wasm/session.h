// The one object that JavaScript holds: a loaded model, its tokenizer and what the user taught it.
// Its calls about learning, fine-tuning and experiments stand in headers of their own. Every call
// answers {ok, value} or {ok, error} (marshal.h), so nothing throws across the boundary. Thread
// safety: one thread per module instance.
//
//   const session = new module.Session();
//   session.load(modelBytes, vocabularyBytes, tokenTableBytes);   // {ok: true, value: {…}}
//   session.classifyInstant("Fix login crash", "");   // {ok: true, value: {decision, …}}
//   session.delete();
#pragma once

#include <emscripten/val.h>

#include <cstddef>
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
  // The bytes of the three files, each a Uint8Array; a model without a token head takes an empty
  // `token_table`. Replaces what was loaded before, also the log; on failure everything stays as it
  // was. Answers modelInfo().
  emscripten::val Load(const emscripten::val& model, const emscripten::val& vocabulary,
                       const emscripten::val& token_table);

  // Load() in steps, so that a page can handle events in between: one file each, in any order, then
  // Start(), which answers modelInfo() and lets go of what it was given, well or badly. `sha256`:
  // of the model that is wanted, in hexadecimal digits; empty where that is not known
  // (ParseModel()).
  emscripten::val TakeModel(const emscripten::val& model, const std::string& sha256);
  emscripten::val TakeVocabulary(const emscripten::val& vocabulary);
  emscripten::val TakeTokenTable(const emscripten::val& token_table);
  emscripten::val Start();

  // {ids: Int32Array, truncated, needsEncoder}: what the encoder must be run on. ClassifyHidden()
  // of the same task does not prepare it again.
  emscripten::val Prepare(const std::string& title, const std::string& description);

  // A prediction of the heads that need no encoder.
  emscripten::val ClassifyInstant(const std::string& title, const std::string& description);

  // What the full tier begins with: its answer to an equal task (PredictionCacheKey()) where that
  // is remembered, {known}; otherwise `known` is null and the rest as Prepare() has it. Whatever
  // changes the answers (load, record, addCategory, undo, embedEvent, fillIn, loadLog,
  // importUserData, forgetTask) forgets them all.
  emscripten::val CachedOrPrepared(const std::string& title, const std::string& description);

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

  // What follows is for the calls in session_learning.h, session_fine_tune.h, session_experiment.h.

  // Null before load().
  const PersonalClassifier* personal() const { return personal_ ? &*personal_ : nullptr; }
  PersonalClassifier* personal() { return personal_ ? &*personal_ : nullptr; }

  // What is about to change, once loaded; what was true until then is forgotten.
  PersonalClassifier& Change();

  // The encoder's output [tokens, dimension] as an embedding.
  Result<std::vector<float>> Pooled(const emscripten::val& hidden, std::size_t tokens) const;

  // This arm answers cachedOrPrepared(), classifyInstant() and classifyHidden() from here on.
  void UseArm(Arm arm) { arm_ = arm; }

  // The file of the heads that answer, which a fine-tuning goes on from; empty: the base's.
  const std::string& heads_file() const { return heads_file_; }
  void KeepHeadsFile(const std::string& heads) { heads_file_ = heads; }

 private:
  // A text that may be one letter longer next time.
  PersonalTask PrepareTyped(const std::string& title, const std::string& description);
  // What Prepare() kept, if it was for this task; prepared now otherwise.
  PersonalTask TakePrepared(const std::string& title, const std::string& description);
  emscripten::val Answer(const Prediction& prediction, Arm arm);
  const PreparedTask& KeepPrepared(const std::string& title, const std::string& description);
  void Remember(const TaskStrings& task, const Prediction& prediction, Arm arm);

  LoadedParts parts_;
  std::optional<PersonalClassifier> personal_;
  std::optional<Preparation> prepared_;
  SpellingMemo spelling_memo_;
  std::string heads_file_;
  PredictionCache cache_;
  KnownTexts texts_;
  Arm arm_ = Arm::kChampion;
};

}  // namespace smartsynch::wasm
