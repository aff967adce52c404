// The one object that JavaScript holds: a loaded model, its tokenizer and the categories added in
// this session. Every method answers {ok, value} or {ok, error} (marshal.h), so nothing throws
// across the boundary. Thread safety: one thread per module instance.
//
//   const session = new module.Session();
//   session.load(modelBytes, vocabularyBytes);        // {ok: true, value: {modelVersion, …}}
//   session.classifyInstant("Fix login crash", "");   // {ok: true, value: {decision, …}}
//   session.delete();
#pragma once

#include <emscripten/val.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "smartsynch/engine/classifier.h"

namespace smartsynch::wasm {

class Session {
 public:
  // `model`, `vocabulary`: the bytes of the two files. Replaces what was loaded before, also the
  // added categories; on failure everything stays as it was. Answers modelInfo().
  emscripten::val Load(const std::string& model, const std::string& vocabulary);

  // {ids: Int32Array, truncated, needsEncoder}: what the encoder must be run on.
  emscripten::val Prepare(const std::string& title, const std::string& description) const;

  // A prediction of the lexical head alone.
  emscripten::val ClassifyInstant(const std::string& title, const std::string& description) const;

  // A prediction from the encoder's output. `hidden`: Float32Array [tokens, dimension], the rows of
  // prepare()'s ids. With no tokens the task must be one that does not need the encoder.
  emscripten::val ClassifyHidden(const std::string& title, const std::string& description,
                                 const emscripten::val& hidden, std::size_t tokens) const;

  // The same for several tasks at once. `tasks`: [{title, description}]; `hidden`: Float32Array
  // [tasks, sequence, dimension], each task's rows first, then its padding. Answers an array.
  emscripten::val ClassifyHiddenBatch(const emscripten::val& tasks, const emscripten::val& hidden,
                                      std::size_t sequence) const;

  // Float32Array of the pooled, normalised embedding of [tokens, dimension] rows.
  emscripten::val Embedding(const emscripten::val& hidden, std::size_t tokens) const;

  // [{id, name}]: the model's categories, then those added.
  emscripten::val Categories() const;

  // Adds a category for manual choice, in memory only; answers {id, name}. Fails with
  // kInvalidArgument as CheckCategoryName() says and kAlreadyExists for a name that only differs in
  // case or accents.
  emscripten::val AddCategory(const std::string& name);

  // {modelVersion, encoderSha256, vocabularySha256, dimension}.
  emscripten::val ModelInfo() const;

 private:
  std::vector<Category> AllCategories() const;

  std::optional<Classifier> classifier_;
  std::vector<Category> added_;
};

}  // namespace smartsynch::wasm
