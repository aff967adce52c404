#include "cli/as_typed.h"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "cli/evaluation.h"
#include "smartsynch/learn/typing.h"

namespace smartsynch {
namespace {

using nlohmann::ordered_json;

Result<std::vector<Sample>> KnownSamples(const Engine& engine, std::span<const Sample> samples) {
  const std::vector<std::string> names = CategoryNames(engine.classifier().model());
  std::vector<Sample> known;
  for (const Sample& sample : samples) {
    for (const std::string& name : names) {
      if (sample.category == name) known.push_back(sample);
    }
  }
  if (known.empty()) {
    return Fail(ErrorCode::kInvalidData,
                "no row has a category of the model, expected at least one", "--data");
  }
  return known;
}

std::string Top(const Prediction& prediction) {
  return prediction.suggestions.empty() ? std::string() : prediction.suggestions.front().category;
}

// What is shown of one title, letter by letter.
struct Shown {
  std::vector<std::string> selected;
  std::vector<std::string> suggested;

  void Add(const Prediction& prediction) {
    selected.push_back(prediction.category);
    suggested.push_back(Top(prediction));
  }
  void AddTo(TypedChanges& changes) const {
    changes.selected += static_cast<double>(CountChanges(selected));
    changes.suggested += static_cast<double>(CountChanges(suggested));
  }
};

void Divide(TypedChanges& changes, double by) {
  changes.selected /= by;
  changes.suggested /= by;
}

ordered_json AccuraciesToJson(const std::array<double, 4>& accuracies) {
  ordered_json json;
  for (std::size_t i = 0; i < kTypedPercents.size(); ++i) {
    json[std::to_string(kTypedPercents[i])] = accuracies[i];
  }
  return json;
}

ordered_json ChangesToJson(const TypedChanges& changes) {
  return {{"selected", changes.selected}, {"suggested", changes.suggested}};
}

std::string AccuraciesToText(const char* tier, const std::array<double, 4>& accuracies) {
  std::string text = std::string("accuracy as typed, ") + tier + ":";
  for (std::size_t i = 0; i < kTypedPercents.size(); ++i) {
    char part[48];
    std::snprintf(part, sizeof part, "  %zu %%: %.1f %%", kTypedPercents[i], accuracies[i] * 100);
    text += part;
  }
  return text + "\n";
}

std::string ChangesToText(const char* tier, const TypedChanges& changes) {
  char text[128];
  std::snprintf(text, sizeof text,
                "changes while typing, %s: %.2f of the category selected, %.2f of the best one\n",
                tier, changes.selected, changes.suggested);
  return text;
}

}  // namespace

Result<AsTyped> EvaluateAsTyped(const Engine& engine, std::span<const Sample> samples,
                                const ProgressCallback& progress) {
  const Result<std::vector<Sample>> known = KnownSamples(engine, samples);
  if (!known) return tl::unexpected(known.error());
  AsTyped result;
  result.titles = known->size();
  const auto count = static_cast<double>(known->size());
  const bool has_full = engine.tier() == Tier::kFull;
  std::array<double, 4> full_right{};
  TypedChanges cascade;
  const Classifier& classifier = engine.classifier();
  for (std::size_t s = 0; s < known->size(); ++s) {
    const Sample& sample = (*known)[s];
    std::vector<Task> tasks;
    for (std::string& text : TypedPrefixes(sample.title)) {
      tasks.push_back({std::move(text), sample.description});
    }
    const std::size_t letters = tasks.size();
    for (const std::size_t percent : kTypedPercents) {
      tasks.push_back({TypedPart(sample.title, percent), sample.description});
    }
    std::vector<Prediction> instant;
    instant.reserve(tasks.size());
    for (const Task& task : tasks) {
      instant.push_back(
          classifier.ClassifyInstant(classifier.Prepare(task.title, task.description)));
    }
    std::vector<Prediction> full;
    if (has_full) {
      Result<std::vector<Prediction>> predicted = engine.Predict(tasks);
      if (!predicted) return tl::unexpected(predicted.error());
      full = std::move(*predicted);
    }
    Shown shown_instant;
    Shown shown_cascade;
    for (std::size_t i = 0; i < letters; ++i) {
      shown_instant.Add(instant[i]);
      shown_cascade.Add(instant[i]);
      if (has_full) shown_cascade.Add(full[i]);
    }
    shown_instant.AddTo(result.instant);
    shown_cascade.AddTo(cascade);
    for (std::size_t p = 0; p < kTypedPercents.size(); ++p) {
      result.instant_accuracy[p] += Top(instant[letters + p]) == sample.category ? 1 / count : 0;
      if (has_full) full_right[p] += Top(full[letters + p]) == sample.category ? 1 / count : 0;
    }
    if (progress && !progress(s + 1, known->size())) {
      return Fail(ErrorCode::kCancelled, "the evaluation was cancelled");
    }
  }
  Divide(result.instant, count);
  Divide(cascade, count);
  if (has_full) {
    result.full_accuracy = full_right;
    result.cascade = cascade;
  }
  return result;
}

Result<Mistyped> EvaluateMistyped(const Engine& engine, std::span<const Sample> samples,
                                  double rate, std::size_t seeds, std::uint64_t seed,
                                  const ProgressCallback& progress) {
  const Result<std::vector<Sample>> known = KnownSamples(engine, samples);
  if (!known) return tl::unexpected(known.error());
  MetricsOptions plain;
  plain.bootstrap_samples = 0;
  const Result<Metrics> clean = EvaluateEngine(engine, *known, plain);
  if (!clean) return tl::unexpected(clean.error());
  Mistyped result;
  result.rate = rate;
  result.seeds = seeds;
  std::vector<Sample> slipped = *known;
  for (std::size_t round = 0; round < seeds; ++round) {
    for (std::size_t i = 0; i < slipped.size(); ++i) {
      // Distinct for every round and row.
      const std::uint64_t row_seed = (seed + round) * 1'000'003U + i;
      slipped[i].title = Mistype((*known)[i].title, rate, row_seed);
    }
    const Result<Metrics> metrics = EvaluateEngine(engine, slipped, plain);
    if (!metrics) return tl::unexpected(metrics.error());
    result.accuracy += *metrics->accuracy / static_cast<double>(seeds);
    result.macro_f1 += *metrics->macro_f1 / static_cast<double>(seeds);
    if (progress && !progress(round + 1, seeds)) {
      return Fail(ErrorCode::kCancelled, "the evaluation was cancelled");
    }
  }
  result.accuracy_lost = *clean->accuracy - result.accuracy;
  result.macro_f1_lost = *clean->macro_f1 - result.macro_f1;
  return result;
}

ordered_json AsTypedToJson(const AsTyped& typed) {
  ordered_json json;
  json["titles"] = typed.titles;
  json["accuracy"]["instant"] = AccuraciesToJson(typed.instant_accuracy);
  if (typed.full_accuracy) json["accuracy"]["full"] = AccuraciesToJson(*typed.full_accuracy);
  json["changes"]["instant"] = ChangesToJson(typed.instant);
  if (typed.cascade) json["changes"]["cascade"] = ChangesToJson(*typed.cascade);
  return json;
}

ordered_json MistypedToJson(const Mistyped& mistyped) {
  return {{"rate", mistyped.rate},         {"seeds", mistyped.seeds},
          {"accuracy", mistyped.accuracy}, {"accuracy_lost", mistyped.accuracy_lost},
          {"macro_f1", mistyped.macro_f1}, {"macro_f1_lost", mistyped.macro_f1_lost}};
}

std::string AsTypedToText(const AsTyped& typed) {
  std::string text = AccuraciesToText("instant", typed.instant_accuracy);
  if (typed.full_accuracy) text += AccuraciesToText("full", *typed.full_accuracy);
  text += ChangesToText("instant", typed.instant);
  if (typed.cascade) text += ChangesToText("cascade", *typed.cascade);
  return text;
}

std::string MistypedToText(const Mistyped& mistyped) {
  char text[192];
  std::snprintf(text, sizeof text,
                "lower case, %.0f %% of letters mistyped, %zu seeds: accuracy %.1f %% (%.1f points "
                "lost), macro F1 %.3f (%.3f lost)\n",
                mistyped.rate * 100, mistyped.seeds, mistyped.accuracy * 100,
                mistyped.accuracy_lost * 100, mistyped.macro_f1, mistyped.macro_f1_lost);
  return text;
}

}  // namespace smartsynch
