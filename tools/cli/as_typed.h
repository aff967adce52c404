// How a model answers while a title is being typed, and when it was typed badly.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>

#include "cli/engine.h"
#include "smartsynch/learn/dataset.h"

namespace smartsynch {

inline constexpr std::array<std::size_t, 4> kTypedPercents = {25, 50, 75, 100};

// Changes from one category to another while a title is typed letter by letter, mean over titles;
// the first one shown does not count.
struct TypedChanges {
  double selected = 0;   // of the category that is selected automatically
  double suggested = 0;  // of the best suggestion, selected or not
};

struct AsTyped {
  std::size_t titles = 0;  // of a category the model has
  std::array<double, 4> instant_accuracy{};
  std::optional<std::array<double, 4>> full_accuracy;  // absent in the instant tier
  TypedChanges instant;
  // After each letter the instant tier's answer, then the full one's.
  std::optional<TypedChanges> cascade;
};

// Looks at the samples whose category the model has, with the description as it stands. Fails with
// kInvalidData when there are none, else as Engine::Predict() does.
Result<AsTyped> EvaluateAsTyped(const Engine& engine, std::span<const Sample> samples,
                                const ProgressCallback& progress = {});

struct Mistyped {
  double rate = 0;
  std::size_t seeds = 0;
  double accuracy = 0;  // means over the seeds
  double macro_f1 = 0;
  double accuracy_lost = 0;  // against the titles as they are
  double macro_f1_lost = 0;
};

// Titles in lower case with slips (learn/typing.h), `seeds` times. Fails as above.
Result<Mistyped> EvaluateMistyped(const Engine& engine, std::span<const Sample> samples,
                                  double rate, std::size_t seeds, std::uint64_t seed,
                                  const ProgressCallback& progress = {});

nlohmann::ordered_json AsTypedToJson(const AsTyped& typed);
nlohmann::ordered_json MistypedToJson(const Mistyped& mistyped);
std::string AsTypedToText(const AsTyped& typed);
std::string MistypedToText(const Mistyped& mistyped);

}  // namespace smartsynch
