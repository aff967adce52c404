// The encoder alone: how many texts a second it embeds on so many threads, in batches of the size
// that the server makes. One JSON object on standard output.
//   smartsynch_bare_encoder TITLES_FILE THREADS ROWS_A_BATCH SECONDS
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "cli/embed.h"
#include "cli/engine.h"
#include "cli/file.h"

int main(int argc, char** argv) {
  using Clock = std::chrono::steady_clock;
  if (argc != 5) {
    std::fprintf(stderr, "usage: %s TITLES_FILE THREADS ROWS_A_BATCH SECONDS\n", argv[0]);
    return 2;
  }
  const std::size_t threads = std::strtoul(argv[2], nullptr, 10);
  const std::size_t rows = std::strtoul(argv[3], nullptr, 10);
  const std::chrono::duration<double> time(std::strtod(argv[4], nullptr));
  smartsynch::EngineOptions options;
  options.threads = 1;
  const auto tokenizer = smartsynch::LoadVocabulary("");
  const auto encoder = smartsynch::LoadEncoder(options);
  const auto text = smartsynch::ReadFile(argv[1]);
  if (!tokenizer || !encoder || !text || threads == 0 || rows == 0) {
    std::fprintf(stderr, "bare_encoder: cannot read the encoder, its vocabulary or the titles\n");
    return 1;
  }
  std::vector<smartsynch::Encoding> encodings;
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) encodings.push_back(tokenizer->Encode(line));
  if (encodings.size() < rows) {
    std::fprintf(stderr, "bare_encoder: fewer titles than rows a batch\n");
    return 1;
  }
  std::atomic<std::size_t> embedded{0};
  const auto run = [&](std::size_t number) {
    const auto end = Clock::now() + time;
    std::size_t at = encodings.size() / threads * number;
    while (Clock::now() < end) {
      if (at + rows > encodings.size()) at = 0;
      const auto batch = std::span<const smartsynch::Encoding>(encodings).subspan(at, rows);
      if (!smartsynch::EmbedAll(**encoder, batch)) std::abort();
      at += rows;
      embedded += rows;
    }
  };
  const auto start = Clock::now();
  std::vector<std::thread> running;
  for (std::size_t i = 0; i < threads; ++i) running.emplace_back(run, i);
  for (std::thread& thread : running) thread.join();
  const std::chrono::duration<double> passed = Clock::now() - start;
  std::printf("{\"texts\": %zu, \"seconds\": %.3f, \"texts_per_second\": %.1f}\n", embedded.load(),
              passed.count(), static_cast<double>(embedded.load()) / passed.count());
  return 0;
}
