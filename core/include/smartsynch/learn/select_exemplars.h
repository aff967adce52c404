// Chooses what a fine-tuning on the device replays of the base model's training. Thread safety: a
// pure function.
#pragma once

#include <cstddef>
#include <cstdint>

#include "smartsynch/learn/train_model.h"
#include "smartsynch/learn/training_data.h"
#include "smartsynch/model/exemplar_file.h"

namespace smartsynch {

// 2,000 rows of 384 and 128 values are 0.78 MB for the full tier and 0.27 MB for the instant one.
inline constexpr std::size_t kBaseExemplars = 2000;

// At most `most` rows that were held out in the training of `trained`, the same number of every
// category and of the open set as far as there are; drawn by `seed`. `trained.model.version` is
// copied, so set it first. Fails with kInvalidArgument when nothing was held out.
Result<BaseExemplars> SelectExemplars(const TrainingData& data, const TrainedModel& trained,
                                      std::uint64_t seed, std::size_t most = kBaseExemplars);

}  // namespace smartsynch
