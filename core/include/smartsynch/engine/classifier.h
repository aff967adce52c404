// Puts a category on a task. Everything but the ONNX graph happens here: text handling, the heads,
// calibration, open-set score and decision.
//
//   Result<Classifier> classifier =
//       Classifier::Create(std::move(model), std::move(tokenizer), std::move(token_table));
//   PreparedTask task = classifier->Prepare("Fix login crash", "500 on submit");
//   Prediction instant = classifier->ClassifyInstant(task);           // no encoder needed
//   if (task.needs_encoder) {
//     // run the graph on task.encoding.ids, pool (nn/pooling.h), then:
//     Result<Prediction> full = classifier->Classify(task, embedding);
//   }
//
// Thread safety: immutable after creation; any number of threads may call the const methods.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "smartsynch/base/status.h"
#include "smartsynch/decide/calibration.h"
#include "smartsynch/decide/category.h"
#include "smartsynch/decide/decision_policy.h"
#include "smartsynch/engine/encoder.h"
#include "smartsynch/model/model.h"
#include "smartsynch/nn/token_table.h"
#include "smartsynch/text/spelling.h"
#include "smartsynch/text/wordpiece.h"

namespace smartsynch {

// A task's text, ready for both tiers.
struct PreparedTask {
  Encoding encoding;                            // token ids for the sentence transformer
  std::vector<std::uint32_t> lexical_features;  // bucket numbers for the lexical head
  // For the token head; of length one, or all zero. Empty where the model has no such head.
  std::vector<float> token_embedding;
  bool needs_encoder = false;         // false: blank or nothing known, no model need run
  bool is_too_short_for_new = false;  // see kFewestBytesForNew
};

// A new category is proposed only from this many bytes of cleaned words on (four Latin letters, two
// ideographs). The first letters of any title resemble no category; proposing one then would only
// make the page flicker. Such a task gets "suggest" instead of "new".
inline constexpr std::size_t kFewestBytesForNew = 4;

enum class Tier { kInstant, kFull };

// "instant", "full".
const char* TierName(Tier tier);

struct Suggestion {
  std::string category_id;
  std::string category;  // display name
  float confidence = 0.0F;
};

// The answer to one task; its JSON form is ToJson().
struct Prediction {
  DecisionKind decision = DecisionKind::kSuggest;
  std::string category;     // set only when the decision is kAuto
  std::string category_id;  // likewise
  float confidence = 0.0F;  // calibrated probability of the best category; 0 without suggestions
  float novelty = 0.0F;     // open-set score, 0..1: higher fits no category
  std::vector<Suggestion> suggestions;  // best first
  Tier tier = Tier::kFull;
  std::string model_version;
  bool truncated = false;  // the text was cut at the encoder's limit
};

// One line: {"decision","category","categoryId","confidence","novelty","suggestions","tier",
// "modelVersion","truncated"}; category and categoryId are null unless the decision is "auto".
std::string ToJson(const Prediction& prediction);

// The decision on scores, in the form that leaves the core. `scores.probabilities` and `categories`
// belong together.
Prediction MakePrediction(const PreparedTask& task, Tier tier, const Scores& scores,
                          std::span<const Category> categories,
                          const DecisionThresholds& thresholds, const std::string& model_version);

class Classifier {
 public:
  // Fails with kIncompatible, naming both hashes, when the model was made for another vocabulary or
  // token table, and when the table was made for another vocabulary. A model that names no token
  // table takes none: one given is dropped.
  static Result<Classifier> Create(Model model, WordPiece tokenizer,
                                   std::optional<TokenTable> token_table = std::nullopt);

  // Never fails; see text/task_text.h for how title and description are joined. Where the model
  // knows its titles' words, mistyped ones are put right first (text/spelling.h); `memo` is for one
  // who prepares a task at every letter.
  PreparedTask Prepare(std::string_view title, std::string_view description = {},
                       SpellingMemo* memo = nullptr) const;

  // From the lexical and the token head. Empty, blank and all-unknown tasks give "suggest" with no
  // suggestion.
  Prediction ClassifyInstant(const PreparedTask& task) const;

  // `embedding`: model().dense.input values, mean-pooled and L2-normalised. Ignored when the task
  // does not need the encoder. Fails with kInvalidArgument for another length, a value that is not
  // finite, or values so large that the answer would not be.
  Result<Prediction> Classify(const PreparedTask& task, std::span<const float> embedding) const;

  // The scores that the two above decide on, one probability a category of the model; for layers
  // that add evidence of their own. Only for tasks that need the encoder.
  Scores ScoreInstant(const PreparedTask& task) const;
  Result<Scores> Score(const PreparedTask& task, std::span<const float> embedding) const;

  // What those scores are made of (decide/combined_logits.h), [categories + 1]; fails likewise.
  std::vector<float> InstantLogits(const PreparedTask& task) const;
  Result<std::vector<float>> Logits(const PreparedTask& task,
                                    std::span<const float> embedding) const;

  const Model& model() const { return model_; }
  const WordPiece& tokenizer() const { return tokenizer_; }

 private:
  Classifier(Model model, WordPiece tokenizer, std::optional<TokenTable> token_table);
  struct TextLogits {
    std::vector<float> lexical;
    std::vector<float> token;
  };
  TextLogits LogitsOfText(const PreparedTask& task) const;
  Result<std::vector<float>> DenseLogits(std::span<const float> embedding) const;
  Scores Combine(const PreparedTask& task, Tier tier, std::span<const float> dense_logits) const;

  Model model_;
  WordPiece tokenizer_;
  std::optional<Spelling> spelling_;       // there when the model has known words
  std::optional<TokenTable> token_table_;  // there when the model has a token head
};

}  // namespace smartsynch
