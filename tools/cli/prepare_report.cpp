// The report of prepare, for machines and for people.
#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/prepared_data.h"

namespace smartsynch {

using nlohmann::ordered_json;

double PreparedData::OpeningShare(const Opening& opening) const {
  return static_cast<double>(opening.count) / static_cast<double>(data.samples.size());
}

std::size_t PreparedData::Problems() const {
  std::size_t count =
      malformed + duplicates.exact.size() + duplicates.similar.size() + crowded_openings;
  if (overlap) count += overlap->exact.size() + overlap->similar.size();
  if (embedding) {
    count += static_cast<std::size_t>(
        std::count_if(embedding->near.begin(), embedding->near.end(),
                      [](const NearDuplicate& pair) { return pair.conflict; }));
  }
  return count;
}

namespace {

constexpr std::size_t kShown = 20;  // of what may be long; JSON has all

ordered_json Place(const SourcedSamples& data, std::size_t i) {
  const Sample& sample = data.samples[i];
  return {{"file", data.files[i]},
          {"line", sample.line},
          {"title", sample.title},
          {"category",
           sample.category.empty() ? ordered_json(nullptr) : ordered_json(sample.category)}};
}

ordered_json OverlapToJson(const PreparedData& prepared) {
  const EvaluationOverlap& overlap = *prepared.overlap;
  ordered_json json = {{"samples", overlap.data.samples.size()},
                       {"exact", ordered_json::array()},
                       {"similar", ordered_json::array()}};
  const auto pair_json = [&](const std::pair<std::size_t, std::size_t>& pair) -> ordered_json {
    return {{"data", Place(prepared.data, pair.first)},
            {"evaluation", Place(overlap.data, pair.second)}};
  };
  for (const auto& pair : overlap.exact) json["exact"].push_back(pair_json(pair));
  for (std::size_t i = 0; i < overlap.similar.size(); ++i) {
    json["similar"].push_back(pair_json(overlap.similar[i]));
    json["similar"].back()["similarity"] = overlap.similarity[i];
  }
  return json;
}

ordered_json EmbeddingToJson(const PreparedData& prepared) {
  const EmbeddingFindings& found = *prepared.embedding;
  ordered_json json = {{"near_threshold", found.threshold},
                       {"near_duplicates", ordered_json::array()},
                       {"folds", found.folds},
                       {"disagreements", ordered_json::array()}};
  for (const NearDuplicate& pair : found.near) {
    json["near_duplicates"].push_back({{"first", Place(prepared.data, pair.first)},
                                       {"second", Place(prepared.data, pair.second)},
                                       {"cosine", pair.cosine},
                                       {"conflict", pair.conflict}});
  }
  for (const Disagreement& d : found.disagreements) {
    const bool is_none = d.expected == kOpenSetLabel;
    json["disagreements"].push_back(
        {{"sample", Place(prepared.data, d.row)},
         {"expected", is_none
                          ? ordered_json(nullptr)
                          : ordered_json(found.categories[static_cast<std::size_t>(d.expected)])},
         {"confidence", d.confidence},
         {"given_confidence", d.given_confidence}});
  }
  return json;
}

std::string CategoryText(const ordered_json& category) {
  return category.is_string() ? category.get<std::string>() : "no category";
}

std::string PlaceText(const ordered_json& place) {
  return place["file"].get<std::string>() + ":" + std::to_string(place["line"].get<int>()) + " \"" +
         place["title"].get<std::string>() + "\" (" + CategoryText(place["category"]) + ")";
}

std::string More(std::size_t all) {
  return all > kShown ? "and " + std::to_string(all - kShown) + " more (--json lists all)\n" : "";
}

std::string OverlapText(const ordered_json& overlap) {
  std::string text = std::to_string(overlap["samples"].get<int>()) +
                     " evaluation samples: " + std::to_string(overlap["exact"].size()) +
                     " are in the data, " + std::to_string(overlap["similar"].size()) +
                     " similar pairs\n";
  char line[64];
  for (const ordered_json& pair : overlap["exact"]) {
    text += "evaluated and trained on: " + PlaceText(pair["evaluation"]) + " is " +
            PlaceText(pair["data"]) + "\n";
  }
  for (const ordered_json& pair : overlap["similar"]) {
    std::snprintf(line, sizeof line,
                  "evaluated, similar (%.2f): ", pair["similarity"].get<double>());
    text += line + PlaceText(pair["evaluation"]) + " and " + PlaceText(pair["data"]) + "\n";
  }
  return text;
}

std::string EmbeddingText(const ordered_json& found) {
  std::string text;
  char line[96];
  std::size_t in_one_category = 0;
  for (const ordered_json& pair : found["near_duplicates"]) {
    const bool conflict = pair["conflict"].get<bool>();
    if (!conflict && ++in_one_category > kShown) continue;
    std::snprintf(line, sizeof line, "near %s (%.3f): ", conflict ? "conflict" : "duplicate",
                  pair["cosine"].get<double>());
    text += line + PlaceText(pair["first"]) + " and " + PlaceText(pair["second"]) + "\n";
  }
  text += More(in_one_category);
  const ordered_json& disagreements = found["disagreements"];
  text += std::to_string(disagreements.size()) + " samples that " +
          std::to_string(found["folds"].get<int>()) + "-fold cross-validation disagrees with\n";
  for (std::size_t i = 0; i < std::min(kShown, disagreements.size()); ++i) {
    const ordered_json& d = disagreements[i];
    std::snprintf(line, sizeof line, " (%.2f, own %.2f)\n", d["confidence"].get<double>(),
                  d["given_confidence"].get<double>());
    text += "rather " + CategoryText(d["expected"]) + ": " + PlaceText(d["sample"]) + line;
  }
  return text + More(disagreements.size());
}

}  // namespace

ordered_json PreparedToJson(const PreparedData& prepared) {
  ordered_json json;
  json["samples"] = prepared.categorised;
  json["open_set_samples"] = prepared.data.samples.size() - prepared.categorised;
  json["malformed_rows"] = prepared.malformed;

  struct Group {
    std::size_t samples = 0;
    double weight = 0;
  };
  std::map<std::string, Group> categories;
  std::map<std::string, std::size_t> languages;
  std::size_t with_description = 0;
  for (std::size_t i = 0; i < prepared.data.samples.size(); ++i) {
    const Sample& sample = prepared.data.samples[i];
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
    json["duplicates"].push_back({{"first", Place(prepared.data, pair.first)},
                                  {"later", Place(prepared.data, pair.later)},
                                  {"conflict", pair.conflict}});
  }
  json["similar"] = ordered_json::array();
  for (const SimilarPair& pair : prepared.duplicates.similar) {
    json["similar"].push_back({{"first", Place(prepared.data, pair.first)},
                               {"second", Place(prepared.data, pair.second)},
                               {"similarity", pair.similarity}});
  }
  json["openings"] = ordered_json::array();
  for (const Opening& opening : prepared.duplicates.openings) {
    if (json["openings"].size() == 10) break;
    json["openings"].push_back({{"words", opening.words},
                                {"samples", opening.count},
                                {"share", prepared.OpeningShare(opening)}});
  }
  json["crowded_openings"] = prepared.crowded_openings;
  if (prepared.overlap) json["evaluation_overlap"] = OverlapToJson(prepared);
  if (prepared.embedding) json["embedding"] = EmbeddingToJson(prepared);
  json["left_out"] = prepared.redundant.size();
  json["train"] = prepared.train;
  json["validation"] = prepared.validation;
  json["problems"] = prepared.Problems();
  return json;
}

std::string PreparedToText(const ordered_json& report) {
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
  if (report.contains("evaluation_overlap")) text += OverlapText(report["evaluation_overlap"]);
  if (report.contains("embedding")) text += EmbeddingText(report["embedding"]);
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

}  // namespace smartsynch
