// Finds labels that may be wrong: samples whose category a head, trained on the other samples,
// would not give them. A cheap form of confident learning (Northcutt et al. 2021,
// arXiv:1911.00068): k folds, the dense head alone, no calibration.
//
//   Result<std::vector<Disagreement>> found = FindDisagreements(data, {});
//   for (const Disagreement& d : *found) Show(samples[d.row], d.expected);
//
// Thread safety: pure but for the callback, which runs on the calling thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "smartsynch/base/progress.h"
#include "smartsynch/base/status.h"
#include "smartsynch/learn/training_data.h"

namespace smartsynch {

struct DisagreementOptions {
  std::size_t folds = 5;    // 2 or more
  std::size_t epochs = 24;  // of each fold's training
  std::uint64_t seed = 1;   // of the folds and the trainings
};

struct Disagreement {
  std::size_t row = 0;
  int expected = 0;               // the head's label: a category, or kOpenSetLabel for none of them
  float confidence = 0.0F;        // its probability
  float given_confidence = 0.0F;  // that of the row's own label
};

// Reads the embeddings, labels and weights of `data` alone. Gives the rows whose own label is not
// the most probable one, those first where the two probabilities are farthest apart. Without a row
// of the open set, none is expected to belong to it. `progress` counts epochs. Fails with
// kInvalidArgument as Trainer::Create() does and when there are more folds than rows, and with
// kCancelled.
Result<std::vector<Disagreement>> FindDisagreements(const TrainingData& data,
                                                    const DisagreementOptions& options,
                                                    const ProgressCallback& progress = {});

}  // namespace smartsynch
