#include "smartsynch/learn/few_rows.h"

#include <algorithm>

namespace smartsynch {
namespace {

void Append(const std::vector<float>& values, std::vector<float>& to) {
  to.insert(to.end(), values.begin(), values.end());
}

// Summed in the members' order and divided once.
std::vector<float> Mean(const std::vector<const std::vector<float>*>& members) {
  std::vector<float> mean = *members[0];
  for (std::size_t m = 1; m < members.size(); ++m) {
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += (*members[m])[i];
  }
  const auto count = static_cast<float>(members.size());
  for (float& value : mean) value /= count;
  return mean;
}

DenseHead SideBySide(const std::vector<const DenseHead*>& members) {
  DenseHead wide;
  wide.input = members[0]->input;
  wide.outputs = members[0]->outputs;
  std::vector<const std::vector<float>*> biases;
  for (const DenseHead* member : members) {
    wide.hidden += member->hidden;
    Append(member->b1, wide.b1);
    Append(member->w2, wide.w2);
    biases.push_back(&member->b2);
  }
  for (std::size_t row = 0; row < wide.input; ++row) {
    for (const DenseHead* member : members) {
      const float* weights = member->w1.data() + row * member->hidden;
      wide.w1.insert(wide.w1.end(), weights, weights + member->hidden);
    }
  }
  const auto count = static_cast<float>(members.size());
  for (float& weight : wide.w2) weight /= count;
  wide.b2 = Mean(biases);
  return wide;
}

}  // namespace

std::optional<TrainerOptions> ScheduleForFewRows(const TrainerOptions& options,
                                                 const FewRowsOptions& few_rows, std::size_t rows) {
  if (rows == 0 || options.batch_size == 0 || options.epochs == 0) return std::nullopt;
  const std::size_t steps = (rows - 1) / options.batch_size + 1;  // an epoch
  const std::size_t needed =
      few_rows.least_steps / steps + (few_rows.least_steps % steps > 0 ? 1 : 0);
  if (needed <= options.epochs || options.epochs >= kMostEpochs) return std::nullopt;
  TrainerOptions longer = options;
  const std::size_t most = std::min(kMostEpochs, kMostFewRowsFactor * options.epochs);
  longer.epochs = std::min(needed, most);
  longer.patience = longer.epochs;
  return longer;
}

TrainedHeads AverageHeads(const std::vector<TrainedHeads>& members) {
  std::vector<const DenseHead*> dense;
  std::vector<const DenseHead*> token;
  std::vector<const std::vector<float>*> lexical;
  for (const TrainedHeads& member : members) {
    dense.push_back(&member.dense);
    token.push_back(&member.token);
    lexical.push_back(&member.lexical);
  }
  TrainedHeads mean;
  mean.dense = SideBySide(dense);
  if (members[0].token.input > 0) mean.token = SideBySide(token);
  mean.lexical = Mean(lexical);
  mean.best_epoch = members[0].best_epoch;
  return mean;
}

}  // namespace smartsynch
