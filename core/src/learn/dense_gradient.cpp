#include "smartsynch/learn/dense_gradient.h"

#include <algorithm>

#include "smartsynch/nn/matrix.h"

namespace smartsynch {
namespace {

// weights[k, n] = inputs[m, k] transposed * outputs[m, n]; bias[n] = column sums of outputs.
void WeightGradient(const float* inputs, const float* outputs, std::size_t m, std::size_t k,
                    std::size_t n, std::vector<float>& weights, std::vector<float>& bias) {
  weights.resize(k * n);
  MatMulTransposed(inputs, outputs, weights.data(), k, m, n);
  bias.assign(n, 0.0F);
  for (std::size_t r = 0; r < m; ++r) {
    for (std::size_t c = 0; c < n; ++c) bias[c] += outputs[r * n + c];
  }
}

}  // namespace

float DenseLossAndGradient(const DenseHead& head, const float* embeddings,
                           std::span<const int> labels, std::span<const float> weights,
                           std::span<const float> dropout_mask, const LossOptions& options,
                           DenseGradient& gradient) {
  const std::size_t rows = labels.size();

  // Forward: hidden = relu(x w1 + b1) * mask, logits = hidden w2 + b2.
  std::vector<float> hidden(rows * head.hidden);
  std::vector<float> logits(rows * head.outputs);
  for (std::size_t r = 0; r < rows; ++r) {
    std::copy(head.b1.begin(), head.b1.end(), hidden.data() + r * head.hidden);
    std::copy(head.b2.begin(), head.b2.end(), logits.data() + r * head.outputs);
  }
  MatMul(embeddings, head.w1.data(), hidden.data(), rows, head.input, head.hidden, true);
  std::vector<float> slope(rows * head.hidden);  // d hidden / d pre-activation
  for (std::size_t i = 0; i < hidden.size(); ++i) {
    const float factor = dropout_mask.empty() ? 1.0F : dropout_mask[i];
    slope[i] = hidden[i] > 0.0F ? factor : 0.0F;
    hidden[i] *= slope[i];
  }
  MatMul(hidden.data(), head.w2.data(), logits.data(), rows, head.hidden, head.outputs, true);

  // Backward, in reverse.
  std::vector<float> logit_gradient(logits.size());
  const float loss = ClassificationLoss(logits.data(), head.outputs, labels, weights, options,
                                        logit_gradient.data());
  WeightGradient(hidden.data(), logit_gradient.data(), rows, head.hidden, head.outputs, gradient.w2,
                 gradient.b2);
  std::vector<float> w2_transposed(head.w2.size());
  Transpose(head.w2.data(), w2_transposed.data(), head.hidden, head.outputs);
  std::vector<float> hidden_gradient(hidden.size());
  MatMul(logit_gradient.data(), w2_transposed.data(), hidden_gradient.data(), rows, head.outputs,
         head.hidden);
  for (std::size_t i = 0; i < hidden_gradient.size(); ++i) hidden_gradient[i] *= slope[i];
  WeightGradient(embeddings, hidden_gradient.data(), rows, head.input, head.hidden, gradient.w1,
                 gradient.b1);
  return loss;
}

}  // namespace smartsynch
