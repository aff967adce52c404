// Repeating, interrupting and continuing training: the bytes of the whole state are compared.
#include <doctest/doctest.h>

#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "smartsynch/base/hash.h"
#include "smartsynch/base/random.h"
#include "smartsynch/learn/trainer.h"
#include "smartsynch/model/safetensors.h"
#include "support/tiny_model.h"
#include "support/training_fixture.h"

using smartsynch::ErrorCode;
using smartsynch::Random;
using smartsynch::Safetensors;
using smartsynch::Sha256Hex;
using smartsynch::Status;
using smartsynch::Tensor;
using smartsynch::Trainer;
using smartsynch::TrainerOptions;
using smartsynch::TrainingData;
using smartsynch::testing::Contains;
using smartsynch::testing::MakeTrainer;
using smartsynch::testing::MakeTrainingData;
using smartsynch::testing::QuickTrainer;
using smartsynch::testing::Rows;
using smartsynch::testing::RunToEnd;
using smartsynch::testing::SealedBytes;

namespace {

const TrainingData& CheckpointData() {
  static const TrainingData kData = MakeTrainingData({.open_set_rows = 12, .noise = 0.5F});
  return kData;
}

Trainer NewRun(const TrainerOptions& options = QuickTrainer()) {
  return MakeTrainer(CheckpointData(), Rows(0, 54), Rows(54, 72), options);
}

std::string AfterEpochs(std::size_t epochs) {
  Trainer trainer = NewRun();
  while (trainer.history().size() < epochs) trainer.RunEpoch();
  return trainer.Checkpoint();
}

// A checkpoint after two epochs, for a test to change and seal again.
Safetensors CheckpointFile() {
  const auto file = Safetensors::Parse(AfterEpochs(2));
  REQUIRE(file.has_value());
  return *file;
}

// The refusal by a run of one epoch, which must stay as it was.
ErrorCode Refused(const std::string& bytes, const std::string& message = "") {
  Trainer trainer = NewRun();
  trainer.RunEpoch();
  const std::string before = trainer.Checkpoint();
  const Status status = trainer.Restore(bytes);
  REQUIRE_FALSE(status.has_value());
  CHECK(Contains(status.error().message, message));
  CHECK(trainer.Checkpoint() == before);
  CHECK(trainer.history().size() == 1);
  return status.error().code;
}

}  // namespace

TEST_CASE("the same data, options and seed give the same bytes; another seed does not") {
  Trainer first = NewRun();
  Trainer second = NewRun();
  RunToEnd(first);
  RunToEnd(second);
  CHECK(first.Checkpoint() == second.Checkpoint());
  CHECK(first.Best().dense.w1 == second.Best().dense.w1);
  CHECK(first.Best().lexical == second.Best().lexical);
  TrainerOptions other = QuickTrainer();
  other.seed = 6;
  Trainer third = NewRun(other);
  RunToEnd(third);
  CHECK(third.Best().dense.w1 != first.Best().dense.w1);
  CHECK(third.Best().lexical != first.Best().lexical);
}

TEST_CASE("the final checkpoint has this hash, on every host and in every build") {
  Trainer trainer = NewRun();
  RunToEnd(trainer);
  CHECK(trainer.history().size() == 6);
  CHECK(Sha256Hex(trainer.Checkpoint()) ==
        "b1b4617bc867b3620fd39c3e99c30721eaeec56c0ad9e9ea4afe982c52d46647");
}

TEST_CASE("stopped after any epoch and continued, a run ends in exactly the same bytes") {
  Trainer whole = NewRun();
  std::vector<std::string> checkpoints = {whole.Checkpoint()};
  while (!whole.finished()) {
    whole.RunEpoch();
    checkpoints.push_back(whole.Checkpoint());
  }
  for (std::size_t epochs = 0; epochs < checkpoints.size(); ++epochs) {
    Trainer fresh = NewRun();
    REQUIRE(fresh.Restore(checkpoints[epochs]).has_value());
    CHECK(fresh.Checkpoint() == checkpoints[epochs]);
    CHECK(fresh.history().size() == epochs);
    RunToEnd(fresh);
    CHECK(fresh.Checkpoint() == checkpoints.back());
    CHECK(fresh.Best().best_epoch == whole.Best().best_epoch);
    CHECK(fresh.Best().dense.w2 == whole.Best().dense.w2);
  }
  // A run that has gone on may be set back, too.
  REQUIRE(whole.Restore(checkpoints[2]).has_value());
  RunToEnd(whole);
  CHECK(whole.Checkpoint() == checkpoints.back());
}

TEST_CASE("a run without validation is continued alike") {
  const auto new_run = [] {
    return MakeTrainer(CheckpointData(), Rows(0, 72), {}, QuickTrainer());
  };
  Trainer whole = new_run();
  RunToEnd(whole);
  Trainer half = new_run();
  half.RunEpoch();
  half.RunEpoch();
  Trainer continued = new_run();
  REQUIRE(continued.Restore(half.Checkpoint()).has_value());
  RunToEnd(continued);
  CHECK(continued.Checkpoint() == whole.Checkpoint());
}

TEST_CASE("a checkpoint of another run is refused as such") {
  const std::string bytes = AfterEpochs(2);
  const auto check_foreign = [&](const TrainingData& data, const std::vector<std::size_t>& train,
                                 const std::vector<std::size_t>& validation,
                                 const TrainerOptions& options) {
    Trainer trainer = MakeTrainer(data, train, validation, options);
    const std::string before = trainer.Checkpoint();
    const Status status = trainer.Restore(bytes);
    REQUIRE_FALSE(status.has_value());
    CHECK(status.error().code == ErrorCode::kIncompatible);
    CHECK(trainer.Checkpoint() == before);
  };
  const auto with = [&](const auto& change) {
    TrainerOptions options = QuickTrainer();
    change(options);
    check_foreign(CheckpointData(), Rows(0, 54), Rows(54, 72), options);
  };
  with([](auto& o) { o.seed = 6; });
  with([](auto& o) { o.hidden = 9; });
  with([](auto& o) { o.dropout = 0.25F; });
  with([](auto& o) { o.epochs = 7; });
  with([](auto& o) { o.patience = 9; });
  with([](auto& o) { o.batch_size = 9; });
  with([](auto& o) { o.learning_rate = 0.02F; });
  with([](auto& o) { o.weight_decay = 0.02F; });
  with([](auto& o) { o.lexical_learning_rate = 0.2F; });
  with([](auto& o) { o.bucket_bits = 7; });
  with([](auto& o) { o.label_smoothing = 0.1F; });
  with([](auto& o) { o.balance_classes = false; });
  check_foreign(CheckpointData(), Rows(0, 53), Rows(54, 72), QuickTrainer());
  check_foreign(CheckpointData(), Rows(0, 54), Rows(54, 71), QuickTrainer());
  const auto with_data = [&](const auto& change) {
    TrainingData data = CheckpointData();
    change(data);
    check_foreign(data, Rows(0, 54), Rows(54, 72), QuickTrainer());
  };
  with_data([](auto& d) { d.embeddings[0] += 1e-6F; });
  with_data([](auto& d) { d.labels[0] = d.labels[0] == 0 ? 1 : 0; });
  with_data([](auto& d) { d.weights[71] = 0.5F; });
  with_data([](auto& d) { d.lexical_features[3] = {1}; });
  with_data([](auto& d) { d.categories = 4; });
}

TEST_CASE("a checkpoint cut or damaged anywhere is refused, and changes nothing") {
  const std::string bytes = AfterEpochs(2);
  Trainer trainer = NewRun();
  const std::string before = trainer.Checkpoint();
  Random random(3);
  std::size_t accepted = 0;
  for (int i = 0; i < 300; ++i) {
    std::string damaged = bytes;
    // Half of them in the header, which is the smaller part.
    const std::size_t end = i % 2 == 0 ? bytes.size() : 2000;
    const std::size_t place = random.NextBelow(static_cast<std::uint32_t>(end));
    damaged[place] =
        static_cast<char>(static_cast<unsigned char>(damaged[place]) ^ (1U << random.NextBelow(8)));
    accepted += trainer.Restore(damaged).has_value() ? 1 : 0;
    accepted += trainer.Restore(bytes.substr(0, place)).has_value() ? 1 : 0;
  }
  CHECK(accepted == 0);
  CHECK(trainer.Checkpoint() == before);
  CHECK(Refused("") == ErrorCode::kInvalidModel);
  CHECK(Refused("not a checkpoint at all") == ErrorCode::kInvalidModel);
  CHECK(Refused(smartsynch::testing::TinyModelBytes(), "not a training checkpoint") ==
        ErrorCode::kInvalidModel);
}

TEST_CASE("a sealed checkpoint with a tensor missing or of another size or type is refused") {
  for (const auto& [name, tensor] : CheckpointFile().tensors) {
    Safetensors file = CheckpointFile();
    file.tensors.erase(name);
    CHECK(Refused(SealedBytes(file), name) == ErrorCode::kInvalidModel);
    file.tensors[name] = Tensor::FromFloats({1}, std::vector<float>{1.0F});
    CHECK(Refused(SealedBytes(file), name) == ErrorCode::kInvalidModel);
    file.tensors[name] = Tensor::FromInt8({4}, std::vector<std::int8_t>(4, 1));
    CHECK(Refused(SealedBytes(file), name) == ErrorCode::kInvalidModel);
    file.tensors[name] = tensor;
    const float nan = std::numeric_limits<float>::quiet_NaN();
    std::memcpy(file.tensors[name].bytes.data(), &nan, 4);
    CHECK(Refused(SealedBytes(file), name) == ErrorCode::kInvalidModel);
  }
}

TEST_CASE("a sealed checkpoint with a malformed state is refused") {
  const std::string good = CheckpointFile().metadata["state"];
  const auto refused = [](const std::string& state) {
    Safetensors file = CheckpointFile();
    file.metadata["state"] = state;
    return Refused(SealedBytes(file), "state") == ErrorCode::kInvalidModel;
  };
  for (const char* state : {"", "null", "[]", "{}", "{", "3"}) CHECK(refused(state));
  CHECK(refused(std::string(200000, '[') + std::string(200000, ']')));
  const auto edited = [&](const std::string& key, const std::string& value) {
    const std::size_t begin = good.find("\"" + key + "\":") + key.size() + 3;
    const std::size_t end = good.find_first_of(",}", begin);
    return good.substr(0, begin) + value + good.substr(end);
  };
  for (const char* key : {"random_state", "random_increment", "best_epoch"}) {
    for (const char* value : {"-1", "1.5", "1e300", "\"1\"", "null"}) {
      CAPTURE(key);
      CAPTURE(value);
      CHECK(refused(edited(key, value)));
    }
  }
  for (const char* key : {"beta1_power", "beta2_power", "best_loss"}) {
    for (const char* value : {"\"1\"", "null", "1e300"}) CHECK(refused(edited(key, value)));
  }
  CHECK(refused(edited("best_epoch", "0")));
  CHECK(refused(edited("best_epoch", "3")));  // there were two
  const std::size_t history = good.find("\"history\":[") + 11;
  const std::string row = good.substr(history, good.find(']', history) + 1 - history);
  CHECK(refused(std::string(good).insert(history, "[1,2,3],")));
  CHECK(refused(std::string(good).insert(history, "[1,2,\"3\",true],")));
  std::string long_history = good;
  for (int i = 0; i < 5; ++i) long_history.insert(history, row + ",");
  CHECK(refused(long_history));  // seven epochs of six
}

TEST_CASE("a run with a token head, stopped and continued, ends in exactly the same bytes") {
  const TrainingData data =
      MakeTrainingData({.open_set_rows = 12, .noise = 0.5F, .token_dimension = 6});
  const auto new_run = [&] { return MakeTrainer(data, Rows(0, 54), Rows(54, 72), QuickTrainer()); };
  Trainer whole = new_run();
  while (whole.history().size() < 3) whole.RunEpoch();
  const std::string middle = whole.Checkpoint();
  RunToEnd(whole);
  Trainer continued = new_run();
  REQUIRE(continued.Restore(middle).has_value());
  RunToEnd(continued);
  CHECK(continued.Checkpoint() == whole.Checkpoint());
  CHECK(continued.Best().token.w1 == whole.Best().token.w1);
  CHECK_FALSE(NewRun().Restore(middle).has_value());
  TrainingData other = data;
  other.token_embeddings[0] = -other.token_embeddings[0];
  Trainer foreign = MakeTrainer(other, Rows(0, 54), Rows(54, 72), QuickTrainer());
  const Status refused = foreign.Restore(middle);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == ErrorCode::kIncompatible);
}

TEST_CASE("a checkpoint of a later format is refused") {
  Safetensors file = CheckpointFile();
  file.metadata["format"] = "smartsynch-checkpoint-3";
  CHECK(Refused(SealedBytes(file), "not a training checkpoint of this version") ==
        ErrorCode::kInvalidModel);
}
