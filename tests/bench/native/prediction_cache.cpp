// How long the prediction cache takes, with the instant tier beside it for comparison:
//
//   smartsynch_bench_prediction_cache MODEL VOCABULARY
//
// prints one JSON object: microseconds of a call, the making of the key from the text included,
// medians and 95th percentiles over distinct texts in a full cache.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "smartsynch/base/random.h"
#include "smartsynch/engine/classifier.h"
#include "smartsynch/engine/prediction_cache.h"
#include "smartsynch/model/model_file.h"
#include "smartsynch/model/token_table_file.h"

namespace {

using smartsynch::Prediction;
using smartsynch::PredictionCache;
using smartsynch::PredictionCacheKey;
using smartsynch::Tier;

std::string ReadFile(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Nothing is understood of them; they are as long as titles are (about 58 letters).
std::vector<std::string> MakeTexts(std::size_t count, std::uint32_t words, std::uint64_t seed) {
  smartsynch::Random random(seed);
  std::vector<std::string> texts(count);
  for (std::string& text : texts) {
    for (std::uint32_t word = 0; word < words; ++word) {
      if (word > 0) text += ' ';
      const std::uint32_t letters = 3 + random.NextBelow(6);
      for (std::uint32_t i = 0; i < letters; ++i) {
        text += static_cast<char>((word == 0 && i == 0 ? 'A' : 'a') + random.NextBelow(26));
      }
    }
  }
  return texts;
}

// Microseconds of each call, ascending.
std::vector<double> Time(const std::vector<std::string>& texts,
                         const std::function<bool(const std::string&)>& call) {
  std::vector<double> times;
  for (const std::string& text : texts) {
    const auto begin = std::chrono::steady_clock::now();
    const bool is_as_expected = call(text);
    const std::chrono::duration<double, std::micro> time = std::chrono::steady_clock::now() - begin;
    if (!is_as_expected) {
      std::fprintf(stderr, "not the expected answer for: %s\n", text.c_str());
      std::exit(1);
    }
    times.push_back(time.count());
  }
  std::sort(times.begin(), times.end());
  return times;
}

double Quantile(const std::vector<double>& ascending, double share) {
  return ascending[static_cast<std::size_t>(share * static_cast<double>(ascending.size() - 1))];
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: smartsynch_bench_prediction_cache MODEL VOCABULARY TOKEN_TABLE\n");
    return 2;
  }
  auto model = smartsynch::ParseModel(ReadFile(argv[1]));
  auto tokenizer = smartsynch::WordPiece::FromVocabulary(ReadFile(argv[2]));
  auto table = smartsynch::ParseTokenTable(ReadFile(argv[3]));
  if (!model || !tokenizer || !table) {
    const smartsynch::Error& error =
        !model ? model.error() : (!tokenizer ? tokenizer.error() : table.error());
    std::fprintf(stderr, "%s\n", error.message.c_str());
    return 1;
  }
  const auto classifier =
      smartsynch::Classifier::Create(std::move(*model), std::move(*tokenizer), std::move(*table));
  if (!classifier) {
    std::fprintf(stderr, "%s\n", classifier.error().message.c_str());
    return 1;
  }

  const std::vector<std::string> titles = MakeTexts(1000, 9, 1);
  const std::vector<std::string> others = MakeTexts(1000, 9, 2);
  const std::vector<std::string> descriptions = MakeTexts(200, 200, 3);
  PredictionCache cache(4 * PredictionCache::kDefaultCapacityBytes);
  cache.SetModelVersion(classifier->model().version);
  for (const auto& texts : {titles, descriptions}) {
    for (const std::string& text : texts) {
      const Prediction prediction = classifier->ClassifyInstant(classifier->Prepare(text));
      cache.Insert(Tier::kInstant, PredictionCacheKey(text), prediction);
    }
  }
  // A copy is part of a hit: the caller keeps the answer.
  const auto look_up = [&](const std::string& text, Prediction& answer) {
    const Prediction* known = cache.Find(Tier::kInstant, PredictionCacheKey(text));
    if (known != nullptr) answer = *known;
    return known != nullptr;
  };
  const auto hit = [&](const std::string& text) {
    Prediction answer;
    return look_up(text, answer);
  };
  const auto miss = [&](const std::string& text) {
    Prediction answer;
    return !look_up(text, answer);
  };
  const auto instant = [&](const std::string& text) {
    return classifier->ClassifyInstant(classifier->Prepare(text)).tier == Tier::kInstant;
  };
  Time(titles, hit);  // warms up
  const std::vector<double> hits = Time(titles, hit);
  const std::vector<double> long_hits = Time(descriptions, hit);
  const auto statistics = cache.statistics();
  const nlohmann::ordered_json report = {
      {"titles", titles.size()},
      {"hit_us", Quantile(hits, 0.5)},
      {"hit_p95_us", Quantile(hits, 0.95)},
      {"hit_200_words_us", Quantile(long_hits, 0.5)},
      {"hit_200_words_p95_us", Quantile(long_hits, 0.95)},
      {"miss_us", Quantile(Time(others, miss), 0.5)},
      {"instant_us", Quantile(Time(titles, instant), 0.5)},
      {"instant_200_words_us", Quantile(Time(descriptions, instant), 0.5)},
      {"entries", statistics.entries},
      {"bytes", statistics.bytes}};
  std::printf("%s\n", report.dump(2).c_str());
  return 0;
}
