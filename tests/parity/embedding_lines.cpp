// Embeds tasks under native ONNX Runtime for embedding_parity.py.
//
//   embedding_lines MODEL ENCODER VOCABULARY < tasks.jsonl
//
// Reads one {"title", "description"} a line; prints, in the same order, one line each of
// {"alone": [...], "batched": [...], "prediction": {...}}: the embedding of the task alone and in
// padded batches with the others, and the full tier's answer.
#include <cstddef>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/embed.h"
#include "cli/engine.h"

namespace smartsynch {
namespace {

std::vector<Task> ReadTasks() {
  std::vector<Task> tasks;
  for (std::string line; std::getline(std::cin, line);) {
    const auto row = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!row.is_object()) continue;
    tasks.push_back({row.value("title", ""), row.value("description", "")});
  }
  return tasks;
}

std::vector<float> Row(const std::vector<float>& matrix, std::size_t row, std::size_t width) {
  const float* begin = matrix.data() + row * width;
  return {begin, begin + width};
}

Status Run(const EngineOptions& options) {
  const Result<std::unique_ptr<OrtEncoder>> encoder = LoadEncoder(options);
  if (!encoder) return tl::unexpected(encoder.error());
  const Result<Engine> engine = Engine::Load(options);
  if (!engine) return tl::unexpected(engine.error());

  const std::vector<Task> tasks = ReadTasks();
  std::vector<Encoding> encodings;
  encodings.reserve(tasks.size());
  for (const Task& task : tasks) {
    encodings.push_back(engine->classifier().Prepare(task.title, task.description).encoding);
  }
  const Result<std::vector<float>> batched = EmbedAll(**encoder, encodings);
  if (!batched) return tl::unexpected(batched.error());
  const Result<std::vector<Prediction>> predictions = engine->Predict(tasks);
  if (!predictions) return tl::unexpected(predictions.error());
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    const Result<std::vector<float>> alone = (*encoder)->Embed({&encodings[i], 1});
    if (!alone) return tl::unexpected(alone.error());
    const nlohmann::json line = {{"alone", *alone},
                                 {"batched", Row(*batched, i, (*encoder)->dimension())},
                                 {"prediction", nlohmann::json::parse(ToJson((*predictions)[i]))}};
    std::puts(line.dump().c_str());
  }
  return {};
}

}  // namespace
}  // namespace smartsynch

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("usage: embedding_lines MODEL ENCODER VOCABULARY < tasks.jsonl\n", stderr);
    return 2;
  }
  smartsynch::EngineOptions options;
  options.model = argv[1];
  options.encoder = argv[2];
  options.vocabulary = argv[3];
  const smartsynch::Status status = smartsynch::Run(options);
  if (status) return 0;
  std::fprintf(stderr, "embedding_lines: %s\n", status.error().message.c_str());
  return 1;
}
