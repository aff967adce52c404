// Installed model versions, known by the hash of their content.
//
//   MODELS/base_model/model.safetensors   the model that comes with the project
//   MODELS/versions/VERSION.safetensors   installed ones
//   MODELS/catalog.json                   {"active", "former": [VERSION…], "versions": {VERSION:
//                                         {"sha256", "parent", "added"}}}; without it the
//                                         base model alone is there, and active
//
// The catalog is replaced whole by a rename, so whoever reads it sees the old or the new choice.
// Thread safety: one program changes a store at a time; any number may read.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "smartsynch/base/status.h"
#include "smartsynch/model/model.h"

namespace smartsynch {

struct InstalledModel {
  std::string version;  // first 16 digits of sha256
  std::string sha256;   // of the file
  std::string path;
  std::string parent;      // the version it was trained from or replaces; may be empty
  std::int64_t added = 0;  // milliseconds since 1970; 0 for the base model
  bool is_base = false;
};

class ModelStore {
 public:
  // Fails with kInvalidData when the catalog is damaged, and kNotFound when there is neither a
  // catalog nor a base model.
  static Result<ModelStore> Open(const std::string& folder);

  const std::vector<InstalledModel>& models() const { return models_; }  // base first, then by age
  const std::string& active() const { return active_; }                  // its version
  const std::vector<std::string>& former() const { return former_; }     // the latest last

  // By version or the start of one that fits a single model. Fails with kNotFound or
  // kInvalidArgument (more than one fits).
  Result<InstalledModel> Find(const std::string& version) const;

  // Checks the file as a model, then copies it. The parent, when empty, is the active version.
  // A version that is installed already is left as it is.
  Result<InstalledModel> Add(const std::string& path, const std::string& parent);

  // From now on the default model. Verifies it first. Activating the active one changes nothing.
  Status Activate(const std::string& version);
  // Back to the version that was active before; fails with kNotFound when there was none.
  Status Rollback();

 private:
  explicit ModelStore(std::string folder) : folder_(std::move(folder)) {}
  Status Save() const;

  std::string folder_;
  std::vector<InstalledModel> models_;
  std::string active_;
  std::vector<std::string> former_;
};

// Reads the model with every check of ParseModel(), the self-test among them, and compares the
// file's hash. Fails with kInvalidModel when it is another file than the one installed.
Result<Model> VerifyInstalled(const InstalledModel& model);

}  // namespace smartsynch
