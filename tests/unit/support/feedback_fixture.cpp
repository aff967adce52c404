#include "support/feedback_fixture.h"

#include <doctest/doctest.h>

#include <cmath>
#include <utility>

#include "smartsynch/base/random.h"
#include "smartsynch/learn/train_model.h"
#include "smartsynch/personal/quantized_vector.h"
#include "support/tiny_model.h"

namespace smartsynch::testing {

Model WideModel() {
  Model model = TinyTokenModel();
  model.version = "0123456789abcdef";
  Random random(5);
  model.dense.input = kWideDimension;
  model.dense.w1.assign(kWideDimension * model.dense.hidden, 0.0F);
  for (float& weight : model.dense.w1) weight = 0.3F * random.NextNormal();
  for (TierSettings* tier : {&model.full, &model.instant}) {
    tier->calibration.has_open_set = true;
    tier->calibration.token_weight = tier == &model.full ? 0.5F : 0.8F;
    tier->calibration.open_token_weight = tier == &model.full ? 0.3F : 0.6F;
    tier->calibration.open_bias = -1.0F;
  }
  model.full.calibration.open_dense_weight = 0.7F;
  for (SelfTestSample& sample : model.self_test) {
    sample.embedding.resize(kWideDimension);  // as long as the head's input, as in every model file
    sample = MakeSelfTestSample(model, sample.title, sample.description, sample.embedding,
                                sample.token_embedding);
  }
  return model;
}

BaseExemplars WideExemplars() {
  constexpr std::size_t kEach = 40;
  BaseExemplars exemplars;
  exemplars.model_version = WideModel().version;
  exemplars.counts = {kEach, kEach, kEach, kEach};
  exemplars.full.dimension = kWideDimension;
  exemplars.instant.dimension = TinyTokenTable().dimension;
  std::vector<float> logits;
  for (std::size_t group = 0; group < 4; ++group) {
    for (std::size_t i = 0; i < kEach; ++i) {
      const auto full = QuantizeDirection(GroupEmbedding(group, 1000 * group + i));
      exemplars.full.directions.insert(exemplars.full.directions.end(), full.begin(), full.end());
      const auto token = QuantizeDirection(TinyEmbedding(1000 * group + i));
      exemplars.instant.directions.insert(exemplars.instant.directions.end(), token.begin(),
                                          token.end());
      for (std::size_t o = 0; o < 4; ++o) logits.push_back(o == group ? 3.0F : -3.0F);
    }
  }
  SetLogits(logits, 4, exemplars.full);
  SetLogits(logits, 4, exemplars.instant);
  return exemplars;
}

std::vector<float> GroupEmbedding(std::size_t group, std::uint64_t seed) {
  constexpr std::size_t kGroups = 5;
  Random random(seed + 17);
  std::vector<float> embedding(kWideDimension);
  float squares = 0.0F;
  for (std::size_t i = 0; i < kWideDimension; ++i) {
    embedding[i] = i < kGroups ? (i == group ? 1.0F : 0.0F) : 1.2F * random.NextNormal();
    squares += embedding[i] * embedding[i];
  }
  for (float& value : embedding) value /= std::sqrt(squares);
  return embedding;
}

PersonalClassifier Taught(std::size_t each, bool can_be_learnt) {
  Result<Classifier> classifier =
      Classifier::Create(WideModel(), TinyTokenizer(), TinyTokenTable());
  REQUIRE(classifier.has_value());
  PersonalClassifier personal(*std::move(classifier));
  REQUIRE(personal.AddCategory("Home", 1).has_value());
  REQUIRE(personal.AddCategory("Garden", 2).has_value());
  for (std::size_t i = 0; i < 2 * each; ++i) {
    const std::size_t group = 3 + i % 2;
    FeedbackEvent event;
    event.title = "fix item " + std::to_string(i);
    event.category_id = group == 3 ? "home" : "garden";
    event.time_ms = 10;
    const Result<FeedbackEvent> recorded = personal.Record(event);
    REQUIRE(recorded.has_value());
    const std::size_t shown = can_be_learnt ? group : 3;
    REQUIRE(
        personal.SetEmbedding(recorded->sequence, GroupEmbedding(shown, 50000 + i)).has_value());
  }
  return personal;
}

FineTuneOptions QuickOptions() {
  FineTuneOptions options;
  options.epochs = 40;
  options.learning_rate = 0.02F;
  options.decay = 0.003F;
  options.base_tolerance = 0.1;
  return options;
}

}  // namespace smartsynch::testing
