#include "cli/locations.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <vector>

namespace smartsynch {
namespace {

namespace fs = std::filesystem;

std::string FromEnvironment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

Result<std::string> BelowHome(const fs::path& relative) {
  Result<std::string> home = HomeFolder();
  if (!home) return home;
  return (fs::path(*home) / relative).string();
}

}  // namespace

Result<std::string> HomeFolder() {
  if (const std::string home = FromEnvironment("SMARTSYNCH_HOME"); !home.empty()) return home;
  std::error_code error;
  fs::path folder = fs::canonical("/proc/self/exe", error).parent_path();
  for (; !error && !folder.empty(); folder = folder.parent_path()) {
    if (fs::is_directory(folder / "models", error)) return folder.string();
    error.clear();
    if (folder == folder.root_path()) break;
  }
  return Fail(ErrorCode::kNotFound,
              "the project's folder was not found above the program; set SMARTSYNCH_HOME to it",
              "SMARTSYNCH_HOME");
}

Result<std::string> DefaultModelPath() {
  const Result<std::string> folder = BelowHome("models");
  if (!folder) return folder;
  std::vector<std::string> models;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(*folder, error)) {
    if (entry.path().extension() == ".safetensors") models.push_back(entry.path().string());
  }
  std::sort(models.begin(), models.end());
  if (models.size() == 1) return models[0];
  if (models.empty()) {
    return Fail(ErrorCode::kNotFound,
                "no model (*.safetensors) in " + *folder + "; make one with `train`, or name one",
                "--model");
  }
  std::string message = "several models in " + *folder + ", name one:";
  for (const std::string& model : models) message += " " + fs::path(model).filename().string();
  return Fail(ErrorCode::kInvalidArgument, message, "--model");
}

Result<std::string> DefaultEncoderPath() {
  if (const std::string path = FromEnvironment("SMARTSYNCH_ENCODER"); !path.empty()) return path;
  return BelowHome(".cache/encoder/model.onnx");
}

Result<std::string> DefaultVocabularyPath() { return BelowHome(".cache/encoder/vocab.txt"); }

}  // namespace smartsynch
