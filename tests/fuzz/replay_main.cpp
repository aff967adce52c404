// Runs a target over the kept inputs and its own seeds, in order of their names:
//
//   fuzz_text_replay FOLDER              exit status 0 when every input went well
//   fuzz_text_replay --write-seeds FOLDER
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "fuzz_target.h"

namespace {

namespace fs = std::filesystem;

std::string ReadAll(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

int WriteSeeds(const fs::path& folder) {
  fs::create_directories(folder);
  std::size_t number = 0;
  for (const std::string& seed : smartsynch::fuzz::Seeds()) {
    std::ofstream file(folder / ("seed_" + std::to_string(number++)), std::ios::binary);
    file << seed;
    if (!file.flush()) return 1;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() == 2 && arguments[0] == "--write-seeds") return WriteSeeds(arguments[1]);
  if (arguments.size() != 1) {
    std::fprintf(stderr, "expected a folder of inputs, or --write-seeds FOLDER\n");
    return 2;
  }
  std::vector<fs::path> files;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(arguments[0], error)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  if (error || files.empty()) {
    std::fprintf(stderr, "%s: expected a folder with inputs\n", arguments[0].c_str());
    return 1;
  }
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    // Before the run, so that the name of an input that ends the process is known.
    std::printf("%s\n", file.filename().string().c_str());
    std::fflush(stdout);
    smartsynch::fuzz::TestOneInput(ReadAll(file));
  }
  const std::vector<std::string> seeds = smartsynch::fuzz::Seeds();
  for (const std::string& seed : seeds) smartsynch::fuzz::TestOneInput(seed);
  std::printf("%zu inputs and %zu seeds\n", files.size(), seeds.size());
  return 0;
}
