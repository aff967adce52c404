#include "smartsynch/personal/fold_heads.h"

#include <doctest/doctest.h>

#include <cmath>

#include "smartsynch/model/model_file.h"
#include "smartsynch/personal/fine_tune.h"
#include "support/feedback_fixture.h"
#include "support/tiny_model.h"

namespace smartsynch {
namespace {

TunedHeads Tuned(const PersonalClassifier& personal) {
  FineTuneOptions options = testing::QuickOptions();
  options.with_memory = false;
  Result<FineTuner> tuner = FineTuner::Create(personal, testing::WideExemplars(), options);
  REQUIRE(tuner.has_value());
  while (!tuner->finished()) tuner->Step();
  Result<TunedHeads> heads = ParseTunedHeads(tuner->result().heads);
  REQUIRE(heads.has_value());
  return *heads;
}

// As the heads were trained: on the base's own logits, 0 for an added category.
Scores Expected(const TunedHeads& heads, Tier tier, const std::vector<float>& base,
                const PreparedTask& task, const std::vector<float>& embedding) {
  std::vector<float> logits = HeadsLogits(heads, tier, task.token_embedding, embedding);
  for (std::size_t k = 0; k < logits.size(); ++k) {
    const auto& indexes = heads.categories[k].base_indexes;
    logits[k] += indexes.empty() ? 0.0F : base[indexes.front()];
  }
  logits.push_back(base.back());
  return Calibrate({logits, {}, {}},
                   (tier == Tier::kInstant ? heads.instant : heads.full).calibration);
}

void CheckNear(const Scores& a, const Scores& b) {
  REQUIRE(a.probabilities.size() == b.probabilities.size());
  for (std::size_t i = 0; i < a.probabilities.size(); ++i) {
    CHECK(std::fabs(a.probabilities[i] - b.probabilities[i]) < 1e-3F);
  }
  CHECK(std::fabs(a.novelty - b.novelty) < 1e-3F);
}

TEST_CASE("A folded model scores as base and heads together do, in both tiers") {
  const PersonalClassifier personal = testing::Taught(60);
  const TunedHeads heads = Tuned(personal);
  const Model base = personal.base().model();
  Result<Model> folded = FoldHeads(base, heads, personal.categories());
  REQUIRE(folded.has_value());
  CHECK(folded->categories.size() == 5);
  const Result<Classifier> classifier =
      Classifier::Create(*folded, testing::TinyTokenizer(), testing::TinyTokenTable());
  REQUIRE(classifier.has_value());
  for (std::size_t i = 0; i < 50; ++i) {
    const PreparedTask task = personal.base().Prepare(i % 2 == 0 ? "fix login" : "draw the logo");
    const std::vector<float> embedding = testing::GroupEmbedding(i % 5, 700 + i);
    CheckNear(
        *classifier->Score(task, embedding),
        Expected(heads, Tier::kFull, *personal.base().Logits(task, embedding), task, embedding));
    CheckNear(classifier->ScoreInstant(task),
              Expected(heads, Tier::kInstant, personal.base().InstantLogits(task), task, {}));
  }
}

TEST_CASE("Heads that are all zero fold to the base's own answers") {
  const PersonalClassifier personal = testing::Taught(20);
  const Model base = personal.base().model();
  TunedHeads heads;
  heads.base_version = base.version;
  for (std::size_t i = 0; i < base.categories.size(); ++i) {
    heads.categories.push_back({base.categories[i].id, {i}});
  }
  const Result<Model> folded = FoldHeads(base, heads, base.categories);
  REQUIRE(folded.has_value());
  CHECK(folded->dense.w2 == base.dense.w2);
  CHECK(folded->lexical.weights == base.lexical.weights);
  CHECK(folded->full.thresholds.auto_confidence == base.full.thresholds.auto_confidence);
}

TEST_CASE("What no model file holds is refused") {
  const PersonalClassifier personal = testing::Taught(20);
  const Model base = personal.base().model();
  TunedHeads heads;
  heads.base_version = base.version;
  heads.categories = {{"development", {0, 1}}, {"ops", {2}}};
  const std::vector<Category> both = {{"development", "Development"}, {"ops", "Ops"}};
  CHECK(FoldHeads(base, heads, both).error().field == "categories");
  heads.categories[0].base_indexes = {0};
  CHECK(FoldHeads(base, heads, both).has_value());
  CHECK(FoldHeads(base, heads, {both[0]}).error().field == "categories");
  heads.base_version = "fedcba9876543210";
  CHECK(FoldHeads(base, heads, both).error().code == ErrorCode::kIncompatible);
}

}  // namespace
}  // namespace smartsynch
