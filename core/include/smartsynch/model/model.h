// A trained model in memory: its heads, calibration, thresholds, categories and where it came
// from. Its file form is in model/model_file.h, drawn in models/FORMAT.md. Thread safety: a plain
// value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "smartsynch/decide/calibration.h"
#include "smartsynch/decide/category.h"
#include "smartsynch/decide/category_centres.h"
#include "smartsynch/decide/decision_policy.h"
#include "smartsynch/nn/dense_head.h"
#include "smartsynch/nn/lexical_head.h"

namespace smartsynch {

// How one tier turns logits into a decision.
struct TierSettings {
  Calibration calibration;
  DecisionThresholds thresholds;
};

// A task with the answer the trainer gave: loading a model computes it anew and refuses the file
// when it differs, so a damaged or misread file cannot answer wrongly.
struct SelfTestSample {
  std::string title;
  std::string description;
  std::vector<float> embedding;        // as the trainer's encoder gave it
  std::vector<float> token_embedding;  // as the token table gave it; empty without one
  std::vector<float> probabilities;    // expected of the full tier
  float novelty = 0.0F;                // expected of the full tier
};

// Facts about the training, kept with the model and shown by tools; nothing is computed from them.
struct Provenance {
  std::string created_by;  // program and version
  std::uint64_t seed = 0;
  std::string training_data_sha256;
  std::size_t training_samples = 0;
  std::size_t open_set_samples = 0;
  std::string metrics_json = "{}";  // measured by the trainer on held-out folds
};

struct Model {
  std::vector<Category> categories;
  DenseHead dense;
  LexicalHead lexical;
  // On the token table's embedding, for both tiers. An input of 0: the model has no such head.
  DenseHead token_dense;
  // Say the full tier's novelty in a model that was trained without open-set samples.
  CategoryCentres centres;
  TierSettings full;
  TierSettings instant;
  std::string encoder_sha256;  // of the ONNX graph whose embeddings the dense head was trained on
  std::string vocabulary_sha256;
  std::string token_table_sha256;  // of the file token_dense was trained on; empty without
  // KnownWords() of the texts it was trained on (text/known_words.h); nothing: tasks are read as
  // they are written.
  std::optional<std::string> known_words;
  std::vector<SelfTestSample> self_test;
  Provenance provenance;
  // The first 16 hexadecimal digits of the file's SHA-256; set by ParseModel, empty before.
  std::string version;
};

}  // namespace smartsynch
