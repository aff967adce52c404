// The trainer's checkpoint: everything the next epoch depends on.
#include <nlohmann/json.hpp>

#include "smartsynch/base/hash.h"
#include "smartsynch/learn/trainer.h"
#include "smartsynch/model/safetensors.h"

namespace smartsynch {
namespace {

using nlohmann::json;

constexpr const char* kFormatName = "smartsynch-checkpoint-1";

template <typename T>
std::string_view BytesOf(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

// Every float vector of the state under its name: written and read by the same list.
template <typename Visitor>
void VisitTensors(DenseHead& dense, TrainedHeads& best, std::vector<float>& lexical, AdaGrad& grad,
                  std::initializer_list<std::pair<const char*, AdamW*>> optimizers,
                  Visitor&& visit) {
  visit("dense.w1", dense.w1);
  visit("dense.b1", dense.b1);
  visit("dense.w2", dense.w2);
  visit("dense.b2", dense.b2);
  visit("lexical", lexical);
  visit("lexical.squared_sum", grad.squared_sum);
  visit("best.w1", best.dense.w1);
  visit("best.b1", best.dense.b1);
  visit("best.w2", best.dense.w2);
  visit("best.b2", best.dense.b2);
  visit("best.lexical", best.lexical);
  for (const auto& [name, adam] : optimizers) {
    visit(std::string(name) + ".first_moment", adam->first_moment);
    visit(std::string(name) + ".second_moment", adam->second_moment);
  }
}

}  // namespace

// A checkpoint continues only the run it came from: same data, rows and options.
std::string Trainer::Fingerprint() const {
  std::string lexical;
  for (const auto& features : data_->lexical_features) {
    lexical += BytesOf(features);
    lexical += '|';
  }
  const json parts = {Sha256Hex(BytesOf(data_->embeddings)),
                      Sha256Hex(lexical),
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

std::string Trainer::Checkpoint() const {
  Trainer copy = *this;
  Safetensors file;
  VisitTensors(copy.dense_, copy.best_, copy.lexical_, copy.ada_grad_,
               {{"adam.w1", &copy.adam_w1_},
                {"adam.b1", &copy.adam_b1_},
                {"adam.w2", &copy.adam_w2_},
                {"adam.b2", &copy.adam_b2_}},
               [&](const std::string& name, std::vector<float>& values) {
                 file.tensors[name] = Tensor::FromFloats({values.size()}, values);
               });
  json history = json::array();
  for (const EpochMetrics& m : history_) {
    history.push_back({m.train_loss, m.validation_loss, m.validation_accuracy, m.is_best});
  }
  const auto [random_state, random_increment] = random_.State();
  file.metadata = {{"format", kFormatName},
                   {"fingerprint", Fingerprint()},
                   {"state", json({{"history", history},
                                   {"random_state", random_state},
                                   {"random_increment", random_increment},
                                   {"beta1_power", adam_w1_.beta1_power},
                                   {"beta2_power", adam_w1_.beta2_power},
                                   {"best_epoch", best_.best_epoch},
                                   {"best_loss", best_loss_}})
                                 .dump()}};
  return file.Serialize();
}

Status Trainer::Restore(std::string_view bytes) {
  const Result<Safetensors> file = Safetensors::Parse(bytes);
  if (!file) return tl::unexpected(file.error());
  const auto entry = [&](const char* key) {
    const auto found = file->metadata.find(key);
    return found == file->metadata.end() ? std::string() : found->second;
  };
  if (entry("format") != kFormatName) {
    return Fail(ErrorCode::kInvalidModel, "not a training checkpoint of this version", "format");
  }
  if (entry("fingerprint") != Fingerprint()) {
    return Fail(ErrorCode::kIncompatible,
                "the checkpoint belongs to a run with other data or options", "fingerprint");
  }
  const json state = json::parse(entry("state"), nullptr, /*allow_exceptions=*/false);
  const char* const numbers[] = {"random_state", "random_increment", "beta1_power",
                                 "beta2_power",  "best_epoch",       "best_loss"};
  bool good = state.is_object() && state.contains("history") && state["history"].is_array();
  for (const char* key : numbers) good = good && state.contains(key) && state[key].is_number();

  Trainer restored = *this;
  restored.history_.clear();
  if (good) {
    for (const json& row : state["history"]) {
      good = good && row.is_array() && row.size() == 4 && row[0].is_number() &&
             row[1].is_number() && row[2].is_number() && row[3].is_boolean();
      if (!good) break;
      restored.history_.push_back({restored.history_.size() + 1, row[0].get<float>(),
                                   row[1].get<float>(), row[2].get<float>(), row[3].get<bool>()});
    }
  }
  if (!good) return Fail(ErrorCode::kInvalidModel, "the checkpoint's state is malformed", "state");

  const bool started = !restored.history_.empty();
  std::string wrong;
  // The optimizers' moments and the best heads exist only after the first epoch; before it they are
  // empty.
  VisitTensors(restored.dense_, restored.best_, restored.lexical_, restored.ada_grad_,
               {{"adam.w1", &restored.adam_w1_},
                {"adam.b1", &restored.adam_b1_},
                {"adam.w2", &restored.adam_w2_},
                {"adam.b2", &restored.adam_b2_}},
               [&](const std::string& name, std::vector<float>& values) {
                 const auto found = file->tensors.find(name);
                 if (found == file->tensors.end()) {
                   wrong = name;
                   return;
                 }
                 values = found->second.Floats();
               });
  const auto same_shape = [](const DenseHead& a, const DenseHead& b) {
    return a.w1.size() == b.w1.size() && a.b1.size() == b.b1.size() && a.w2.size() == b.w2.size() &&
           a.b2.size() == b.b2.size();
  };
  if (wrong.empty() &&
      (!same_shape(restored.dense_, dense_) || restored.lexical_.size() != lexical_.size() ||
       restored.ada_grad_.squared_sum.size() != lexical_.size())) {
    wrong = "of another shape";
  }
  if (wrong.empty() && started &&
      (!same_shape(restored.best_.dense, dense_) ||
       restored.best_.lexical.size() != lexical_.size() ||
       restored.adam_w1_.first_moment.size() != dense_.w1.size() ||
       restored.adam_w2_.first_moment.size() != dense_.w2.size())) {
    wrong = "of another shape";
  }
  if (!wrong.empty()) {
    return Fail(ErrorCode::kInvalidModel,
                "the checkpoint's tensor " + wrong + " is missing or wrong", wrong);
  }
  restored.random_.Restore(
      {state["random_state"].get<std::uint64_t>(), state["random_increment"].get<std::uint64_t>()});
  for (AdamW* adam :
       {&restored.adam_w1_, &restored.adam_b1_, &restored.adam_w2_, &restored.adam_b2_}) {
    adam->beta1_power = state["beta1_power"].get<float>();
    adam->beta2_power = state["beta2_power"].get<float>();
  }
  restored.best_.best_epoch = state["best_epoch"].get<std::size_t>();
  restored.best_.dense.input = dense_.input;
  restored.best_.dense.hidden = dense_.hidden;
  restored.best_.dense.outputs = dense_.outputs;
  restored.best_loss_ = state["best_loss"].get<float>();
  *this = std::move(restored);
  return {};
}

}  // namespace smartsynch
