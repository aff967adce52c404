#include "smartsynch/learn/select_exemplars.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "smartsynch/base/random.h"
#include "smartsynch/decide/combined_logits.h"

namespace smartsynch {
namespace {

void AppendDirection(const std::vector<float>& embeddings, std::size_t dimension, std::size_t row,
                     std::vector<std::int8_t>& out) {
  const float* start = embeddings.data() + row * dimension;
  float largest = 0.0F;
  for (std::size_t i = 0; i < dimension; ++i) largest = std::max(largest, std::fabs(start[i]));
  const float factor = largest > 0.0F ? 127.0F / largest : 0.0F;
  for (std::size_t i = 0; i < dimension; ++i) {
    out.push_back(static_cast<std::int8_t>(std::nearbyint(start[i] * factor)));
  }
}

}  // namespace

Result<BaseExemplars> SelectExemplars(const TrainingData& data, const TrainedModel& trained,
                                      std::uint64_t seed, std::size_t most) {
  const HeldOutLogits& held_out = trained.held_out;
  const std::size_t groups = data.categories + 1;
  std::vector<std::vector<std::size_t>> places(groups);  // in held_out, by label, open set last
  for (std::size_t i = 0; i < held_out.labels.size(); ++i) {
    const int label = held_out.labels[i];
    places[label < 0 ? data.categories : static_cast<std::size_t>(label)].push_back(i);
  }
  if (held_out.labels.empty() || held_out.data_rows.size() != held_out.labels.size()) {
    return Fail(ErrorCode::kInvalidArgument, "the training held no row out to choose from",
                "held_out");
  }
  BaseExemplars exemplars;
  exemplars.model_version = trained.model.version;
  exemplars.full.dimension = data.dimension;
  exemplars.instant.dimension = data.token_dimension;
  Random random(seed);
  std::vector<float> full;
  std::vector<float> instant;
  for (std::vector<std::size_t>& group : places) {
    random.Shuffle(group);
    group.resize(std::min(group.size(), most / groups));
    exemplars.counts.push_back(group.size());
    for (const std::size_t place : group) {
      const std::size_t row = held_out.data_rows[place];
      AppendDirection(data.embeddings, data.dimension, row, exemplars.full.directions);
      AppendDirection(data.token_embeddings, data.token_dimension, row,
                      exemplars.instant.directions);
      const HeadLogits logits = LogitsOf(held_out, place);
      const std::vector<float> of_full = CombineLogits(logits, trained.model.full.calibration);
      full.insert(full.end(), of_full.begin(), of_full.end());
      HeadLogits without_encoder = logits;
      without_encoder.dense = {};
      const std::vector<float> of_instant =
          CombineLogits(without_encoder, trained.model.instant.calibration);
      instant.insert(instant.end(), of_instant.begin(), of_instant.end());
    }
  }
  SetLogits(full, groups, exemplars.full);
  if (data.token_dimension > 0) SetLogits(instant, groups, exemplars.instant);
  return exemplars;
}

}  // namespace smartsynch
