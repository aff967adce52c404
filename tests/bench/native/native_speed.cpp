// The native half of tests/bench/native/native_speed.py, which has the peers:
//
//   smartsynch_bench_native_speed embed TEXTS OUT.f32   TEXTS: one text a line
//   smartsynch_bench_native_speed train TRAIN.f32 TRAIN.labels TEST.f32 TEST.labels EPOCHS BATCH
//
// prints one JSON object. Reading files and loading the encoder is not timed; tokenizing is.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

#include "cli/embed.h"
#include "cli/engine.h"
#include "cli/file.h"
#include "cli/locations.h"
#include "smartsynch/learn/trainer.h"
#include "smartsynch/nn/dense_head.h"

namespace smartsynch {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

int FailWith(const Error& error) {
  std::cerr << error.message << "\n";
  return 1;
}

std::vector<float> ReadFloats(const std::string& path) {
  const std::string bytes = ReadFile(path).value_or("");
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
  return values;
}

std::vector<int> ReadLabels(const std::string& path) {
  std::istringstream in(ReadFile(path).value_or(""));
  std::vector<int> labels;
  for (int label = 0; in >> label;) labels.push_back(label);
  return labels;
}

int Embed(const std::string& texts_path, const std::string& out) {
  std::ifstream in(texts_path);
  std::vector<std::string> texts;
  for (std::string line; std::getline(in, line);) texts.push_back(line);
  const EngineOptions options;
  const Result<WordPiece> tokenizer = LoadVocabulary(options.vocabulary);
  if (!tokenizer) return FailWith(tokenizer.error());
  Result<std::unique_ptr<OrtEncoder>> encoder = LoadEncoder(options);
  if (!encoder) return FailWith(encoder.error());
  const auto run = [&](std::size_t count) {
    std::vector<Encoding> encodings;
    for (std::size_t i = 0; i < count; ++i) encodings.push_back(tokenizer->Encode(texts[i]));
    return EmbedAll(**encoder, encodings);
  };
  if (const auto warm = run(std::min<std::size_t>(256, texts.size())); !warm) {
    return FailWith(warm.error());
  }
  const Clock::time_point start = Clock::now();
  const Result<std::vector<float>> rows = run(texts.size());
  const double seconds = SecondsSince(start);
  if (!rows) return FailWith(rows.error());
  std::ofstream(out, std::ios::binary)
      .write(reinterpret_cast<const char*>(rows->data()),
             static_cast<std::streamsize>(rows->size() * sizeof(float)));
  std::cout << nlohmann::json{{"texts", texts.size()}, {"seconds", seconds}} << "\n";
  return 0;
}

int Train(char** arguments) {
  TrainingData data;
  data.embeddings = ReadFloats(arguments[0]);
  data.labels = ReadLabels(arguments[1]);
  const std::vector<float> test = ReadFloats(arguments[2]);
  const std::vector<int> wanted = ReadLabels(arguments[3]);
  data.dimension = data.embeddings.size() / std::max<std::size_t>(1, data.labels.size());
  data.categories =
      static_cast<std::size_t>(1 + *std::max_element(data.labels.begin(), data.labels.end()));
  data.weights.assign(data.labels.size(), 1.0F);
  data.lexical_features.resize(data.labels.size());
  TrainerOptions options;
  options.epochs = static_cast<std::size_t>(std::strtoul(arguments[4], nullptr, 10));
  options.batch_size = static_cast<std::size_t>(std::strtoul(arguments[5], nullptr, 10));
  options.bucket_bits = 1;  // no text, so no lexical head worth the name
  std::vector<std::size_t> rows(data.labels.size());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  Result<Trainer> trainer = Trainer::Create(data, rows, {}, options);
  if (!trainer) return FailWith(trainer.error());
  const Clock::time_point start = Clock::now();
  while (!trainer->finished()) trainer->RunEpoch();
  const double seconds = SecondsSince(start);
  const DenseHead& head = trainer->Best().dense;
  std::vector<float> logits(wanted.size() * head.outputs);
  head.Forward(test.data(), wanted.size(), logits.data());
  std::size_t right = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const float* row = logits.data() + i * head.outputs;
    const auto best = std::max_element(row, row + data.categories) - row;
    if (best == wanted[i]) ++right;
  }
  std::cout << nlohmann::json{{"epochs", trainer->history().size()},
                              {"seconds", seconds},
                              {"accuracy",
                               static_cast<double>(right) / static_cast<double>(wanted.size())}}
            << "\n";
  return 0;
}

}  // namespace
}  // namespace smartsynch

int main(int count, char** arguments) {
  const std::string mode = count > 1 ? arguments[1] : "";
  if (mode == "embed" && count == 4) return smartsynch::Embed(arguments[2], arguments[3]);
  if (mode == "train" && count == 8) return smartsynch::Train(arguments + 2);
  std::cerr << "usage: see the head of native_speed.cpp\n";
  return 2;
}
