#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <list>
#include <map>
#include <numeric>

#include "generators.h"
#include "smartsynch/decide/calibration.h"
#include "smartsynch/engine/classifier.h"
#include "smartsynch/engine/prediction_cache.h"
#include "support/tiny_model.h"

namespace smartsynch {
namespace {

// Whole and half numbers, so that a counterexample can be read.
rc::Gen<float> Logit() {
  return rc::gen::map(rc::gen::inRange(-200, 201), [](int n) { return static_cast<float>(n) / 2; });
}

void CheckScores(const Scores& scores) {
  float sum = 0.0F;
  for (const float p : scores.probabilities) {
    RC_ASSERT(p >= 0.0F && p <= 1.0F);
    sum += p;
  }
  RC_ASSERT(std::fabs(sum - 1.0F) < 1e-4F);
  RC_ASSERT(scores.novelty >= 0.0F && scores.novelty <= 1.0F);
}

TEST_CASE("calibrated scores sum to one and keep the order of the logits") {
  CHECK(rc::check([] {
    const std::size_t categories = *rc::gen::inRange<std::size_t>(1, 30);
    const auto logits = *rc::gen::container<std::vector<float>>(categories + 1, Logit());
    Calibration calibration;
    calibration.has_open_set = *rc::gen::arbitrary<bool>();
    calibration.dense_weight = 0.25F * static_cast<float>(*rc::gen::inRange(1, 20));
    const Scores scores = Calibrate({.dense = logits}, calibration);
    RC_ASSERT(scores.probabilities.size() == categories);
    CheckScores(scores);
    for (std::size_t a = 0; a < categories; ++a) {
      for (std::size_t b = 0; b < categories; ++b) {
        if (logits[a] > logits[b]) RC_ASSERT(scores.probabilities[a] >= scores.probabilities[b]);
      }
    }
  }));
}

TEST_CASE("a classifier's scores sum to one for any text and embedding") {
  const Result<Classifier> classifier = Classifier::Create(
      testing::TinyTokenModel(), testing::TinyTokenizer(), testing::TinyTokenTable());
  REQUIRE(classifier.has_value());
  CHECK(rc::check([&] {
    const PreparedTask task = classifier->Prepare(*testing::Texts(), *testing::Texts());
    RC_PRE(task.needs_encoder);
    CheckScores(classifier->ScoreInstant(task));
    const auto embedding = *rc::gen::container<std::vector<float>>(4, Logit());
    const Result<Scores> scores = classifier->Score(task, embedding);
    RC_ASSERT(scores.has_value());
    CheckScores(*scores);
  }));
}

TEST_CASE("the cache answers as a plain list of the latest used, within its bound") {
  CHECK(rc::check([] {
    const std::size_t capacity = *rc::gen::inRange<std::size_t>(0, 3000);
    PredictionCache cache(capacity);
    cache.SetModelVersion("v1");
    std::list<std::string> latest;  // those in the cache are its first entries()
    std::map<std::string, float> values;
    for (const auto& [is_insert, number] :
         *rc::gen::arbitrary<std::vector<std::pair<bool, std::uint8_t>>>()) {
      const std::string key = "key " + std::to_string(number % 16);
      if (is_insert) {
        Prediction prediction;
        prediction.model_version = "v1";
        prediction.confidence = static_cast<float>(number);
        cache.Insert(Tier::kFull, key, prediction);
        values[key] = prediction.confidence;
        latest.remove(key);
        latest.push_front(key);
      } else {
        const auto place = std::find(latest.begin(), latest.end(), key);
        const bool expected = static_cast<std::size_t>(std::distance(latest.begin(), place)) <
                              cache.statistics().entries;
        const Prediction* found = cache.Find(Tier::kFull, key);
        RC_ASSERT((found != nullptr) == expected);
        if (found != nullptr) {
          RC_ASSERT(found->confidence == values[key]);
          latest.erase(place);
          latest.push_front(key);
        }
      }
      const CacheStatistics now = cache.statistics();
      RC_ASSERT(now.bytes <= capacity);
      RC_ASSERT(now.entries <= latest.size());
      RC_ASSERT((now.entries == 0) == (now.bytes == 0));
    }
  }));
}

}  // namespace
}  // namespace smartsynch
