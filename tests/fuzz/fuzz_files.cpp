// Binary files: safetensors, model, token table, exemplars, tuned heads, the trainer's checkpoint,
// a fine-tuning's task, a snapshot of what was learnt. The first byte says which. Every file is
// tried as it is and with a seal that fits, so that the checks behind the seal are reached.
#include <cmath>
#include <iterator>
#include <optional>
#include <utility>

#include "fixture_context.h"
#include "fuzz_target.h"
#include "smartsynch/base/hash.h"
#include "smartsynch/engine/classifier.h"
#include "smartsynch/model/exemplar_file.h"
#include "smartsynch/model/model_file.h"
#include "smartsynch/model/safetensors.h"
#include "smartsynch/model/token_table_file.h"
#include "smartsynch/personal/fine_tune_task.h"
#include "smartsynch/personal/snapshot.h"
#include "smartsynch/personal/tuned_heads.h"
#include "support/feedback_fixture.h"
#include "support/tiny_model.h"
#include "support/training_fixture.h"

namespace smartsynch::fuzz {
namespace {

void CheckError(const Error& error) {
  CheckThat(!error.message.empty(), "an error has a message");
  CheckThat(error.code == ErrorCode::kInvalidModel || error.code == ErrorCode::kUnsupportedVersion,
            "a bad file is an invalid model or of another version");
}

// What parses must be written, and read again, as the same bytes.
template <typename Parsed, typename Write, typename Read>
void CheckWritten(const Parsed& parsed, Write write, Read read) {
  const Result<std::string> bytes = write(parsed);
  CheckThat(bytes.has_value(), "what was read can be written");
  const auto again = read(*bytes);
  CheckThat(again.has_value(), "what was written can be read");
  const Result<std::string> twice = write(*again);
  CheckThat(twice.has_value() && *twice == *bytes, "the same content gives the same bytes");
}

void CheckScores(const Prediction& prediction) {
  CheckThat(prediction.confidence >= 0 && prediction.confidence <= 1, "confidence is in 0..1");
  CheckThat(prediction.novelty >= 0 && prediction.novelty <= 1, "novelty is in 0..1");
}

void CheckModel(std::string_view bytes) {
  const Result<Model> model = ParseModel(bytes);
  if (!model) return CheckError(model.error());
  CheckWritten(*model, SerializeModel,
               [](std::string_view written) { return ParseModel(written); });
  const Result<Classifier> classifier =
      Classifier::Create(*model, testing::TinyTokenizer(), testing::TinyTokenTable());
  if (!classifier) return;
  const PreparedTask task = classifier->Prepare("Fix login crash", "draw");
  CheckScores(classifier->ClassifyInstant(task));
  std::vector<float> embedding(model->dense.input, 0.0F);
  if (!embedding.empty()) embedding[0] = 1.0F;
  const Result<Prediction> full = classifier->Classify(task, embedding);
  if (full) CheckScores(*full);
}

void CheckTable(std::string_view bytes) {
  const Result<TokenTable> table = ParseTokenTable(bytes);
  if (!table) return CheckError(table.error());
  const auto read = [](std::string_view written) { return ParseTokenTable(written); };
  CheckWritten(*table, SerializeTokenTable, read);
  std::vector<float> embedding(table->dimension);
  table->Embed(std::vector<std::int32_t>{0, -1, 5, 6, 1 << 30}, embedding.data());
  for (const float value : embedding) {
    CheckThat(std::fabs(value) <= 1.001F, "an embedding has length one");
  }
}

void CheckExemplarFile(std::string_view bytes) {
  const Result<BaseExemplars> exemplars = ParseExemplars(bytes);
  if (!exemplars) return CheckError(exemplars.error());
  CheckWritten(*exemplars, SerializeExemplars, ParseExemplars);
  CheckThat(exemplars->Labels().size() == exemplars->rows(), "a label a row");
  for (std::size_t row = 0; row < exemplars->rows(); ++row) DecodeLogits(exemplars->full, row);
  static_cast<void>(CheckExemplars(*exemplars, testing::WideModel()));
}

void CheckHeads(std::string_view bytes) {
  const Result<TunedHeads> heads = ParseTunedHeads(bytes);
  if (!heads) return CheckError(heads.error());
  const auto write = [](const TunedHeads& h) {
    return Result<std::string>(SerializeTunedHeads(h));
  };
  CheckWritten(*heads, write, ParseTunedHeads);
  const std::vector<float> token(4, 0.5F);
  const std::vector<float> embedding(16, 0.25F);
  for (const Tier tier : {Tier::kInstant, Tier::kFull}) {
    CheckThat(HeadsLogits(*heads, tier, token, embedding).size() == heads->categories.size(),
              "a logit a category");
  }
}

void CheckCheckpoint(std::string_view bytes) {
  static const TrainingData kData = testing::MakeTrainingData();
  Trainer trainer = testing::MakeTrainer(kData, testing::Rows(0, 60, 2), testing::Rows(1, 60, 2),
                                         testing::QuickTrainer());
  const std::string before = trainer.Checkpoint();
  if (trainer.Restore(bytes)) {
    const std::string after = trainer.Checkpoint();
    CheckThat(trainer.Restore(after).has_value(), "a checkpoint can be restored");
    if (!trainer.finished()) trainer.RunEpoch();
  } else {
    CheckThat(trainer.Checkpoint() == before, "a refused checkpoint changes nothing");
  }
}

void CheckSafetensors(std::string_view bytes) {
  const Result<Safetensors> file = Safetensors::Parse(bytes);
  if (!file) return CheckError(file.error());
  const auto write = [](const Safetensors& f) { return Result<std::string>(f.Serialize()); };
  CheckWritten(*file, write, Safetensors::Parse);
  for (const auto& [name, tensor] : file->tensors) {
    static_cast<void>(tensor.Floats());
    static_cast<void>(tensor.Int8());
  }
}

void CheckFineTuneTask(std::string_view bytes) {
  const Result<FineTuneTask> task = ParseFineTuneTask(bytes);
  if (!task) {
    CheckThat(!task.error().message.empty(), "an error has a message");
    return;
  }
  const std::string written = SerializeFineTuneTask(*task);
  const Result<FineTuneTask> again = ParseFineTuneTask(written);
  CheckThat(again.has_value() && SerializeFineTuneTask(*again) == written,
            "a written task is read as itself");
}

// Taken or refused, what answers afterwards is in order.
void CheckSnapshot(std::string_view bytes) {
  static PersonalClassifier personal = testing::Taught(2);
  const FeedbackLog log = personal.log();
  personal.Load(log, bytes);
  CheckScores(personal.ClassifyInstant(personal.Prepare("fix item 1")));
  const Result<Prediction> full =
      personal.Classify(personal.Prepare("draw the logo"), testing::GroupEmbedding(1, 1));
  CheckThat(full.has_value(), "a good embedding is answered");
  CheckScores(*full);
}

void CheckFile(unsigned kind, std::string_view bytes) {
  constexpr void (*kChecks[])(std::string_view) = {CheckSafetensors,  CheckModel,   CheckTable,
                                                   CheckExemplarFile, CheckHeads,   CheckCheckpoint,
                                                   CheckFineTuneTask, CheckSnapshot};
  kChecks[kind % std::size(kChecks)](bytes);
}

// With a seal that fits, if it has one.
std::optional<std::string> Sealed(unsigned kind, std::string_view bytes) {
  constexpr std::size_t kDigits = 64;
  if (kind % 8U == 7 && bytes.size() >= kDigits) {
    const std::string content(bytes.substr(0, bytes.size() - kDigits));
    return content + Sha256Hex(content);
  }
  Result<Safetensors> file = Safetensors::Parse(bytes);
  if (!file || !file->metadata.contains("content_sha256")) return std::nullopt;
  return testing::SealedBytes(std::move(*file));
}

TunedHeads Heads() {
  TunedHeads heads;
  heads.base_version = heads.parent = "0123456789abcdef";
  heads.categories = {{"development", {0}}, {"home", {}}};
  heads.token_share = 0.5F;
  heads.instant = {4, std::vector<float>(8, 0.25F), {0.5F, -0.5F}, {}, {}};
  heads.full = {16, std::vector<float>(32, 0.125F), {0.25F, -0.25F}, {}, {}};
  return heads;
}

}  // namespace

void TestOneInput(std::string_view input) {
  AllowFixtures();
  Choices choices(input);
  const unsigned kind = choices.Byte();
  CheckFile(kind, choices.rest());
  if (const std::optional<std::string> sealed = Sealed(kind, choices.rest()))
    CheckFile(kind, *sealed);
}

std::vector<std::string> Seeds() {
  AllowFixtures();
  std::vector<std::string> seeds;
  const auto add = [&](char kind, const std::string& bytes) { seeds.push_back(kind + bytes); };
  const TrainingData data = testing::MakeTrainingData();
  Trainer trainer = testing::MakeTrainer(data, testing::Rows(0, 60, 2), testing::Rows(1, 60, 2),
                                         testing::QuickTrainer());
  trainer.RunEpoch();
  add(0, testing::TinyModelBytes());
  add(1, testing::TinyModelBytes());
  add(1, SerializeModel(testing::TinyTokenModel()).value_or(""));
  add(1, SerializeModel(testing::WideModel()).value_or(""));
  add(2, SerializeTokenTable(testing::TinyTokenTable()).value_or(""));
  add(3, SerializeExemplars(testing::WideExemplars()).value_or(""));
  add(4, SerializeTunedHeads(Heads()));
  add(5, trainer.Checkpoint());
  const Result<FineTuneTask> task = MakeFineTuneTask(testing::Taught(kFewestToFineTune));
  if (task) add(6, SerializeFineTuneTask(*task));
  add(7, testing::Taught(2).TakeSnapshot());
  return seeds;
}

}  // namespace smartsynch::fuzz
