#include "smartsynch/learn/trainer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "smartsynch/nn/math.h"

namespace smartsynch {
namespace {

Status CheckOptions(const TrainerOptions& o) {
  const auto bad = [](const char* field, const std::string& expected) {
    return Fail(ErrorCode::kInvalidArgument, std::string(field) + " must be " + expected, field);
  };
  const auto is_rate = [](float value) {
    return std::isfinite(value) && value > 0.0F && value <= 10.0F;
  };
  if (o.hidden == 0 || o.hidden > 4096) return bad("hidden", "1 to 4096");
  if (!(o.dropout >= 0.0F && o.dropout < 1.0F)) return bad("dropout", "at least 0 and below 1");
  if (o.epochs == 0 || o.epochs > kMostEpochs) return bad("epochs", "1 to 10000");
  if (o.patience == 0) return bad("patience", "1 or more");
  if (o.batch_size == 0 || o.batch_size > 65536) return bad("batch_size", "1 to 65536");
  if (!is_rate(o.learning_rate)) return bad("learning_rate", "above 0 and at most 10");
  if (!is_rate(o.lexical_learning_rate))
    return bad("lexical_learning_rate", "above 0 and at most 10");
  if (!(o.weight_decay >= 0.0F && o.weight_decay <= 10.0F)) return bad("weight_decay", "0 to 10");
  if (!(o.label_smoothing >= 0.0F && o.label_smoothing < 1.0F)) {
    return bad("label_smoothing", "at least 0 and below 1");
  }
  if (o.bucket_bits == 0 || o.bucket_bits > 20) return bad("bucket_bits", "1 to 20");
  return {};
}

Status CheckData(const TrainingData& data, const std::vector<std::size_t>& train_rows,
                 const std::vector<std::size_t>& validation_rows, std::size_t buckets) {
  const auto bad = [](const std::string& field, const std::string& what) {
    return Fail(ErrorCode::kInvalidArgument, field + " " + what, field);
  };
  const std::size_t rows = data.rows();
  if (data.dimension == 0 || data.categories == 0)
    return bad("data", "has no dimension or category");
  if (data.embeddings.size() != rows * data.dimension || data.weights.size() != rows ||
      data.lexical_features.size() != rows ||
      data.token_embeddings.size() != rows * data.token_dimension) {
    return bad("data", "has columns of different length");
  }
  const auto first_bad = [](const std::vector<float>& values) {
    const auto found =
        std::find_if(values.begin(), values.end(), [](float v) { return !std::isfinite(v); });
    return static_cast<std::size_t>(found - values.begin());
  };
  if (const std::size_t i = first_bad(data.embeddings); i < data.embeddings.size()) {
    return bad("embeddings[" + std::to_string(i / data.dimension) + "]", "is not finite");
  }
  if (const std::size_t i = first_bad(data.token_embeddings); i < data.token_embeddings.size()) {
    return bad("token_embeddings[" + std::to_string(i / data.token_dimension) + "]",
               "is not finite");
  }
  for (std::size_t r = 0; r < rows; ++r) {
    const std::string place = "[" + std::to_string(r) + "]";
    if (data.labels[r] < kOpenSetLabel || data.labels[r] >= static_cast<int>(data.categories)) {
      return bad("labels" + place, "is " + std::to_string(data.labels[r]) + ", expected -1 to " +
                                       std::to_string(data.categories - 1));
    }
    if (!(data.weights[r] >= 0.0F && data.weights[r] <= 1.0F)) {
      return bad("weights" + place, "is not within 0 to 1");
    }
    for (const std::uint32_t feature : data.lexical_features[r]) {
      if (feature >= buckets) {
        return bad("lexical_features" + place, "holds bucket " + std::to_string(feature) +
                                                   ", expected below " + std::to_string(buckets));
      }
    }
  }
  bool has_category = false;
  for (const auto* part : {&train_rows, &validation_rows}) {
    for (const std::size_t row : *part) {
      if (row >= rows) return bad("rows", "name a row beyond the data");
      has_category = has_category || (part == &train_rows && data.labels[row] >= 0);
    }
  }
  if (!has_category) return bad("train_rows", "hold no sample of any category");
  return {};
}

std::vector<float> RowWeights(const TrainingData& data, const std::vector<std::size_t>& train_rows,
                              bool balance) {
  std::vector<float> weights = data.weights;
  if (!balance) return weights;
  std::vector<float> totals(data.categories, 0.0F);
  float sum = 0.0F;
  for (const std::size_t row : train_rows) {
    if (data.labels[row] < 0) continue;
    totals[static_cast<std::size_t>(data.labels[row])] += data.weights[row];
    sum += data.weights[row];
  }
  const auto present = static_cast<float>(
      std::count_if(totals.begin(), totals.end(), [](float total) { return total > 0.0F; }));
  for (std::size_t r = 0; r < weights.size(); ++r) {
    if (data.labels[r] < 0) continue;
    const float total = totals[static_cast<std::size_t>(data.labels[r])];
    if (total > 0.0F) weights[r] *= sum / (present * total);
  }
  return weights;
}

void LexicalLogits(const std::vector<float>& weights, std::size_t outputs,
                   const std::vector<std::uint32_t>& features, float* logits) {
  std::fill(logits, logits + outputs, 0.0F);
  for (const std::uint32_t feature : features) {
    const float* row = weights.data() + feature * outputs;
    for (std::size_t o = 0; o < outputs; ++o) logits[o] += row[o];
  }
  const float norm =
      features.empty() ? 0.0F : 1.0F / std::sqrt(static_cast<float>(features.size()));
  for (std::size_t o = 0; o < outputs; ++o) logits[o] *= norm;
}

}  // namespace

Result<Trainer> Trainer::Create(const TrainingData& data, std::vector<std::size_t> train_rows,
                                std::vector<std::size_t> validation_rows,
                                const TrainerOptions& options) {
  Status status = CheckOptions(options);
  if (status) {
    status = CheckData(data, train_rows, validation_rows, std::size_t{1} << options.bucket_bits);
  }
  if (!status) return tl::unexpected(status.error());
  return Trainer(data, std::move(train_rows), std::move(validation_rows), options);
}

Trainer::Trainer(const TrainingData& data, std::vector<std::size_t> train_rows,
                 std::vector<std::size_t> validation_rows, const TrainerOptions& options)
    : data_(&data),
      train_rows_(std::move(train_rows)),
      validation_rows_(std::move(validation_rows)),
      options_(options),
      row_weights_(RowWeights(data, train_rows_, options.balance_classes)),
      random_(options.seed) {
  loss_options_.label_smoothing = options.label_smoothing;
  loss_options_.has_open_set =
      std::any_of(train_rows_.begin(), train_rows_.end(),
                  [&](std::size_t r) { return data.labels[r] == kOpenSetLabel; });
  // Rows of the open set have no part in validation; were there no others, a loss of nothing would
  // make the first epoch look best.
  std::erase_if(validation_rows_, [&](std::size_t r) { return data.labels[r] == kOpenSetLabel; });
  InitializeWeights();
}

void Trainer::InitializeDense(std::size_t input, DenseHead& head) {
  head.input = input;
  head.hidden = options_.hidden;
  head.outputs = data_->categories + 1;
  const auto draw = [&](std::size_t inputs, std::size_t outputs, float gain) {
    const float deviation = std::sqrt(gain / static_cast<float>(inputs));
    std::vector<float> weights(inputs * outputs);
    for (float& weight : weights) weight = deviation * random_.NextNormal();
    return weights;
  };
  // He et al. 2015 (arXiv:1502.01852) before the ReLU, plain fan-in scaling after it.
  head.w1 = draw(head.input, head.hidden, 2.0F);
  head.b1.assign(head.hidden, 0.0F);
  head.w2 = draw(head.hidden, head.outputs, 1.0F);
  head.b2.assign(head.outputs, 0.0F);
}

void Trainer::InitializeWeights() {
  InitializeDense(data_->dimension, dense_.head);
  if (data_->token_dimension > 0) InitializeDense(data_->token_dimension, token_.head);
  const std::size_t size = (std::size_t{1} << options_.bucket_bits) * dense_.head.outputs;
  lexical_.assign(size, 0.0F);
  ada_grad_.squared_sum.assign(size, 0.0F);
  lexical_gradient_.assign(size, 0.0F);
}

bool Trainer::finished() const {
  if (history_.size() >= options_.epochs) return true;
  return !validation_rows_.empty() && best_.best_epoch > 0 &&
         history_.size() - best_.best_epoch >= options_.patience;
}

EpochMetrics Trainer::RunEpoch() {
  EpochMetrics metrics;
  metrics.epoch = history_.size() + 1;
  std::vector<std::size_t> order = train_rows_;
  random_.Shuffle(order);
  const std::size_t steps = (order.size() + options_.batch_size - 1) / options_.batch_size;
  const float all_steps = static_cast<float>(steps * options_.epochs);
  float loss_sum = 0.0F;
  for (std::size_t step = 0; step < steps; ++step) {
    const std::size_t begin = step * options_.batch_size;
    const std::size_t end = std::min(begin + options_.batch_size, order.size());
    Batch batch;
    batch.rows.assign(order.begin() + static_cast<std::ptrdiff_t>(begin),
                      order.begin() + static_cast<std::ptrdiff_t>(end));
    for (const std::size_t row : batch.rows) {
      batch.labels.push_back(data_->labels[row]);
      batch.weights.push_back(row_weights_[row]);
    }
    const float done = static_cast<float>(history_.size() * steps + step);
    const float rate = 1.0F - done / all_steps;
    loss_sum += DenseStep(batch, data_->embeddings, rate, dense_);
    loss_sum += LexicalStep(batch, rate);
    if (token_.head.input > 0) {
      loss_sum += DenseStep(batch, data_->token_embeddings, rate, token_);
    }
  }
  metrics.train_loss = loss_sum / static_cast<float>(steps);
  Validate(metrics);
  metrics.is_best =
      validation_rows_.empty() || history_.empty() || metrics.validation_loss < best_loss_;
  if (metrics.is_best) {
    best_loss_ = metrics.validation_loss;
    best_ = {dense_.head, token_.head, lexical_, metrics.epoch};
  }
  history_.push_back(metrics);
  return metrics;
}

float Trainer::DenseStep(const Batch& batch, const std::vector<float>& embeddings, float rate,
                         DenseRun& run) {
  const std::size_t dimension = run.head.input;
  std::vector<float> gathered(batch.rows.size() * dimension);
  for (std::size_t i = 0; i < batch.rows.size(); ++i) {
    std::copy_n(embeddings.data() + batch.rows[i] * dimension, dimension,
                gathered.data() + i * dimension);
  }
  std::vector<float> mask;
  if (options_.dropout > 0.0F) {
    mask.resize(batch.rows.size() * run.head.hidden);
    const float kept = 1.0F / (1.0F - options_.dropout);
    for (float& factor : mask) factor = random_.NextFloat() < options_.dropout ? 0.0F : kept;
  }
  DenseGradient gradient;
  const float loss = DenseLossAndGradient(run.head, gathered.data(), batch.labels, batch.weights,
                                          mask, loss_options_, gradient);
  const float learning_rate = options_.learning_rate * rate;
  run.w1.Step(run.head.w1, gradient.w1, learning_rate, options_.weight_decay);
  run.b1.Step(run.head.b1, gradient.b1, learning_rate, 0.0F);
  run.w2.Step(run.head.w2, gradient.w2, learning_rate, options_.weight_decay);
  run.b2.Step(run.head.b2, gradient.b2, learning_rate, 0.0F);
  return loss;
}

float Trainer::LexicalStep(const Batch& batch, float rate) {
  const std::size_t outputs = dense_.head.outputs;
  std::vector<float> logits(batch.rows.size() * outputs);
  std::vector<float> gradient(batch.rows.size() * outputs);
  for (std::size_t i = 0; i < batch.rows.size(); ++i) {
    LexicalLogits(lexical_, outputs, data_->lexical_features[batch.rows[i]],
                  logits.data() + i * outputs);
  }
  const float loss = ClassificationLoss(logits.data(), outputs, batch.labels, batch.weights,
                                        loss_options_, gradient.data());
  std::vector<std::uint32_t> touched;
  for (std::size_t i = 0; i < batch.rows.size(); ++i) {
    const std::vector<std::uint32_t>& features = data_->lexical_features[batch.rows[i]];
    if (features.empty()) continue;
    const float norm = 1.0F / std::sqrt(static_cast<float>(features.size()));
    touched.insert(touched.end(), features.begin(), features.end());
    for (const std::uint32_t feature : features) {
      for (std::size_t o = 0; o < outputs; ++o) {
        lexical_gradient_[feature * outputs + o] += norm * gradient[i * outputs + o];
      }
    }
  }
  std::sort(touched.begin(), touched.end());
  touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
  const float learning_rate = options_.lexical_learning_rate * rate;
  for (const std::uint32_t feature : touched) {
    for (std::size_t o = 0; o < outputs; ++o) {
      const std::size_t index = feature * outputs + o;
      if (lexical_gradient_[index] != 0.0F) {
        ada_grad_.Step(lexical_, index, lexical_gradient_[index], learning_rate);
        lexical_gradient_[index] = 0.0F;
      }
    }
  }
  return loss;
}

void Trainer::Validate(EpochMetrics& metrics) const {
  if (validation_rows_.empty()) return;
  std::size_t right = 0;
  float loss = 0.0F;
  const std::size_t categories = data_->categories;
  const std::size_t outputs = dense_.head.outputs;
  std::vector<float> dense(outputs);
  std::vector<float> lexical(outputs);
  std::vector<float> token(outputs, 0.0F);
  const bool has_token = token_.head.input > 0;
  const float share = has_token ? 1.0F / 3.0F : 0.5F;
  for (const std::size_t row : validation_rows_) {
    dense_.head.Forward(data_->embeddings.data() + row * data_->dimension, 1, dense.data());
    LexicalLogits(lexical_, outputs, data_->lexical_features[row], lexical.data());
    if (has_token) {
      token_.head.Forward(data_->token_embeddings.data() + row * data_->token_dimension, 1,
                          token.data());
    }
    for (std::size_t c = 0; c < categories; ++c) {
      dense[c] = share * (dense[c] + lexical[c] + token[c]);
    }
    const auto end = dense.begin() + static_cast<std::ptrdiff_t>(categories);
    const auto best = std::max_element(dense.begin(), end);
    float sum = 0.0F;
    for (std::size_t c = 0; c < categories; ++c) sum += Exp(dense[c] - *best);
    const auto label = static_cast<std::size_t>(data_->labels[row]);
    loss += *best + Log(sum) - dense[label];
    right += static_cast<std::size_t>(best - dense.begin()) == label ? 1 : 0;
  }
  const auto rows = static_cast<float>(validation_rows_.size());
  metrics.validation_loss = loss / rows;
  metrics.validation_accuracy = static_cast<float>(right) / rows;
}

}  // namespace smartsynch
