#include "smartsynch/distill/distill_table.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "smartsynch/base/random.h"
#include "smartsynch/distill/principal_axes.h"

namespace smartsynch {
namespace {

// Arora, Liang & Ma's a: a token of this relative frequency is weighted one half.
constexpr double kSmoothing = 1e-3;

Status Check(const DistillData& data, const DistillOptions& o) {
  const auto bad = [](const std::string& field, const std::string& what) {
    return Fail(ErrorCode::kInvalidArgument, field + " " + what, field);
  };
  const std::size_t width = data.encoder_dimension;
  if (width == 0 || data.entries.empty() || data.entries.size() % width != 0) {
    return bad("entries", "are not whole rows of the encoder's dimension");
  }
  if (data.texts.empty()) return bad("texts", "are none, expected one or more");
  if (data.targets.size() != data.texts.size() * width) {
    return bad("targets", "are not one row a text");
  }
  if (o.dimension == 0 || o.dimension % 2 != 0 || o.dimension > width) {
    return bad("dimension", "is " + std::to_string(o.dimension) + ", expected an even number to " +
                                std::to_string(width));
  }
  if (o.bits != 3 && o.bits != 4 && o.bits != 8) {
    return bad("bits", "is " + std::to_string(o.bits) + ", expected 3, 4 or 8");
  }
  if (o.batch_size == 0 || o.batch_size > 65536) return bad("batch_size", "must be 1 to 65536");
  if (o.epochs > 10000) return bad("epochs", "must be at most 10000");
  if (o.patience == 0) return bad("patience", "must be 1 or more");
  if (!(o.learning_rate > 0.0F && o.learning_rate <= 10.0F)) {
    return bad("learning_rate", "must be above 0 and at most 10");
  }
  if (!(o.held_out >= 0.0 && o.held_out < 1.0)) {
    return bad("held_out", "must be at least 0 and below 1");
  }
  const auto rows = data.entries.size() / width;
  for (std::size_t t = 0; t < data.texts.size(); ++t) {
    for (const std::int32_t id : data.texts[t]) {
      if (id < 0 || static_cast<std::size_t>(id) >= rows) {
        return bad(
            "texts[" + std::to_string(t) + "]",
            "holds the id " + std::to_string(id) + ", expected below " + std::to_string(rows));
      }
    }
  }
  for (const auto* values : {&data.entries, &data.targets}) {
    const auto wrong =
        std::find_if(values->begin(), values->end(), [](float v) { return !std::isfinite(v); });
    if (wrong == values->end()) continue;
    const auto row = static_cast<std::size_t>(wrong - values->begin()) / width;
    return bad((values == &data.entries ? "entries[" : "targets[") + std::to_string(row) + "]",
               "is not finite");
  }
  return {};
}

void Normalize(float* values, std::size_t size) {
  double squares = 0.0;
  for (std::size_t i = 0; i < size; ++i) {
    squares += static_cast<double>(values[i]) * static_cast<double>(values[i]);
  }
  if (squares == 0.0) return;
  const double norm = std::sqrt(squares);
  for (std::size_t i = 0; i < size; ++i) {
    values[i] = static_cast<float>(static_cast<double>(values[i]) / norm);
  }
}

class Distiller {
 public:
  Distiller(const DistillData& data, const DistillOptions& options)
      : data_(data), options_(options), random_(options.seed) {}

  Result<DistilledTable> Run(const DistillCallback& on_epoch);

 private:
  void Prepare();
  void InitializeRows(const PrincipalAxes& axes);
  std::vector<double> Frequencies() const;
  double RunEpoch(std::size_t epoch);
  double Step(const std::size_t* texts, std::size_t count, float rate);
  double HeldOutCosine();
  void RoundAll();

  const DistillData& data_;
  const DistillOptions& options_;
  Random random_;
  std::size_t vocabulary_ = 0;
  std::vector<bool> has_row_;
  std::vector<float> targets_;      // [texts, dimension], length one
  std::vector<float> rows_;         // [vocabulary, dimension]
  std::vector<float> squared_sum_;  // AdaGrad's
  std::vector<float> gradient_;     // kept between steps, all zero
  std::vector<std::size_t> train_;
  std::vector<std::size_t> held_out_;
  DistilledTable result_;
};

void Distiller::Prepare() {
  const std::size_t width = data_.encoder_dimension;
  vocabulary_ = data_.entries.size() / width;
  has_row_.assign(vocabulary_, false);
  for (std::size_t i = 0; i < data_.entries.size(); ++i) {
    if (data_.entries[i] != 0.0F) has_row_[i / width] = true;
  }
  result_.used_rows = static_cast<std::size_t>(std::count(has_row_.begin(), has_row_.end(), true));
  const PrincipalAxes axes = FindPrincipalAxes(data_.targets, width, options_.dimension);
  result_.explained = axes.explained;
  const std::size_t d = options_.dimension;
  targets_.resize(data_.texts.size() * d);
  for (std::size_t t = 0; t < data_.texts.size(); ++t) {
    axes.Project(data_.targets.data() + t * width, targets_.data() + t * d);
    Normalize(targets_.data() + t * d, d);
  }
  InitializeRows(axes);
  TokenTable& table = result_.table;
  table.dimension = d;
  table.bits = options_.bits;
  table.seed = options_.seed;
  table.scale.assign(vocabulary_, 0.0F);
  table.codes.assign(vocabulary_ * table.RowBytes(), 0);

  std::vector<std::size_t> order(data_.texts.size());
  for (std::size_t t = 0; t < order.size(); ++t) order[t] = t;
  random_.Shuffle(order);
  const auto count =
      static_cast<std::ptrdiff_t>(options_.held_out * static_cast<double>(order.size()));
  held_out_.assign(order.begin(), order.begin() + count);
  train_.assign(order.begin() + count, order.end());
}

// Counted in the texts; an entry that does not occur is as frequent as half an occurrence.
std::vector<double> Distiller::Frequencies() const {
  std::vector<double> frequencies(vocabulary_, 0.5);
  double all = 0.0;
  for (const auto& ids : data_.texts) {
    for (const std::int32_t id : ids) frequencies[static_cast<std::size_t>(id)] += 1.0;
    all += static_cast<double>(ids.size());
  }
  for (double& frequency : frequencies) frequency /= std::max(all, 1.0);
  return frequencies;
}

void Distiller::InitializeRows(const PrincipalAxes& axes) {
  const std::size_t d = options_.dimension;
  const std::vector<double> frequencies = Frequencies();
  rows_.assign(vocabulary_ * d, 0.0F);
  double lengths = 0.0;
  for (std::size_t row = 0; row < vocabulary_; ++row) {
    if (!has_row_[row]) continue;
    float* values = rows_.data() + row * d;
    axes.Project(data_.entries.data() + row * data_.encoder_dimension, values);
    const double weight = kSmoothing / (kSmoothing + frequencies[row]);
    double squares = 0.0;
    for (std::size_t i = 0; i < d; ++i) {
      values[i] = static_cast<float>(static_cast<double>(values[i]) * weight);
      squares += static_cast<double>(values[i]) * static_cast<double>(values[i]);
    }
    lengths += std::sqrt(squares);
  }
  // Rows of mean length one, so that the learning rate means the same for every encoder.
  if (lengths > 0.0) {
    const auto factor = static_cast<float>(static_cast<double>(result_.used_rows) / lengths);
    for (float& value : rows_) value *= factor;
  }
  squared_sum_.assign(rows_.size(), 0.0F);
  gradient_.assign(rows_.size(), 0.0F);
}

void Distiller::RoundAll() {
  for (std::size_t row = 0; row < vocabulary_; ++row) {
    if (has_row_[row]) result_.table.SetRow(row, rows_.data() + row * options_.dimension);
  }
}

// One step of gradient descent on 1 - cosine. The forward pass sees rounded rows and the gradient
// passes through the rounding as if it were none (straight-through, Bengio et al. 2013).
double Distiller::Step(const std::size_t* texts, std::size_t count, float rate) {
  const std::size_t d = options_.dimension;
  std::vector<std::size_t> touched;
  for (std::size_t i = 0; i < count; ++i) {
    for (const std::int32_t id : data_.texts[texts[i]]) {
      if (has_row_[static_cast<std::size_t>(id)]) touched.push_back(static_cast<std::size_t>(id));
    }
  }
  std::sort(touched.begin(), touched.end());
  touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
  for (const std::size_t row : touched) result_.table.SetRow(row, rows_.data() + row * d);

  double cosines = 0.0;
  std::vector<float> sum(d);
  std::vector<float> row_values(d);
  for (std::size_t i = 0; i < count; ++i) {
    std::fill(sum.begin(), sum.end(), 0.0F);
    for (const std::int32_t id : data_.texts[texts[i]]) {
      const auto row = static_cast<std::size_t>(id);
      if (!has_row_[row]) continue;
      result_.table.GetRow(row, row_values.data());
      for (std::size_t k = 0; k < d; ++k) sum[k] += row_values[k];
    }
    const float* target = targets_.data() + texts[i] * d;
    double squares = 0.0;
    double dot = 0.0;
    for (std::size_t k = 0; k < d; ++k) {
      squares += static_cast<double>(sum[k]) * static_cast<double>(sum[k]);
      dot += static_cast<double>(sum[k]) * static_cast<double>(target[k]);
    }
    if (squares == 0.0) continue;
    const double norm = std::sqrt(squares);
    cosines += dot / norm;
    for (std::size_t k = 0; k < d; ++k) {
      const double slope =
          (dot / squares * static_cast<double>(sum[k]) - static_cast<double>(target[k])) / norm;
      row_values[k] = static_cast<float>(slope / static_cast<double>(count));
    }
    for (const std::int32_t id : data_.texts[texts[i]]) {
      const auto row = static_cast<std::size_t>(id);
      if (!has_row_[row]) continue;
      for (std::size_t k = 0; k < d; ++k) gradient_[row * d + k] += row_values[k];
    }
  }
  for (const std::size_t row : touched) {
    for (std::size_t k = row * d; k < (row + 1) * d; ++k) {
      if (gradient_[k] == 0.0F) continue;
      squared_sum_[k] += gradient_[k] * gradient_[k];
      rows_[k] -= rate * gradient_[k] / (std::sqrt(squared_sum_[k]) + 1e-8F);
      gradient_[k] = 0.0F;
    }
  }
  return cosines;
}

double Distiller::RunEpoch(std::size_t epoch) {
  random_.Shuffle(train_);
  const std::size_t steps = (train_.size() + options_.batch_size - 1) / options_.batch_size;
  const auto all_steps = static_cast<float>(steps * options_.epochs);
  double cosines = 0.0;
  for (std::size_t step = 0; step < steps; ++step) {
    const std::size_t begin = step * options_.batch_size;
    const std::size_t count = std::min(options_.batch_size, train_.size() - begin);
    const float done = static_cast<float>((epoch - 1) * steps + step) / all_steps;
    cosines += Step(train_.data() + begin, count, options_.learning_rate * (1.0F - done));
  }
  return cosines / static_cast<double>(std::max<std::size_t>(train_.size(), 1));
}

double Distiller::HeldOutCosine() {
  const std::size_t d = options_.dimension;
  std::vector<float> embedding(d);
  double cosines = 0.0;
  for (const std::size_t text : held_out_) {
    result_.table.Embed(data_.texts[text], embedding.data());
    for (std::size_t k = 0; k < d; ++k) {
      cosines += static_cast<double>(embedding[k]) * static_cast<double>(targets_[text * d + k]);
    }
  }
  return cosines / static_cast<double>(std::max<std::size_t>(held_out_.size(), 1));
}

Result<DistilledTable> Distiller::Run(const DistillCallback& on_epoch) {
  Prepare();
  TokenTable best;
  std::size_t best_epoch = 0;
  for (std::size_t epoch = 0; epoch <= options_.epochs; ++epoch) {
    DistillEpoch row;
    row.epoch = epoch;
    if (epoch > 0) row.train_cosine = RunEpoch(epoch);
    RoundAll();
    row.held_out_cosine = HeldOutCosine();
    row.is_best = held_out_.empty() || epoch == 0 ||
                  row.held_out_cosine > result_.history[best_epoch].held_out_cosine;
    result_.history.push_back(row);
    if (row.is_best) {
      best = result_.table;
      best_epoch = epoch;
    }
    if (on_epoch && !on_epoch(row, options_.epochs)) {
      return Fail(ErrorCode::kCancelled, "distilling was cancelled");
    }
    if (epoch - best_epoch >= options_.patience && !held_out_.empty()) break;
  }
  result_.table = std::move(best);
  return std::move(result_);
}

}  // namespace

bool IsDistilledToken(std::string_view token) {
  if (token.size() > 2 && token.front() == '[' && token.back() == ']') return false;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const auto byte = static_cast<unsigned char>(token[i]);
    if (byte < 0x80) continue;
    // U+00C0 to U+024F, Latin letters beyond ASCII, are two bytes beginning with C3 to C9.
    if (byte < 0xC3 || byte > 0xC9 || i + 1 == token.size()) return false;
    ++i;
  }
  return !token.empty();
}

Result<DistilledTable> DistillTable(const DistillData& data, const DistillOptions& options,
                                    const DistillCallback& on_epoch) {
  if (Status status = Check(data, options); !status) return tl::unexpected(status.error());
  return Distiller(data, options).Run(on_epoch);
}

}  // namespace smartsynch
