// What a fine-tuning (personal/fine_tune.h) needs to know of a personal classifier: the user's
// categories, the tasks that were put in them as numbers without text, and the heads that answer
// now. It stands alone, so that the training can run where neither model nor tokenizer is loaded:
// in a page's worker it goes as bytes into a WebAssembly module of its own.
//
//   Result<FineTuneTask> task = MakeFineTuneTask(personal);
//   std::string bytes = SerializeFineTuneTask(*task);          // to the other module, and there:
//   Result<FineTuneTask> same = ParseFineTuneTask(bytes);
//
// The bytes go between two parts of one build and are never kept. Thread safety: plain values and
// pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "smartsynch/base/status.h"
#include "smartsynch/personal/exemplar_memory.h"
#include "smartsynch/personal/tuned_heads.h"

namespace smartsynch {

class PersonalClassifier;

// Below this many tasks that the user put in a category there is nothing to train and judge on.
inline constexpr std::size_t kFewestToFineTune = 20;

// One task that the user put in a category, as both tiers see it. Logits are combined
// (decide/combined_logits.h) and the base model's, [base categories + 1].
struct FineTuneRow {
  std::uint64_t sequence = 0;     // of the event
  std::size_t category = 0;       // position in FineTuneTask::categories
  std::vector<std::int8_t> full;  // direction; empty until the encoder has run
  std::vector<float> full_logits;
  // Empty where the model has no token head.
  std::vector<std::int8_t> instant;
  std::vector<float> token_embedding;
  std::vector<float> instant_logits;
  bool operator==(const FineTuneRow&) const = default;
};

struct FineTuneTask {
  std::string base_version;
  std::size_t base_categories = 0;
  std::size_t full_dimension = 0;
  std::size_t instant_dimension = 0;  // of the token embedding; 0: the tier is not fine-tuned
  bool has_open_set = false;          // of the base's full tier
  float token_share = 0.0F;           // TunedHeads::token_share
  MemoryWeights instant_memory;
  MemoryWeights full_memory;
  std::vector<TunedCategory> categories;
  std::vector<FineTuneRow> rows;
  std::optional<TunedHeads> champion;  // the heads that answer now
};

// Fails with kInvalidArgument, field "log", when there are fewer than kFewestToFineTune rows.
Result<FineTuneTask> MakeFineTuneTask(const PersonalClassifier& personal);

// The same task gives the same bytes. `champion_file`: the file that the champion was read from,
// where the caller has it; nothing without a champion.
std::string SerializeFineTuneTask(const FineTuneTask& task);
std::string SerializeFineTuneTask(const FineTuneTask& task, std::string_view champion_file);

// Trusts nothing: kInvalidData, naming what and where, for bytes that are cut, go on too long, or
// hold a count, an index or a number that cannot be; kInvalidArgument as MakeFineTuneTask().
Result<FineTuneTask> ParseFineTuneTask(std::string_view bytes);

}  // namespace smartsynch
