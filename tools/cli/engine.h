// A loaded model with everything it needs to answer: vocabulary and, for the full tier, encoder.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cli/ort_encoder.h"
#include "smartsynch/base/progress.h"
#include "smartsynch/base/status.h"
#include "smartsynch/engine/classifier.h"

namespace smartsynch {

// Empty paths stand for the defaults of cli/locations.h.
struct EngineOptions {
  std::string model;
  std::string encoder;
  std::string vocabulary;
  std::string token_table;  // "none": do without
  std::size_t threads = 0;  // of the encoder; 0: all cores
  Tier tier = Tier::kFull;
};

// What a prediction is asked for.
struct Task {
  std::string title;
  std::string description;
};

Result<WordPiece> LoadVocabulary(const std::string& path);

// Nothing for "none". Fails as reading and parsing do, and with kIncompatible when the table was
// made for another vocabulary than the tokenizer's.
Result<std::optional<TokenTable>> LoadTokenTable(const std::string& path,
                                                 const WordPiece& tokenizer);
Result<std::unique_ptr<OrtEncoder>> LoadEncoder(const EngineOptions& options);

// Thread safety: as its classifier and encoder: Predict() may run in several threads at once.
class Engine {
 public:
  // Fails as reading and parsing do, and with kIncompatible when the model was trained for another
  // encoder, vocabulary or token table. The instant tier needs and loads no encoder; a model
  // without a token head needs and loads no token table.
  static Result<Engine> Load(const EngineOptions& options);

  // The same from parts already loaded; `encoder` may be null for the instant tier.
  static Result<Engine> FromParts(Model model, WordPiece tokenizer,
                                  std::optional<TokenTable> token_table,
                                  std::unique_ptr<OrtEncoder> encoder, Tier tier);

  // One prediction a task, in order. Fails only when the encoder does, or with kCancelled.
  Result<std::vector<Prediction>> Predict(std::span<const Task> tasks,
                                          const ProgressCallback& progress = {}) const;

  const Classifier& classifier() const { return classifier_; }
  Tier tier() const { return tier_; }

 private:
  Engine(Classifier classifier, std::unique_ptr<OrtEncoder> encoder, Tier tier);

  Classifier classifier_;
  std::unique_ptr<OrtEncoder> encoder_;
  Tier tier_;
};

}  // namespace smartsynch
