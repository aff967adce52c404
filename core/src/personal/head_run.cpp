#include "personal/head_run.h"

#include <algorithm>
#include <utility>

#include "smartsynch/learn/training_data.h"
#include "smartsynch/nn/matrix.h"

namespace smartsynch {
namespace {

// Embeddings have length one, so their products are small; scaled, one learning rate suits weights
// and bias.
constexpr float kScale = 10.0F;

}  // namespace

HeadRun::HeadRun(std::size_t input, std::size_t outputs, const std::vector<float>& x,
                 std::vector<float> offsets, const std::vector<int>& labels,
                 const std::vector<float>& weights, std::vector<std::size_t> rows,
                 const FineTuneOptions& options)
    : x_(x),
      offsets_(std::move(offsets)),
      labels_(labels),
      row_weights_(weights),
      rows_(std::move(rows)),
      options_(options),
      input_(input),
      outputs_(outputs),
      random_(options.seed),
      weights_(input * outputs, 0.0F),
      bias_(outputs, 0.0F) {
  loss_.label_smoothing = 0.0F;
  loss_.has_open_set = false;  // the last column only passes through
  std::erase_if(rows_, [&](std::size_t r) { return labels_[r] == kOpenSetLabel; });
  steps_ = options_.epochs * ((rows_.size() + options_.batch_size - 1) / options_.batch_size);
}

void HeadRun::Step() {
  const std::size_t per_epoch = steps_ / options_.epochs;
  const std::size_t begin = step_ % per_epoch * options_.batch_size;
  if (begin == 0) random_.Shuffle(rows_);
  const std::size_t count = std::min(options_.batch_size, rows_.size() - begin);
  std::vector<float> inputs(count * input_);
  std::vector<float> logits(count * outputs_);
  std::vector<int> labels(count);
  std::vector<float> weights(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t row = rows_[begin + i];
    for (std::size_t j = 0; j < input_; ++j) inputs[i * input_ + j] = kScale * x_[row * input_ + j];
    for (std::size_t o = 0; o < outputs_; ++o) {
      logits[i * outputs_ + o] = offsets_[row * outputs_ + o] + bias_[o];
    }
    labels[i] = labels_[row];
    weights[i] = row_weights_[row];
  }
  MatMul(inputs.data(), weights_.data(), logits.data(), count, input_, outputs_, true);
  std::vector<float> slope(logits.size());
  ClassificationLoss(logits.data(), outputs_, labels, weights, loss_, slope.data());
  std::vector<float> transposed(inputs.size());
  Transpose(inputs.data(), transposed.data(), count, input_);
  std::vector<float> gradient(weights_.size());
  MatMul(transposed.data(), slope.data(), gradient.data(), input_, count, outputs_);
  for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] += options_.decay * weights_[i];
  std::vector<float> bias_gradient(outputs_, 0.0F);
  for (std::size_t i = 0; i < slope.size(); ++i) bias_gradient[i % outputs_] += slope[i];
  const float left = 1.0F - static_cast<float>(step_) / static_cast<float>(steps_);
  weight_optimizer_.Step(weights_, gradient, options_.learning_rate * left, 0.0F);
  bias_optimizer_.Step(bias_, bias_gradient, options_.learning_rate * left, 0.0F);
  ++step_;
}

TunedTier HeadRun::Head() const {
  TunedTier head;
  head.input = input_;
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    if (i % outputs_ + 1 < outputs_) head.weights.push_back(kScale * weights_[i]);
  }
  head.bias.assign(bias_.begin(), bias_.end() - 1);
  return head;
}

}  // namespace smartsynch
