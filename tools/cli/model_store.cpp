#include "cli/model_store.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "cli/file.h"
#include "cli/run_log.h"
#include "smartsynch/base/hash.h"
#include "smartsynch/model/model_file.h"

namespace smartsynch {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

std::string CatalogPath(const std::string& folder) {
  return (fs::path(folder) / "catalog.json").string();
}

std::string VersionPath(const std::string& folder, const std::string& version) {
  return (fs::path(folder) / "versions" / (version + ".safetensors")).string();
}

bool IsHash(const ordered_json& value, std::size_t digits) {
  if (!value.is_string()) return false;
  const std::string& text = value.get_ref<const std::string&>();
  return text.size() == digits && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

const ordered_json& Member(const ordered_json& json, const char* name) {
  static const ordered_json none;
  return json.is_object() && json.contains(name) ? json[name] : none;
}

tl::unexpected<Error> Damaged(const std::string& path, const std::string& what) {
  return Fail(ErrorCode::kInvalidData, path + ": " + what, path);
}

}  // namespace

Result<Model> VerifyInstalled(const InstalledModel& model) {
  const Result<std::string> bytes = ReadFile(model.path);
  if (!bytes) return tl::unexpected(bytes.error());
  const std::string sha256 = Sha256Hex(*bytes);
  if (sha256 != model.sha256) {
    return Fail(ErrorCode::kInvalidModel,
                model.path + ": found a file with SHA-256 " + sha256 + ", expected " + model.sha256,
                "sha256");
  }
  Result<Model> parsed = ParseModel(*bytes);
  if (!parsed) {
    Error error = parsed.error();
    error.message = model.path + ": " + error.message;
    return tl::unexpected(std::move(error));
  }
  return parsed;
}

Result<ModelStore> ModelStore::Open(const std::string& folder) {
  ModelStore store(folder);
  const std::string base = (fs::path(folder) / "base_model" / "model.safetensors").string();
  const Result<std::string> base_bytes = ReadFile(base);
  if (base_bytes) {
    const std::string sha256 = Sha256Hex(*base_bytes);
    store.models_.push_back({sha256.substr(0, 16), sha256, base, "", 0, true});
    store.active_ = sha256.substr(0, 16);
  }
  const std::string path = CatalogPath(folder);
  const Result<std::string> bytes = ReadFile(path);
  if (!bytes && bytes.error().code == ErrorCode::kNotFound) {
    if (store.models_.empty()) {
      return Fail(ErrorCode::kNotFound,
                  folder +
                      " holds no models: expected catalog.json or "
                      "base_model/model.safetensors",
                  "--models");
    }
    return store;
  }
  if (!bytes) return tl::unexpected(bytes.error());
  const ordered_json catalog = ordered_json::parse(*bytes, nullptr, false);
  if (!catalog.is_object()) return Damaged(path, "expected a JSON object");
  const ordered_json& versions = Member(catalog, "versions");
  if (!versions.is_object()) return Damaged(path, "versions: expected an object");
  for (const auto& [version, entry] : versions.items()) {
    if (!IsHash(version, 16) || !IsHash(Member(entry, "sha256"), 64)) {
      return Damaged(path, "versions." + version + ": expected a version id with its \"sha256\"");
    }
    const ordered_json& parent = Member(entry, "parent");
    const ordered_json& added = Member(entry, "added");
    if (std::any_of(store.models_.begin(), store.models_.end(),
                    [&v = version](const InstalledModel& m) { return m.version == v; })) {
      continue;  // an installed copy of what is the base model by now
    }
    store.models_.push_back({version, entry["sha256"].get<std::string>(),
                             VersionPath(folder, version),
                             parent.is_string() ? parent.get<std::string>() : "",
                             added.is_number_integer() ? added.get<std::int64_t>() : 0, false});
  }
  std::stable_sort(store.models_.begin(), store.models_.end(),
                   [](const InstalledModel& a, const InstalledModel& b) {
                     return a.is_base != b.is_base ? a.is_base : a.added < b.added;
                   });
  const ordered_json& active = Member(catalog, "active");
  // "base" follows the base model when the project brings a newer one.
  if (IsHash(active, 16)) {
    store.active_ = active.get<std::string>();
    if (!store.Find(store.active_)) {
      return Damaged(path, "active: version " + store.active_ + " is not installed");
    }
  } else if (active != "base") {
    return Damaged(path, "active: expected a version id or \"base\"");
  }
  const ordered_json& former = Member(catalog, "former");
  if (former.is_array()) {
    for (const ordered_json& version : former) {
      if (IsHash(version, 16) || version == "base") {
        store.former_.push_back(version.get<std::string>());
      }
    }
  }
  return store;
}

Result<InstalledModel> ModelStore::Find(const std::string& version) const {
  if (version == "base" && !models_.empty() && models_.front().is_base) return models_.front();
  const InstalledModel* found = nullptr;
  for (const InstalledModel& model : models_) {
    if (version.empty() || model.version.rfind(version, 0) != 0) continue;
    if (found != nullptr) {
      return Fail(ErrorCode::kInvalidArgument,
                  "version " + version + " fits " + found->version + " and " + model.version +
                      ", expected more digits",
                  "version");
    }
    found = &model;
  }
  if (found == nullptr) {
    return Fail(ErrorCode::kNotFound, "no model of version \"" + version + "\" is installed",
                "version");
  }
  return *found;
}

Result<InstalledModel> ModelStore::Add(const std::string& path, const std::string& parent) {
  const Result<std::string> bytes = ReadFile(path);
  if (!bytes) return tl::unexpected(bytes.error());
  const Result<Model> model = ParseModel(*bytes);
  if (!model) {
    Error error = model.error();
    error.message = path + ": " + error.message;
    return tl::unexpected(std::move(error));
  }
  InstalledModel added;
  added.sha256 = Sha256Hex(*bytes);
  added.version = model->version;
  if (Result<InstalledModel> known = Find(added.version)) return known;
  added.parent = active_;
  if (!parent.empty()) {
    Result<InstalledModel> found = Find(parent);
    if (!found) return found;
    added.parent = found->version;
  }
  added.path = VersionPath(folder_, added.version);
  added.added = UnixMilliseconds();
  std::error_code error;
  fs::create_directories(fs::path(added.path).parent_path(), error);
  if (Status status = WriteFileAtomically(added.path, *bytes); !status) {
    return tl::unexpected(status.error());
  }
  models_.push_back(added);
  if (Status status = Save(); !status) return tl::unexpected(status.error());
  return added;
}

Status ModelStore::Activate(const std::string& version) {
  const Result<InstalledModel> found = Find(version);
  if (!found) return tl::unexpected(found.error());
  if (const Result<Model> model = VerifyInstalled(*found); !model) {
    return tl::unexpected(model.error());
  }
  if (found->version == active_) return {};
  former_.push_back(active_);
  active_ = found->version;
  return Save();
}

Status ModelStore::Rollback() {
  if (former_.empty()) {
    return Fail(ErrorCode::kNotFound, "no version was active before " + active_, "version");
  }
  const Result<InstalledModel> found = Find(former_.back());
  if (!found) return tl::unexpected(found.error());
  if (const Result<Model> model = VerifyInstalled(*found); !model) {
    return tl::unexpected(model.error());
  }
  active_ = found->version;
  former_.pop_back();
  return Save();
}

Status ModelStore::Save() const {
  const auto named = [&](const std::string& version) -> std::string {
    return !models_.empty() && models_.front().is_base && models_.front().version == version
               ? "base"
               : version;
  };
  ordered_json catalog;
  catalog["active"] = named(active_);
  catalog["former"] = ordered_json::array();
  for (const std::string& version : former_) catalog["former"].push_back(named(version));
  catalog["versions"] = ordered_json::object();
  for (const InstalledModel& model : models_) {
    if (model.is_base) continue;
    catalog["versions"][model.version] = {
        {"sha256", model.sha256}, {"parent", model.parent}, {"added", model.added}};
  }
  return WriteFileAtomically(CatalogPath(folder_), catalog.dump(1) + "\n");
}

}  // namespace smartsynch
