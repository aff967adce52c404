#include "cli/metrics_json.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

#include "smartsynch/text/utf8.h"

namespace smartsynch {
namespace {

using nlohmann::ordered_json;

std::string Percent(const std::optional<double>& value) {
  if (!value) return "-";
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %%", *value * 100);
  return text;
}

std::string Decimal(const std::optional<double>& value) {
  if (!value) return "-";
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", *value);
  return text;
}

// Padded by code points, for names in any script.
std::string Padded(const std::string& text, std::size_t width) {
  std::size_t count = 0;
  for (std::size_t position = 0; position < text.size(); ++count) DecodeUtf8(text, position);
  return text + std::string(count < width ? width - count : 0, ' ');
}

std::string RightAligned(const std::string& text, std::size_t width) {
  return std::string(text.size() < width ? width - text.size() : 0, ' ') + text;
}

}  // namespace

ordered_json NumberOrNull(const std::optional<double>& value) {
  return value ? ordered_json(*value) : ordered_json(nullptr);
}

ordered_json MetricsToJson(const Metrics& metrics) {
  ordered_json per_class = ordered_json::object();
  ordered_json labels = ordered_json::array();
  for (const ClassMetrics& c : metrics.per_class) {
    per_class[c.category] = {
        {"precision", c.precision}, {"recall", c.recall}, {"f1", c.f1}, {"support", c.support}};
    labels.push_back(c.category);
  }
  ordered_json matrix = ordered_json::array();
  ordered_json unanswered = ordered_json::array();
  for (const std::vector<std::size_t>& row : metrics.confusion) {
    matrix.push_back(std::vector<std::size_t>(row.begin(), row.end() - 1));
    unanswered.push_back(row.back());
  }
  ordered_json json;
  json["n"] = metrics.known;
  json["n_open_set"] = metrics.open_set;
  json["accuracy"] = NumberOrNull(metrics.accuracy);
  json["macro_f1"] = NumberOrNull(metrics.macro_f1);
  json["per_class"] = std::move(per_class);
  json["confusion"] = {{"labels", std::move(labels)},
                       {"matrix", std::move(matrix)},
                       {"unanswered", std::move(unanswered)}};
  json["auto_select"] = {{"precision", NumberOrNull(metrics.auto_precision)},
                         {"coverage", NumberOrNull(metrics.auto_coverage)}};
  json["proposed_new"] = {{"open_set", NumberOrNull(metrics.proposed_new_open_set)},
                          {"known", NumberOrNull(metrics.proposed_new_known)}};
  json["ece"] = NumberOrNull(metrics.ece);
  json["ece_interval"] = nullptr;
  if (metrics.ece_interval) {
    json["ece_interval"] = {metrics.ece_interval->low, metrics.ece_interval->high};
  }
  json["open_set"] = nullptr;
  if (metrics.open_set_detection) {
    json["open_set"] = {{"auroc", metrics.open_set_detection->auroc},
                        {"fpr95", metrics.open_set_detection->fpr95}};
  }
  return json;
}

std::string MetricsToText(const Metrics& metrics) {
  std::string text = std::to_string(metrics.known) + " rows of known categories, " +
                     std::to_string(metrics.open_set) + " of none\n";
  const auto line = [&text](const char* name, const std::string& value) {
    text += Padded(name, 24) + value + "\n";
  };
  line("accuracy", Percent(metrics.accuracy));
  line("macro F1", Decimal(metrics.macro_f1));
  line("selected automatically",
       Percent(metrics.auto_coverage) + " of them, right in " + Percent(metrics.auto_precision));
  line("proposed as new", Percent(metrics.proposed_new_known) + " of them, " +
                              Percent(metrics.proposed_new_open_set) + " of the others");
  std::string ece = Decimal(metrics.ece);
  if (metrics.ece_interval) {
    ece += " (95 %: " + Decimal(metrics.ece_interval->low) + " to " +
           Decimal(metrics.ece_interval->high) + ")";
  }
  line("calibration error", ece);
  if (metrics.open_set_detection) {
    line("open-set AUROC", Decimal(metrics.open_set_detection->auroc) + ", false alarms at 95 %: " +
                               Percent(metrics.open_set_detection->fpr95));
  }
  std::size_t width = 8;
  for (const ClassMetrics& c : metrics.per_class) width = std::max(width, c.category.size());
  text += "\n" + Padded("category", width) + " precision  recall      F1    rows\n";
  for (const ClassMetrics& c : metrics.per_class) {
    text += Padded(c.category, width) + RightAligned(Decimal(c.precision), 10) +
            RightAligned(Decimal(c.recall), 8) + RightAligned(Decimal(c.f1), 8) +
            RightAligned(std::to_string(c.support), 8) + "\n";
  }
  // Beyond this a matrix is no longer something to read.
  constexpr std::size_t kReadableClasses = 12;
  if (metrics.per_class.size() > kReadableClasses) return text;
  text += "\n" + Padded("true \\ answered", width + 6);
  for (std::size_t c = 0; c < metrics.per_class.size(); ++c) {
    text += RightAligned(std::to_string(c + 1), 6);
  }
  text += "  none\n";
  for (std::size_t gold = 0; gold < metrics.confusion.size(); ++gold) {
    text += RightAligned(std::to_string(gold + 1), 3) + "  " +
            Padded(metrics.per_class[gold].category, width + 1);
    for (const std::size_t count : metrics.confusion[gold]) {
      text += RightAligned(std::to_string(count), 6);
    }
    text += "\n";
  }
  return text;
}

}  // namespace smartsynch
