// models: installed versions, their figures side by side, and which of them is the default.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/common.h"
#include "cli/locations.h"
#include "cli/model_store.h"

namespace smartsynch {
namespace {

using nlohmann::ordered_json;

struct ModelsOptions {
  std::string models;
  std::string file;
  std::string parent;
  std::vector<std::string> versions;
  bool json = false;
};

Result<ModelStore> OpenStore(const ModelsOptions& options) {
  const Result<std::string> folder =
      options.models.empty() ? DefaultModelsFolder() : Result<std::string>(options.models);
  if (!folder) return tl::unexpected(folder.error());
  return ModelStore::Open(*folder);
}

ordered_json Describe(const ModelStore& store, const InstalledModel& installed,
                      const Model& model) {
  ordered_json json;
  json["version"] = installed.version;
  json["active"] = installed.version == store.active();
  json["base"] = installed.is_base;
  json["sha256"] = installed.sha256;
  json["path"] = installed.path;
  json["parent"] =
      installed.parent.empty() ? ordered_json(nullptr) : ordered_json(installed.parent);
  json["added"] = installed.added;
  json["categories"] = model.categories.size();
  json["created_by"] = model.provenance.created_by;
  json["seed"] = model.provenance.seed;
  json["training_data_sha256"] = model.provenance.training_data_sha256;
  json["training_samples"] = model.provenance.training_samples;
  json["open_set_samples"] = model.provenance.open_set_samples;
  json["encoder_sha256"] = model.encoder_sha256;
  json["metrics"] = ordered_json::parse(model.provenance.metrics_json, nullptr, false);
  return json;
}

// Damaged files are listed, too: "error" says what is wrong.
ordered_json DescribeFile(const ModelStore& store, const InstalledModel& installed) {
  const Result<Model> model = VerifyInstalled(installed);
  if (model) return Describe(store, installed, *model);
  return {{"version", installed.version},
          {"active", installed.version == store.active()},
          {"base", installed.is_base},
          {"path", installed.path},
          {"error", model.error().message}};
}

std::string ShownField(const ordered_json& json, const char* pointer) {
  const ordered_json::json_pointer place(pointer);
  if (!json.contains(place) || !json[place].is_number()) return "-";
  char text[32];
  std::snprintf(text, sizeof text, "%.4f", json[place].get<double>());
  return text;
}

int List(const ModelsOptions& options, const ModelStore& store) {
  ordered_json json = ordered_json::array();
  std::string text;
  for (const InstalledModel& installed : store.models()) {
    json.push_back(DescribeFile(store, installed));
    const ordered_json& entry = json.back();
    text += (installed.version == store.active() ? "* " : "  ") + installed.version + "  ";
    text += entry.contains("error")
                ? "DAMAGED: " + entry["error"].get<std::string>()
                : "accuracy " + ShownField(entry, "/metrics/accuracy") + ", macro F1 " +
                      ShownField(entry, "/metrics/macro_f1") + ", " +
                      std::to_string(entry["training_samples"].get<std::size_t>()) + " samples" +
                      (installed.is_base ? ", base model" : "") +
                      (installed.parent.empty() ? "" : ", from " + installed.parent);
    text += "\n";
  }
  return options.json ? PrintJson(json) : PrintText(text);
}

int Compare(const ModelsOptions& options, const ModelStore& store) {
  ordered_json json = ordered_json::array();
  for (const std::string& version : options.versions) {
    const Result<InstalledModel> installed = store.Find(version);
    if (!installed) return ReportFailure(installed.error());
    const Result<Model> model = VerifyInstalled(*installed);
    if (!model) return ReportFailure(model.error());
    json.push_back(Describe(store, *installed, *model));
  }
  if (options.json) return PrintJson(json);
  std::string text = "held out              ";
  for (const ordered_json& entry : json) text += "  " + entry["version"].get<std::string>();
  text += "\n";
  constexpr const char* kRows[][2] = {{"accuracy", "/metrics/accuracy"},
                                      {"macro F1", "/metrics/macro_f1"},
                                      {"calibration error", "/metrics/ece"},
                                      {"auto precision", "/metrics/auto_select/precision"},
                                      {"auto coverage", "/metrics/auto_select/coverage"},
                                      {"open-set AUROC", "/metrics/open_set/auroc"},
                                      {"open-set FPR95", "/metrics/open_set/fpr95"}};
  for (const auto& [name, pointer] : kRows) {
    char cell[64];
    std::snprintf(cell, sizeof cell, "%-22s", name);
    text += cell;
    for (const ordered_json& entry : json) {
      std::snprintf(cell, sizeof cell, "  %16s", ShownField(entry, pointer).c_str());
      text += cell;
    }
    text += "\n";
  }
  const auto same_data = [&](const ordered_json& entry) {
    return entry["training_data_sha256"] == json[0]["training_data_sha256"];
  };
  if (!std::all_of(json.begin(), json.end(), same_data)) {
    text += "\nTrained on different data: each was measured on folds of its own.\n";
  }
  return PrintText(text);
}

int Verify(const ModelsOptions& options, const ModelStore& store) {
  ordered_json json = ordered_json::array();
  std::string text;
  bool all_good = true;
  std::vector<InstalledModel> wanted;
  for (const std::string& version : options.versions) {
    const Result<InstalledModel> installed = store.Find(version);
    if (!installed) return ReportFailure(installed.error());
    wanted.push_back(*installed);
  }
  for (const InstalledModel& installed : options.versions.empty() ? store.models() : wanted) {
    const Result<Model> model = VerifyInstalled(installed);
    all_good = all_good && model.has_value();
    json.push_back({{"version", installed.version}, {"ok", model.has_value()}});
    if (!model) {
      json.back()["error"] = model.error().message;
      ReportFailure(model.error());
    }
    text += installed.version + "  " + (model ? "ok" : model.error().message) + "\n";
  }
  const int printed = options.json ? PrintJson(json) : PrintText(text);
  return all_good ? printed : kExitFailure;
}

int ReportActive(const ModelsOptions& options, const ModelStore& store) {
  return options.json ? PrintJson({{"active", store.active()}})
                      : PrintText("active: " + store.active() + "\n");
}

int Add(const ModelsOptions& options, ModelStore& store) {
  const Result<InstalledModel> added = store.Add(options.file, options.parent);
  if (!added) return ReportFailure(added.error());
  return options.json ? PrintJson(DescribeFile(store, *added))
                      : PrintText("installed " + added->version + "\n");
}

}  // namespace

VerbAction DefineModels(CLI::App& command) {
  auto options = std::make_shared<ModelsOptions>();
  command.require_subcommand(1);
  CLI::App* list = command.add_subcommand("list", "installed versions, the active one marked");
  CLI::App* add = command.add_subcommand("add", "install a model file");
  CLI::App* compare = command.add_subcommand("compare", "held-out figures side by side");
  CLI::App* activate = command.add_subcommand("activate", "make a version the default model");
  CLI::App* rollback = command.add_subcommand("rollback", "back to the version active before");
  CLI::App* verify =
      command.add_subcommand("verify", "check hashes and run the self-tests of versions");
  for (CLI::App* action : {list, add, compare, activate, rollback, verify}) {
    action->add_option("--models", options->models, "folder of the models (default: models/)");
    AddJsonFlag(*action, options->json);
  }
  add->add_option("file", options->file, "model file that `train` wrote")->required();
  add->add_option("--parent", options->parent, "version it comes from (default: the active one)");
  const char* which = "version id, its first digits, or \"base\"";
  compare->add_option("versions", options->versions, which)->required()->expected(2, 8);
  activate->add_option("version", options->versions, which)->required()->expected(1);
  verify->add_option("versions", options->versions, which);
  return [=] {
    Result<ModelStore> store = OpenStore(*options);
    if (!store) return ReportFailure(store.error());
    if (list->parsed()) return List(*options, *store);
    if (add->parsed()) return Add(*options, *store);
    if (compare->parsed()) return Compare(*options, *store);
    if (verify->parsed()) return Verify(*options, *store);
    const Status status =
        rollback->parsed() ? store->Rollback() : store->Activate(options->versions.front());
    return status ? ReportActive(*options, *store) : ReportFailure(status.error());
  };
}

}  // namespace smartsynch
