// Trains the heads by mini-batches. One Trainer is one run: it can be stopped after any epoch,
// stored as bytes and continued later with exactly the result it would have had.
//
//   Result<Trainer> trainer = Trainer::Create(data, train_rows, validation_rows, options);
//   while (!trainer->finished()) {
//     EpochMetrics metrics = trainer->RunEpoch();
//     SaveCheckpoint(trainer->Checkpoint());
//   }
//   TrainedHeads heads = trainer->Best();
//
// The same data, options and seed give the same bits on every host. The heads are trained side by
// side, each on its own loss: trained as one sum, the lexical head would explain the training
// samples alone and the others would learn little. A token head is trained when the data have
// embeddings of a token table. Thread safety: one thread at a time; `data` must outlive the trainer
// and stay unchanged.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "smartsynch/base/random.h"
#include "smartsynch/base/status.h"
#include "smartsynch/learn/dense_gradient.h"
#include "smartsynch/learn/optimizer.h"
#include "smartsynch/learn/training_data.h"
#include "smartsynch/nn/dense_head.h"

namespace smartsynch {

// No run takes more.
inline constexpr std::size_t kMostEpochs = 10000;

struct TrainerOptions {
  std::size_t hidden = 128;     // units of the dense and the token head's hidden layer
  float dropout = 0.2F;         // probability that a hidden unit is left out of a step
  std::size_t epochs = 24;      // at most; the learning rates fall linearly to zero over these
  std::size_t patience = 8;     // stop after this many epochs without a better validation loss
  std::size_t batch_size = 32;  // samples a step
  float learning_rate = 2e-3F;  // dense and token head, AdamW
  float weight_decay = 1e-2F;   // likewise
  float lexical_learning_rate = 0.1F;  // lexical head, AdaGrad
  std::size_t bucket_bits = 15;        // 2^15 buckets in the lexical head
  float label_smoothing = 0.05F;
  bool balance_classes = true;  // weight each category by total / (categories * its count)
  std::uint64_t seed = 1;
};

struct EpochMetrics {
  std::size_t epoch = 0;    // from 1
  float train_loss = 0.0F;  // mean over steps, all heads added, with dropout
  float validation_loss =
      0.0F;  // cross-entropy of the heads' averaged logits; 0 without validation
  float validation_accuracy = 0.0F;  // arg-max of the same; 0 without validation
  bool is_best = false;
};

struct TrainedHeads {
  DenseHead dense;
  DenseHead token;             // an input of 0 without a token table
  std::vector<float> lexical;  // float weights [2^bucket_bits, categories + 1]
  std::size_t best_epoch = 0;
};

class Trainer {
 public:
  // Validation looks at rows with a category only. Without such a row the run takes all `epochs`
  // and the last epoch is the best. Fails with kInvalidArgument, naming the option or the row, for
  // options, labels or lexical features out of range, values that are not finite, or no row with a
  // category to train on.
  static Result<Trainer> Create(const TrainingData& data, std::vector<std::size_t> train_rows,
                                std::vector<std::size_t> validation_rows,
                                const TrainerOptions& options);

  // Call only while the run is not finished.
  EpochMetrics RunEpoch();
  bool finished() const;
  const std::vector<EpochMetrics>& history() const { return history_; }
  const TrainedHeads& Best() const { return best_; }

  // The whole state, as safetensors bytes with a hash of their content; and back. Restore fails
  // with kInvalidModel for damaged bytes and kIncompatible when they come from other options or
  // data, and then changes nothing.
  std::string Checkpoint() const;
  Status Restore(std::string_view bytes);

 private:
  Trainer(const TrainingData& data, std::vector<std::size_t> train_rows,
          std::vector<std::size_t> validation_rows, const TrainerOptions& options);
  void InitializeWeights();
  const std::string& Fingerprint() const;
  std::string ComputeFingerprint() const;
  bool ReadState(const std::string& text);
  template <typename State, typename Visitor>
  static void VisitTensors(State& state, Visitor&& visit);
  // A dense head and what training it needs.
  struct DenseRun {
    DenseHead head;
    AdamW w1, b1, w2, b2;
  };
  // The samples of one step: rows of the data, with what every head needs of each.
  struct Batch {
    std::vector<std::size_t> rows;
    std::vector<int> labels;
    std::vector<float> weights;
  };
  void InitializeDense(std::size_t input, DenseHead& head);
  float DenseStep(const Batch& batch, const std::vector<float>& embeddings, float rate,
                  DenseRun& run);
  float LexicalStep(const Batch& batch, float rate);
  void Validate(EpochMetrics& metrics) const;

  const TrainingData* data_;
  std::vector<std::size_t> train_rows_;
  std::vector<std::size_t> validation_rows_;
  TrainerOptions options_;
  LossOptions loss_options_;
  std::vector<float> row_weights_;  // sample weight times class weight, by row of the data
  Random random_;
  DenseRun dense_;
  DenseRun token_;  // of input 0 without a token table
  std::vector<float> lexical_;
  AdaGrad ada_grad_;
  std::vector<float> lexical_gradient_;  // kept between steps, all zero
  std::vector<EpochMetrics> history_;
  TrainedHeads best_;
  float best_loss_ = 0.0F;
  mutable std::string fingerprint_;  // of data, rows and options; computed when first needed
};

}  // namespace smartsynch
