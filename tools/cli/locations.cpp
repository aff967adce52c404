#include "cli/locations.h"

#include <cstdlib>
#include <filesystem>

#include "cli/model_store.h"

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

Result<std::string> DefaultModelsFolder() { return BelowHome("models"); }

Result<std::string> DefaultModelPath() {
  Result<std::string> folder = DefaultModelsFolder();
  if (!folder) return folder;
  std::error_code error;
  if (!fs::exists(fs::path(*folder) / "catalog.json", error)) {
    return BelowHome("models/base_model/model.safetensors");
  }
  const Result<ModelStore> store = ModelStore::Open(*folder);
  if (!store) return tl::unexpected(store.error());
  const Result<InstalledModel> active = store->Find(store->active());
  if (!active) return tl::unexpected(active.error());
  return active->path;
}

Result<std::string> DefaultEncoderPath() {
  if (const std::string path = FromEnvironment("SMARTSYNCH_ENCODER"); !path.empty()) return path;
  return BelowHome("models/base_model/encoder.onnx");
}

Result<std::string> DefaultRunsFolder() {
  if (const std::string path = FromEnvironment("SMARTSYNCH_RUNS"); !path.empty()) return path;
  return BelowHome("runs");
}

Result<std::string> DefaultVocabularyPath() { return BelowHome("models/base_model/vocab.txt"); }

Result<std::string> DefaultTokenTablePath() {
  return BelowHome("models/base_model/token_table.safetensors");
}

}  // namespace smartsynch
