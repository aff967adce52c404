#include "cli/curves_json.h"

#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "cli/metrics_json.h"

namespace smartsynch {
namespace {

using nlohmann::ordered_json;

constexpr const char* kReference = "en sentence";

ordered_json IntervalOrNull(const std::optional<Interval>& interval) {
  return interval ? ordered_json{interval->low, interval->high} : ordered_json(nullptr);
}

template <typename Point, typename ToJson>
ordered_json CurveToJson(const std::vector<Point>& curve, ToJson&& to_json) {
  constexpr std::size_t kMost = 200;
  ordered_json points = ordered_json::array();
  const std::size_t count = std::min(curve.size(), kMost);
  for (std::size_t i = 0; i < count; ++i) {
    points.push_back(to_json(curve[count < 2 ? i : i * (curve.size() - 1) / (count - 1)]));
  }
  return points;
}

std::string OrUnknown(const std::string& name) { return name.empty() ? "unknown" : name; }

std::string Field(const ordered_json& value, const char* format, double factor = 1) {
  if (!value.is_number()) return "-";
  char text[32];
  std::snprintf(text, sizeof text, format, value.get<double>() * factor);
  return text;
}

}  // namespace

ordered_json CurvesToJson(std::span<const std::string> categories,
                          std::span<const JudgedPrediction> rows) {
  ordered_json json;
  json["reliability"] =
      CurveToJson(ReliabilityBins(categories, rows), [](const ReliabilityBin& bin) {
        return ordered_json{
            {"confidence", bin.confidence}, {"accuracy", bin.accuracy}, {"n", bin.rows}};
      });
  json["coverage"] = CurveToJson(CoverageCurve(categories, rows), [](const CoveragePoint& point) {
    return ordered_json{{"threshold", point.threshold},
                        {"coverage", point.coverage},
                        {"precision", point.precision}};
  });
  json["roc"] = CurveToJson(OpenSetRoc(categories, rows), [](const RocPoint& point) {
    return ordered_json{{"false_alarms", point.false_alarms}, {"detected", point.detected}};
  });
  return json;
}

ordered_json IntervalsToJson(const HeadlineIntervals& intervals) {
  ordered_json json;
  json["accuracy"] = IntervalOrNull(intervals.accuracy);
  json["macro_f1"] = IntervalOrNull(intervals.macro_f1);
  json["auto_precision"] = IntervalOrNull(intervals.auto_precision);
  json["auto_coverage"] = IntervalOrNull(intervals.auto_coverage);
  json["auroc"] = IntervalOrNull(intervals.auroc);
  json["fpr95"] = IntervalOrNull(intervals.fpr95);
  json["ece"] = IntervalOrNull(intervals.ece);
  return json;
}

Result<ordered_json> GroupsToJson(std::span<const std::string> categories,
                                  std::span<const Sample> samples,
                                  std::span<const JudgedPrediction> rows,
                                  const MetricsOptions& options, std::size_t copies) {
  std::map<std::string, std::map<std::string, std::vector<std::size_t>>> members;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const std::string language = OrUnknown(samples[i].language);
    const std::string style = OrUnknown(samples[i].style);
    members["language"][language].push_back(i);
    members["style"][style].push_back(i);
    std::string pair = language;
    pair.append(" ").append(style);
    members["language_style"][pair].push_back(i);
  }
  if (copies == 0) return Fail(ErrorCode::kInvalidArgument, "found no round of rows", "copies");
  ordered_json json;
  std::optional<double> reference;
  // The pairs first, for the reference is one of them.
  for (const char* kind : {"language_style", "language", "style"}) {
    for (const auto& [name, group] : members[kind]) {
      std::vector<JudgedPrediction> some;
      for (std::size_t round = 0; round < copies; ++round) {
        for (const std::size_t i : group) some.push_back(rows[round * samples.size() + i]);
      }
      MetricsOptions plain = options;
      plain.bootstrap_samples = 0;
      const Result<Metrics> metrics = ComputeMetrics(categories, some, plain);
      if (!metrics) return tl::unexpected(metrics.error());
      const Result<HeadlineIntervals> intervals =
          BootstrapHeadlines(categories, some, options, copies);
      if (!intervals) return tl::unexpected(intervals.error());
      if (std::string(kind) == "language_style" && name == kReference) {
        reference = metrics->accuracy;
      }
      ordered_json& entry = json[kind][name];
      entry["n"] = metrics->known / copies;
      entry["n_open_set"] = metrics->open_set / copies;
      entry["accuracy"] = NumberOrNull(metrics->accuracy);
      entry["accuracy_interval"] = IntervalOrNull(intervals->accuracy);
      entry["macro_f1"] = NumberOrNull(metrics->macro_f1);
      entry["auroc"] = metrics->open_set_detection
                           ? ordered_json(metrics->open_set_detection->auroc)
                           : ordered_json(nullptr);
    }
  }
  for (ordered_json& kind : json) {
    for (ordered_json& entry : kind) {
      const bool is_known = reference && entry["accuracy"].is_number();
      entry["below_reference"] = is_known
                                     ? ordered_json(*reference - entry["accuracy"].get<double>())
                                     : ordered_json(nullptr);
    }
  }
  return json;
}

std::string GroupsToText(const ordered_json& groups) {
  std::string text =
      "group                 rows  accuracy (95 %)          macro F1   AUROC  below\n";
  for (const auto& [kind, entries] : groups.items()) {
    for (const auto& [name, entry] : entries.items()) {
      const ordered_json& interval = entry["accuracy_interval"];
      const std::string range = interval.is_array()
                                    ? "(" + Field(interval[0], "%.1f", 100) + " to " +
                                          Field(interval[1], "%.1f", 100) + ")"
                                    : "";
      char line[256];
      std::snprintf(line, sizeof line, "%-20s %5zu  %7s %-16s %9s %7s %6s\n", name.c_str(),
                    entry["n"].get<std::size_t>(), Field(entry["accuracy"], "%.1f %%", 100).c_str(),
                    range.c_str(), Field(entry["macro_f1"], "%.3f").c_str(),
                    Field(entry["auroc"], "%.3f").c_str(),
                    Field(entry["below_reference"], "%.1f", 100).c_str());
      text += line;
    }
  }
  return text;
}

}  // namespace smartsynch
