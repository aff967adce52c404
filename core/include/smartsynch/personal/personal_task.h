// A task as PersonalClassifier sees it, and what its memory compares of a text and how much it
// weighs.
//
//   PersonalTask task = personal.Prepare("Water the plants");
//   std::vector<std::int8_t> direction = InstantDirection(task.prepared);
//
// Thread safety: plain values and pure functions.
#pragma once

#include <cstdint>
#include <vector>

#include "smartsynch/engine/classifier.h"
#include "smartsynch/personal/exemplar_memory.h"
#include "smartsynch/personal/feedback_event.h"
#include "smartsynch/personal/personal_state.h"

namespace smartsynch {

struct PersonalOptions {
  MemoryWeights instant = {20.0F, 0.35F, 0.9F, 0.5F};
  MemoryWeights full;
};

// A task's text, ready for both tiers and the memory.
struct PersonalTask {
  PreparedTask prepared;
  TaskFeatures features;
  Arm arm = Arm::kChampion;  // whose turn it is while an experiment runs
};

// What the instant tier's memory compares: the token table's embedding and hashed n-grams, joined
// (personal/quantized_vector.h). The one knows related words, the other names and half-typed words.
// Without a token table it is the n-grams alone.
inline constexpr float kTokenShare = 0.7F;
std::vector<std::int8_t> InstantDirection(const PreparedTask& task,
                                          float token_share = kTokenShare);

}  // namespace smartsynch
