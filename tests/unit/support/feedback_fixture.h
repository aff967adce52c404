// A base model with exemplars and a user whose feedback can be learnt: what the tests of
// fine-tuning share.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "smartsynch/model/exemplar_file.h"
#include "smartsynch/personal/fine_tune.h"
#include "smartsynch/personal/personal_classifier.h"

namespace smartsynch::testing {

inline constexpr std::size_t kWideDimension = 16;

// TinyTokenModel() with an embedding of kWideDimension values.
Model WideModel();

// 40 of each category and of the open set; the base's logits are right about all of them.
BaseExemplars WideExemplars();

// Of length one: what tells the groups apart is small beside what varies within each, so nearest
// neighbours and means do badly where a trained head does well. Group 0 to 2 are the base's.
std::vector<float> GroupEmbedding(std::size_t group, std::uint64_t seed);

// Has added "home" (group 3) and "garden" (group 4) and put `each` tasks in both. `can_be_learnt`
// false: what they look like says nothing about where they were put.
PersonalClassifier Taught(std::size_t each, bool can_be_learnt = true);

// Steps enough for so few rows.
FineTuneOptions QuickOptions();

}  // namespace smartsynch::testing
