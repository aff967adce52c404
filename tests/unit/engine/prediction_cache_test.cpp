#include "smartsynch/engine/prediction_cache.h"

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "smartsynch/base/random.h"
#include "smartsynch/text/task_text.h"
#include "support/tiny_model.h"

using smartsynch::CacheStatistics;
using smartsynch::Classifier;
using smartsynch::kMaxPredictionKeyBytes;
using smartsynch::Prediction;
using smartsynch::PredictionCache;
using smartsynch::PredictionCacheKey;
using smartsynch::PreparedTask;
using smartsynch::Tier;
using smartsynch::ToJson;

namespace {

Prediction MakePrediction(const std::string& category, Tier tier = Tier::kFull,
                          const std::string& version = "v1") {
  Prediction prediction;
  prediction.tier = tier;
  prediction.model_version = version;
  prediction.suggestions = {{category, category, 0.5F}};
  return prediction;
}

// Empty when nothing is known.
std::string Found(PredictionCache& cache, std::string_view key, Tier tier = Tier::kFull) {
  const Prediction* prediction = cache.Find(tier, key);
  return prediction == nullptr ? "" : prediction->suggestions[0].category;
}

PredictionCache& WithVersion(PredictionCache& cache) {
  cache.SetModelVersion("v1");
  return cache;
}

// Pieces that tokenizer and cleaning treat in every way there is.
constexpr auto kPieces = std::to_array<std::string_view>({"fix",
                                                          "FIX",
                                                          "login",
                                                          "Login",
                                                          "cafe",
                                                          "caf\xC3\xA9",
                                                          "cafe\xCC\x81",
                                                          "[MASK]",
                                                          "[mask]",
                                                          "[ MASK ]",
                                                          "[PAD]",
                                                          "[pad]",
                                                          "[UNK]",
                                                          "[CLS]",
                                                          "[SEP]",
                                                          "[SEP",
                                                          "MASK]",
                                                          "[",
                                                          "]",
                                                          "!",
                                                          " ",
                                                          "  ",
                                                          "\n",
                                                          "\t",
                                                          "\xC2\xA0",
                                                          "\xE4\xB8\xAD",
                                                          "\xE2\x80\x8B",
                                                          "\xFF",
                                                          "\xE4",
                                                          "\xCC\x81",
                                                          "##s",
                                                          "s",
                                                          "\xE0\xA4\xBE",
                                                          "\xF0\x9F\x98\x80"});
constexpr auto kPieceCount = static_cast<std::uint32_t>(kPieces.size());

std::string RandomText(smartsynch::Random& random, std::uint32_t most) {
  std::string text;
  const std::uint32_t count = random.NextBelow(most + 1);
  for (std::uint32_t i = 0; i < count; ++i) text += kPieces[random.NextBelow(kPieceCount)];
  return text;
}

}  // namespace

TEST_CASE("tasks with one key are the same task to every part of the classifier") {
  const smartsynch::Result<Classifier> classifier =
      Classifier::Create(smartsynch::testing::TinyModel(), smartsynch::testing::TinyTokenizer());
  REQUIRE(classifier.has_value());
  smartsynch::Random random(11);
  std::map<std::string, PreparedTask> known;
  std::size_t met_again = 0;
  for (int round = 0; round < 60000; ++round) {
    const std::string title = RandomText(random, 3);
    const std::string description = RandomText(random, 2);
    CAPTURE(title);
    CAPTURE(description);
    const std::string key = PredictionCacheKey(title, description);
    if (key.empty()) continue;
    const PreparedTask task = classifier->Prepare(title, description);
    const auto [first, is_new] = known.try_emplace(key, task);
    if (is_new) continue;
    ++met_again;
    REQUIRE(task.encoding.ids == first->second.encoding.ids);
    REQUIRE(task.encoding.truncated == first->second.encoding.truncated);
    REQUIRE(task.lexical_features == first->second.lexical_features);
    REQUIRE(task.needs_encoder == first->second.needs_encoder);
    REQUIRE(task.is_too_short_for_new == first->second.is_too_short_for_new);
    REQUIRE(ToJson(classifier->ClassifyInstant(task)) ==
            ToJson(classifier->ClassifyInstant(first->second)));
  }
  CHECK(met_again > 10000);
}

TEST_CASE("a key ignores what cleaning drops and keeps what it does not") {
  const std::string key = PredictionCacheKey("Fix  LOGIN", "Caf\xC3\xA9");
  CHECK(key == PredictionCacheKey(" fix login", "cafe "));
  CHECK(key == PredictionCacheKey("fix login cafe"));
  CHECK(key != PredictionCacheKey("fix login cafes"));
  CHECK(PredictionCacheKey("fixlogin") != PredictionCacheKey("fix", "login"));
}

TEST_CASE("the short way for ASCII gives the words of the long way") {
  smartsynch::Random random(3);
  for (int round = 0; round < 20000; ++round) {
    std::string text = "Z";
    const std::uint32_t size = random.NextBelow(12);
    for (std::uint32_t i = 0; i < size; ++i) text += static_cast<char>(random.NextBelow(128));
    CAPTURE(text);
    REQUIRE(PredictionCacheKey(text).substr(1) == smartsynch::NormalizedTaskKey(text));
  }
}

TEST_CASE("a special token written out is not the same words in lower case") {
  CHECK(PredictionCacheKey("[MASK]") != PredictionCacheKey("[mask]"));
  CHECK(PredictionCacheKey("[MASK]") != PredictionCacheKey("[ MASK ]"));
  CHECK(PredictionCacheKey("[MASK]") == PredictionCacheKey(" [MASK]\n"));
}

TEST_CASE("blank and endless tasks have no key") {
  CHECK(PredictionCacheKey("").empty());
  CHECK(PredictionCacheKey(" \xE2\x80\x8B", "\n").empty());
  CHECK(PredictionCacheKey(std::string(5000000, 'a')).empty());
  CHECK(PredictionCacheKey("[MASK]", std::string(kMaxPredictionKeyBytes, 'a')).empty());
  CHECK(PredictionCacheKey(std::string(kMaxPredictionKeyBytes, 'a')).empty());
  CHECK(PredictionCacheKey(std::string(kMaxPredictionKeyBytes - 1, 'a')).size() ==
        kMaxPredictionKeyBytes);
}

TEST_CASE("what was put in is found, under its own tier only") {
  PredictionCache cache;
  WithVersion(cache);
  cache.Insert(Tier::kFull, "wa", MakePrediction("development"));
  cache.Insert(Tier::kInstant, "wa", MakePrediction("design", Tier::kInstant));
  CHECK(Found(cache, "wa") == "development");
  CHECK(Found(cache, "wa", Tier::kInstant) == "design");
  CHECK(Found(cache, "wb").empty());
  cache.Insert(Tier::kFull, "wa", MakePrediction("ops"));
  CHECK(Found(cache, "wa") == "ops");
  const CacheStatistics statistics = cache.statistics();
  CHECK(statistics.entries == 2);
  CHECK(statistics.hits == 3);
  CHECK(statistics.misses == 1);
  CHECK(statistics.evictions == 0);
}

TEST_CASE("a model version drops everything, be it the same, and others' answers are refused") {
  PredictionCache cache;
  WithVersion(cache);
  cache.Insert(Tier::kFull, "wa", MakePrediction("development"));
  cache.SetModelVersion("v1");
  CHECK(Found(cache, "wa").empty());
  cache.Insert(Tier::kFull, "wa", MakePrediction("development", Tier::kFull, "v0"));
  cache.Insert(Tier::kFull, "wa", MakePrediction("development", Tier::kInstant));
  cache.Insert(Tier::kFull, "", MakePrediction("development"));
  CHECK(Found(cache, "wa").empty());
  CHECK(Found(cache, "").empty());
  CHECK(cache.statistics().bytes == 0);
  CHECK(cache.statistics().entries == 0);
}

TEST_CASE("the least recently used entry goes first, and the bound holds") {
  PredictionCache probe;
  WithVersion(probe).Insert(Tier::kFull, "wa", MakePrediction("x"));
  const std::size_t one = probe.statistics().bytes;
  // What is in the list's node, and the links of that and of the table's.
  CHECK(one > sizeof(std::string) + sizeof(Prediction) + sizeof(smartsynch::Suggestion) +
                  6 * sizeof(void*));

  PredictionCache cache(3 * one);
  WithVersion(cache);
  for (const char* key : {"wa", "wb", "wc"}) cache.Insert(Tier::kFull, key, MakePrediction("x"));
  CHECK(cache.statistics().bytes == 3 * one);
  CHECK(Found(cache, "wa") == "x");
  cache.Insert(Tier::kFull, "wd", MakePrediction("x"));
  CHECK(Found(cache, "wb").empty());
  for (const char* key : {"wa", "wc", "wd"}) CHECK(Found(cache, key) == "x");
  CHECK(cache.statistics().evictions == 1);
  cache.SetCapacity(one);
  CHECK(cache.statistics().entries == 1);
  CHECK(Found(cache, "wd") == "x");
  cache.SetCapacity(one - 1);
  CHECK(cache.statistics().entries == 0);
  CHECK(cache.statistics().bytes == 0);
}

TEST_CASE("an entry costs at least the text in it, and one too large is not kept") {
  PredictionCache cache(10000);
  WithVersion(cache);
  cache.Insert(Tier::kFull, std::string(4000, 'k'), MakePrediction("x"));
  CHECK(cache.statistics().bytes > 4000);
  cache.Insert(Tier::kFull, "wb", MakePrediction(std::string(3000, 'n')));  // name and id
  CHECK(cache.statistics().entries == 1);
  CHECK(Found(cache, "wb").size() == 3000);
  cache.Insert(Tier::kFull, "wb", MakePrediction(std::string(6000, 'n')));
  CHECK(Found(cache, "wb").empty());
  CHECK(cache.statistics().bytes == 0);

  PredictionCache off(0);
  WithVersion(off).Insert(Tier::kFull, "wa", MakePrediction("x"));
  CHECK(Found(off, "wa").empty());
}

TEST_CASE("bytes and bound hold over a long random life") {
  PredictionCache cache(8000);
  WithVersion(cache);
  smartsynch::Random random(5);
  for (int round = 0; round < 20000; ++round) {
    const std::string key =
        "w" + std::string(random.NextBelow(300), 'a') + std::to_string(random.NextBelow(40));
    if (random.NextBelow(3) == 0) {
      const std::string found = Found(cache, key);
      REQUIRE((found.empty() || found == key));
    } else {
      cache.Insert(Tier::kFull, key, MakePrediction(key));
    }
    if (random.NextBelow(500) == 0) cache.Clear();
    const CacheStatistics statistics = cache.statistics();
    REQUIRE(statistics.bytes <= 8000);
    REQUIRE((statistics.entries == 0) == (statistics.bytes == 0));
  }
  CHECK(cache.statistics().hits > 0);
  CHECK(cache.statistics().evictions > 0);
}
