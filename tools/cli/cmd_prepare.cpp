// prepare: is a data set fit to train on? Cleans it, finds what repeats or contradicts itself,
// reports its balance, and splits it.
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "cli/common.h"
#include "cli/data_input.h"
#include "cli/file.h"
#include "smartsynch/learn/duplicates.h"
#include "smartsynch/learn/split.h"
#include "smartsynch/text/utf8.h"

namespace smartsynch {
namespace {

using nlohmann::ordered_json;

constexpr double kMaxOpeningShare = 0.01;
constexpr int kOpenSetGroup = -1;

struct PrepareOptions {
  std::string data;
  std::vector<std::string> open_set;
  std::string array = "samples";
  std::string out;
  std::uint64_t seed = 1;
  double validation = 0.15;
  bool json = false;
  bool strict = false;
};

// All samples, those of the categories first; an open-set sample's category is empty.
struct Prepared {
  std::vector<Sample> samples;
  std::vector<std::string> files;  // by sample
  std::size_t categorised = 0;
  std::size_t malformed = 0;
  DuplicateReport duplicates;
  std::vector<std::size_t> redundant;
  std::size_t crowded_openings = 0;
  std::size_t train = 0;
  std::size_t validation = 0;

  std::size_t problems() const {
    return malformed + duplicates.exact.size() + duplicates.similar.size() + crowded_openings;
  }
};

// White space and control characters become single spaces (the tokenizer sees no difference), none
// at either end.
std::string Tidy(std::string_view text) {
  std::string tidy;
  bool space = false;
  for (std::size_t position = 0; position < text.size();) {
    const char32_t c = DecodeUtf8(text, position);
    if (c <= 0x20 || (c >= 0x7F && c <= 0xA0)) {
      space = !tidy.empty();
      continue;
    }
    if (space) tidy.push_back(' ');
    space = false;
    AppendUtf8(c, tidy);
  }
  return tidy;
}

Status ReadFiles(const PrepareOptions& options, Prepared& prepared) {
  DatasetOptions reading;
  reading.array = options.array;
  const auto read = [&](const std::string& path) -> Status {
    Result<DataFile> file = LoadDataFile(path, reading, options.strict);
    if (!file) return tl::unexpected(file.error());
    prepared.malformed += file->malformed;
    for (Sample& sample : file->samples) {
      sample.title = Tidy(sample.title);
      sample.description = Tidy(sample.description);
      if (!reading.require_category) sample.category.clear();
      prepared.samples.push_back(std::move(sample));
      prepared.files.push_back(path);
    }
    return {};
  };
  if (Status status = read(options.data); !status) return status;
  prepared.categorised = prepared.samples.size();
  reading.require_category = false;
  for (const std::string& path : options.open_set) {
    if (Status status = read(path); !status) return status;
  }
  return {};
}

double OpeningShare(const Opening& opening, const Prepared& prepared) {
  return static_cast<double>(opening.count) / static_cast<double>(prepared.samples.size());
}

// Twice is no habit, however small the data set.
bool IsCrowded(const Opening& opening, const Prepared& prepared) {
  return opening.count > 2 && OpeningShare(opening, prepared) > kMaxOpeningShare;
}

Status WriteSplit(const PrepareOptions& options, Prepared& prepared) {
  std::vector<std::size_t> kept;
  std::vector<int> labels;
  std::map<std::string, int> label_of;
  std::size_t next_redundant = 0;
  for (std::size_t i = 0; i < prepared.samples.size(); ++i) {
    if (next_redundant < prepared.redundant.size() && prepared.redundant[next_redundant] == i) {
      ++next_redundant;
      continue;
    }
    const bool has_category = i < prepared.categorised;
    const auto number = static_cast<int>(label_of.size());
    kept.push_back(i);
    labels.push_back(has_category
                         ? label_of.try_emplace(prepared.samples[i].category, number).first->second
                         : kOpenSetGroup);
  }
  const std::vector<bool> held_out = StratifiedHoldout(labels, options.validation, options.seed);
  std::map<std::string, std::string> files;
  for (std::size_t k = 0; k < kept.size(); ++k) {
    const std::string part = held_out[k] ? "validation.jsonl" : "train.jsonl";
    const std::string prefix = kept[k] < prepared.categorised ? "" : "open_set_";
    files[prefix + part] += SampleToJsonLine(prepared.samples[kept[k]]);
    ++(held_out[k] ? prepared.validation : prepared.train);
  }
  if (options.out.empty()) return {};
  std::error_code error;
  std::filesystem::create_directories(options.out, error);
  if (error) {
    return Fail(ErrorCode::kIo, "cannot make the folder " + options.out + ": " + error.message(),
                "--out");
  }
  for (const auto& [name, content] : files) {
    const std::string path = (std::filesystem::path(options.out) / name).string();
    if (Status status = WriteFileAtomically(path, content); !status) return status;
  }
  return {};
}

ordered_json Place(const Prepared& prepared, std::size_t i) {
  const Sample& sample = prepared.samples[i];
  return {{"file", prepared.files[i]},
          {"line", sample.line},
          {"title", sample.title},
          {"category",
           sample.category.empty() ? ordered_json(nullptr) : ordered_json(sample.category)}};
}

ordered_json ToJson(const Prepared& prepared) {
  ordered_json json;
  json["samples"] = prepared.categorised;
  json["open_set_samples"] = prepared.samples.size() - prepared.categorised;
  json["malformed_rows"] = prepared.malformed;

  struct Group {
    std::size_t samples = 0;
    double weight = 0;
  };
  std::map<std::string, Group> categories;
  std::map<std::string, std::size_t> languages;
  std::size_t with_description = 0;
  for (std::size_t i = 0; i < prepared.samples.size(); ++i) {
    const Sample& sample = prepared.samples[i];
    if (i < prepared.categorised) {
      Group& group = categories[sample.category];
      ++group.samples;
      group.weight += static_cast<double>(sample.weight);
    }
    ++languages[sample.language.empty() ? "unknown" : sample.language];
    with_description += sample.description.empty() ? 0 : 1;
  }
  json["categories"] = ordered_json::object();
  for (const auto& [name, group] : categories) {
    json["categories"][name] = {
        {"samples", group.samples},
        {"weight", group.weight},
        {"share", static_cast<double>(group.samples) / static_cast<double>(prepared.categorised)}};
  }
  json["languages"] = languages;
  json["with_description"] = with_description;

  json["duplicates"] = ordered_json::array();
  for (const ExactDuplicate& pair : prepared.duplicates.exact) {
    json["duplicates"].push_back({{"first", Place(prepared, pair.first)},
                                  {"later", Place(prepared, pair.later)},
                                  {"conflict", pair.conflict}});
  }
  json["similar"] = ordered_json::array();
  for (const SimilarPair& pair : prepared.duplicates.similar) {
    json["similar"].push_back({{"first", Place(prepared, pair.first)},
                               {"second", Place(prepared, pair.second)},
                               {"similarity", pair.similarity}});
  }
  json["openings"] = ordered_json::array();
  for (const Opening& opening : prepared.duplicates.openings) {
    if (json["openings"].size() == 10) break;
    json["openings"].push_back({{"words", opening.words},
                                {"samples", opening.count},
                                {"share", OpeningShare(opening, prepared)}});
  }
  json["crowded_openings"] = prepared.crowded_openings;
  json["left_out"] = prepared.redundant.size();
  json["train"] = prepared.train;
  json["validation"] = prepared.validation;
  json["problems"] = prepared.problems();
  return json;
}

std::string PlaceText(const ordered_json& place) {
  const bool has_category = place["category"].is_string();
  return place["file"].get<std::string>() + ":" + std::to_string(place["line"].get<int>()) + " \"" +
         place["title"].get<std::string>() + "\" (" +
         (has_category ? place["category"].get<std::string>() : "no category") + ")";
}

std::string ToText(const ordered_json& report) {
  const auto count = [&](const char* name) { return std::to_string(report[name].get<int>()); };
  std::string text = count("samples") + " samples, " + count("open_set_samples") +
                     " open-set samples, " + count("malformed_rows") + " malformed rows, " +
                     count("with_description") + " with a description\n";
  char line[160];
  for (const auto& [name, group] : report["categories"].items()) {
    std::snprintf(line, sizeof line, "%7d  %5.1f %%  weight %.1f  ", group["samples"].get<int>(),
                  group["share"].get<double>() * 100, group["weight"].get<double>());
    text += line + name + "\n";
  }
  text += "languages:";
  for (const auto& [name, samples] : report["languages"].items()) {
    text += " " + name + " " + std::to_string(samples.get<int>());
  }
  text += "\n";
  for (const ordered_json& pair : report["duplicates"]) {
    text += std::string(pair["conflict"].get<bool>() ? "conflict: " : "duplicate: ") +
            PlaceText(pair["first"]) + " and " + PlaceText(pair["later"]) + "\n";
  }
  for (const ordered_json& pair : report["similar"]) {
    std::snprintf(line, sizeof line, "similar (%.2f): ", pair["similarity"].get<double>());
    text += line + PlaceText(pair["first"]) + " and " + PlaceText(pair["second"]) + "\n";
  }
  text += "most used openings:";
  for (const ordered_json& opening : report["openings"]) {
    std::snprintf(line, sizeof line, "%.2f %%", opening["share"].get<double>() * 100);
    text += " \"" + opening["words"].get<std::string>() + "\" " + line;
  }
  return text + "\n" + count("crowded_openings") +
         " openings begin more than 1 % of the samples\n" + count("left_out") + " left out, " +
         count("train") + " for training, " + count("validation") + " for validation\n" +
         count("problems") + " problems\n";
}

int Prepare(const PrepareOptions& options) {
  Prepared prepared;
  if (Status status = ReadFiles(options, prepared); !status) return ReportFailure(status.error());
  prepared.duplicates = FindDuplicates(prepared.samples);
  prepared.redundant = RedundantSamples(prepared.duplicates);
  for (const Opening& opening : prepared.duplicates.openings) {
    prepared.crowded_openings += IsCrowded(opening, prepared) ? 1 : 0;
  }
  if (Status status = WriteSplit(options, prepared); !status) return ReportFailure(status.error());
  const ordered_json report = ToJson(prepared);
  const int printed = options.json ? PrintJson(report) : PrintText(ToText(report));
  if (printed != kExitSuccess) return printed;
  if (options.strict && prepared.problems() > 0) {
    return ReportFailure({ErrorCode::kInvalidData,
                          std::to_string(prepared.problems()) + " problems in the data (--strict)",
                          "--data"});
  }
  return kExitSuccess;
}

}  // namespace

VerbAction DefinePrepare(CLI::App& command) {
  auto options = std::make_shared<PrepareOptions>();
  command
      .add_option("--data", options->data,
                  "labelled samples: JSON, JSON Lines or CSV (\"-\": standard input)")
      ->required();
  command.add_option("--open-set", options->open_set,
                     "files of samples that belong to no category, whatever their label");
  command.add_option("--out", options->out,
                     "folder to write train.jsonl and validation.jsonl to (with --open-set also "
                     "open_set_train.jsonl and open_set_validation.jsonl), without duplicates and "
                     "without texts that have two categories");
  command
      .add_option("--validation", options->validation,
                  "share of each category held out for validation (default: 0.15)")
      ->check(Between(0.0, 1.0));
  command.add_option("--seed", options->seed, "of the split (default: 1)");
  AddArrayOption(command, options->array);
  AddJsonFlag(command, options->json);
  command.add_flag("--strict", options->strict,
                   "fail if there is a malformed row (at the first one), a duplicate, a conflict, "
                   "a similar pair or an opening used too often");
  return [options] { return Prepare(*options); };
}

}  // namespace smartsynch
