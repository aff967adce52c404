// The trainer's checkpoint: everything the next epoch depends on.
#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "model/json_reader.h"
#include "model/sealed_file.h"
#include "smartsynch/base/hash.h"
#include "smartsynch/learn/trainer.h"
#include "smartsynch/model/safetensors.h"

namespace smartsynch {
namespace {

using nlohmann::json;

constexpr const char* kCheckpointFormatName = "smartsynch-checkpoint-2";
constexpr std::size_t kMaxCheckpointNesting = 4;

template <typename T>
std::string_view BytesOf(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

bool ReadFloat(const json& value, float& out) {
  if (!value.is_number()) return false;
  const auto number = value.get<double>();
  if (!(std::fabs(number) <= static_cast<double>(std::numeric_limits<float>::max()))) return false;
  out = static_cast<float>(number);
  return true;
}

bool ReadWhole(const json& value, std::uint64_t& out) {
  if (!value.is_number_unsigned()) return false;
  out = value.get<std::uint64_t>();
  return true;
}

bool ReadHistory(const json& rows, std::vector<EpochMetrics>& history) {
  if (!rows.is_array()) return false;
  for (const json& row : rows) {
    EpochMetrics m;
    m.epoch = history.size() + 1;
    if (!row.is_array() || row.size() != 4 || !ReadFloat(row[0], m.train_loss) ||
        !ReadFloat(row[1], m.validation_loss) || !ReadFloat(row[2], m.validation_accuracy) ||
        !row[3].is_boolean()) {
      return false;
    }
    m.is_best = row[3].get<bool>();
    history.push_back(m);
  }
  return true;
}

}  // namespace

// Every float vector of the state with its name and size: written and read by the same list. The
// optimizers' moments and the best heads exist from the first epoch on; before it they are empty.
template <typename State, typename Visitor>
void Trainer::VisitTensors(State& state, Visitor&& visit) {
  const std::size_t lexical =
      (std::size_t{1} << state.options_.bucket_bits) * state.dense_.head.outputs;
  const std::size_t started = state.history_.empty() ? 0 : 1;
  visit("lexical", state.lexical_, lexical);
  visit("lexical.squared_sum", state.ada_grad_.squared_sum, lexical);
  visit("best.lexical", state.best_.lexical, started * lexical);
  const auto visit_part = [&](const std::string& name, auto& values, auto& best, auto& adam,
                              std::size_t size) {
    visit(name, values, size);
    visit("best." + name, best, started * size);
    visit("adam." + name + ".first_moment", adam.first_moment, started * size);
    visit("adam." + name + ".second_moment", adam.second_moment, started * size);
  };
  const auto visit_dense = [&](const std::string& name, auto& run, auto& best) {
    const DenseHead& head = run.head;
    visit_part(name + ".w1", run.head.w1, best.w1, run.w1, head.input * head.hidden);
    visit_part(name + ".b1", run.head.b1, best.b1, run.b1, head.hidden);
    visit_part(name + ".w2", run.head.w2, best.w2, run.w2, head.hidden * head.outputs);
    visit_part(name + ".b2", run.head.b2, best.b2, run.b2, head.outputs);
  };
  visit_dense("dense", state.dense_, state.best_.dense);
  if (state.token_.head.input > 0) visit_dense("token", state.token_, state.best_.token);
}

// A checkpoint continues only the run it came from: same data, rows and options.
std::string Trainer::ComputeFingerprint() const {
  std::string lexical;
  for (const auto& features : data_->lexical_features) {
    lexical += std::to_string(features.size());
    lexical += ':';
    lexical += BytesOf(features);
  }
  const json parts = {data_->categories,
                      Sha256Hex(BytesOf(data_->embeddings)),
                      Sha256Hex(lexical),
                      Sha256Hex(BytesOf(data_->token_embeddings)),
                      Sha256Hex(BytesOf(data_->labels)),
                      Sha256Hex(BytesOf(data_->weights)),
                      Sha256Hex(json(train_rows_).dump()),
                      Sha256Hex(json(validation_rows_).dump()),
                      options_.hidden,
                      options_.dropout,
                      options_.epochs,
                      options_.patience,
                      options_.batch_size,
                      options_.learning_rate,
                      options_.weight_decay,
                      options_.lexical_learning_rate,
                      options_.bucket_bits,
                      options_.label_smoothing,
                      options_.balance_classes,
                      options_.seed};
  return Sha256Hex(parts.dump());
}

const std::string& Trainer::Fingerprint() const {
  if (fingerprint_.empty()) fingerprint_ = ComputeFingerprint();
  return fingerprint_;
}

std::string Trainer::Checkpoint() const {
  Safetensors file;
  VisitTensors(*this, [&](const std::string& name, const std::vector<float>& values, std::size_t) {
    file.tensors[name] = Tensor::FromFloats({values.size()}, values);
  });
  json history = json::array();
  for (const EpochMetrics& m : history_) {
    history.push_back({m.train_loss, m.validation_loss, m.validation_accuracy, m.is_best});
  }
  const auto [random_state, random_increment] = random_.State();
  file.metadata = {{"format", kCheckpointFormatName},
                   {"fingerprint", Fingerprint()},
                   {"state", json({{"history", history},
                                   {"random_state", random_state},
                                   {"random_increment", random_increment},
                                   {"beta1_power", dense_.w1.beta1_power},
                                   {"beta2_power", dense_.w1.beta2_power},
                                   {"best_epoch", best_.best_epoch},
                                   {"best_loss", best_loss_}})
                                 .dump()}};
  return SerializeSealed(std::move(file));
}

bool Trainer::ReadState(const std::string& text) {
  const auto state = ReadJson(text, kMaxCheckpointNesting);
  if (!state || !state->is_object()) return false;
  const auto member = [&](const char* key) {
    const auto found = state->find(key);
    return found == state->end() ? json() : *found;
  };
  std::pair<std::uint64_t, std::uint64_t> random;
  std::uint64_t best_epoch = 0;
  float beta1_power = 1.0F;
  float beta2_power = 1.0F;
  history_.clear();
  if (!ReadHistory(member("history"), history_) || history_.size() > options_.epochs ||
      !ReadWhole(member("random_state"), random.first) ||
      !ReadWhole(member("random_increment"), random.second) ||
      !ReadFloat(member("beta1_power"), beta1_power) ||
      !ReadFloat(member("beta2_power"), beta2_power) ||
      !ReadFloat(member("best_loss"), best_loss_) || !ReadWhole(member("best_epoch"), best_epoch) ||
      best_epoch > history_.size() || (best_epoch == 0) != history_.empty()) {
    return false;
  }
  random_.Restore(random);
  for (DenseRun* run : {&dense_, &token_}) {
    for (AdamW* adam : {&run->w1, &run->b1, &run->w2, &run->b2}) {
      adam->beta1_power = beta1_power;
      adam->beta2_power = beta2_power;
    }
  }
  best_.best_epoch = static_cast<std::size_t>(best_epoch);
  if (best_epoch > 0) {
    // The weights of both are read after this.
    best_.dense = dense_.head;
    best_.token = token_.head;
  }
  return true;
}

Status Trainer::Restore(std::string_view bytes) {
  const Result<Safetensors> file = Safetensors::Parse(bytes);
  if (!file) return tl::unexpected(file.error());
  const auto entry = [&](const char* key) {
    const auto found = file->metadata.find(key);
    return found == file->metadata.end() ? std::string() : found->second;
  };
  if (entry("format") != kCheckpointFormatName) {
    return Fail(ErrorCode::kInvalidModel, "not a training checkpoint of this version", "format");
  }
  if (Status status = CheckSeal(bytes, *file); !status) return status;
  if (entry("fingerprint") != Fingerprint()) {
    return Fail(ErrorCode::kIncompatible,
                "the checkpoint belongs to a run with other data or options", "fingerprint");
  }
  Trainer restored = *this;
  if (!restored.ReadState(entry("state"))) {
    return Fail(ErrorCode::kInvalidModel, "the checkpoint's state is malformed", "state");
  }
  std::string wrong;
  VisitTensors(
      restored, [&](const std::string& name, std::vector<float>& values, std::size_t size) {
        const auto found = file->tensors.find(name);
        values = found == file->tensors.end() ? std::vector<float>{} : found->second.Floats();
        const bool good = found != file->tensors.end() &&
                          found->second.type == TensorType::kFloat32 && values.size() == size &&
                          std::all_of(values.begin(), values.end(),
                                      [](float value) { return std::isfinite(value); });
        if (!good && wrong.empty()) wrong = name;
      });
  if (!wrong.empty()) {
    return Fail(ErrorCode::kInvalidModel,
                "the checkpoint's tensor " + wrong +
                    " is missing, has another size or type, or holds a value that is not finite",
                "tensor " + wrong);
  }
  *this = std::move(restored);
  return {};
}

}  // namespace smartsynch
