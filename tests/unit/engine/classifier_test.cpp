#include "smartsynch/engine/classifier.h"

#include <doctest/doctest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "smartsynch/base/hash.h"
#include "smartsynch/model/model_file.h"
#include "smartsynch/text/lexical_features.h"
#include "smartsynch/text/task_text.h"
#include "support/tiny_model.h"

using smartsynch::Classifier;
using smartsynch::Decision;
using smartsynch::DecisionKind;
using smartsynch::ErrorCode;
using smartsynch::Model;
using smartsynch::Prediction;
using smartsynch::PreparedTask;
using smartsynch::Result;
using smartsynch::Scores;
using smartsynch::Tier;
using smartsynch::WordPiece;
using smartsynch::testing::Contains;
using smartsynch::testing::TinyEmbedding;
using smartsynch::testing::TinyModel;
using smartsynch::testing::TinyModelBytes;
using smartsynch::testing::TinyTokenizer;
using smartsynch::testing::TinyTokenModel;
using smartsynch::testing::TinyTokenTable;

namespace {

Classifier TinyClassifier(Model model = *smartsynch::ParseModel(TinyModelBytes())) {
  Result<Classifier> classifier = Classifier::Create(std::move(model), TinyTokenizer());
  REQUIRE(classifier.has_value());
  return std::move(*classifier);
}

Prediction Full(const Classifier& classifier, const PreparedTask& task, std::uint64_t seed = 3) {
  const Result<Prediction> prediction = classifier.Classify(task, TinyEmbedding(seed));
  REQUIRE(prediction.has_value());
  return *prediction;
}

void CheckNothing(const Prediction& prediction) {
  CHECK(prediction.decision == DecisionKind::kSuggest);
  CHECK(prediction.category.empty());
  CHECK(prediction.category_id.empty());
  CHECK(prediction.confidence == 0.0F);
  CHECK(prediction.novelty == 0.0F);
  CHECK(prediction.suggestions.empty());
}

}  // namespace

TEST_CASE("a mistyped task is read as what was meant, where the model knows its titles' words") {
  Model model = *smartsynch::ParseModel(TinyModelBytes());
  const Classifier plain = TinyClassifier(model);
  model.known_words = "login\n";
  const Classifier spelling = TinyClassifier(std::move(model));
  const PreparedTask meant = plain.Prepare("fix login page");
  const PreparedTask corrected = spelling.Prepare("fix lgoin page");
  CHECK(corrected.encoding.ids == meant.encoding.ids);
  CHECK(corrected.lexical_features == meant.lexical_features);
  CHECK(plain.Prepare("fix lgoin page").encoding.ids != meant.encoding.ids);
}

TEST_CASE("the token head speaks in both tiers, through the table's embedding") {
  const Model model = TinyTokenModel();
  const Result<Classifier> classifier =
      Classifier::Create(model, TinyTokenizer(), TinyTokenTable());
  REQUIRE(classifier.has_value());
  const PreparedTask task = classifier->Prepare("Fix the login crash");
  std::vector<float> token(4);
  TinyTokenTable().Embed(task.encoding.ids, token.data());
  CHECK(task.token_embedding == token);
  std::vector<float> dense_logits(4);
  std::vector<float> lexical_logits(4);
  std::vector<float> token_logits(4);
  model.dense.Forward(TinyEmbedding(3).data(), 1, dense_logits.data());
  model.lexical.Forward(task.lexical_features, lexical_logits.data());
  model.token_dense.Forward(token.data(), 1, token_logits.data());
  const Scores instant = Calibrate({{}, lexical_logits, token_logits}, model.instant.calibration);
  CHECK(classifier->ScoreInstant(task).probabilities == instant.probabilities);
  CHECK(classifier->ScoreInstant(task).novelty == instant.novelty);
  CHECK(instant.probabilities !=
        Calibrate({{}, lexical_logits}, model.instant.calibration).probabilities);
  const Result<Scores> full = classifier->Score(task, TinyEmbedding(3));
  REQUIRE(full.has_value());
  CHECK(full->probabilities ==
        Calibrate({dense_logits, lexical_logits, token_logits}, model.full.calibration)
            .probabilities);
  CHECK(classifier->Prepare("  ").token_embedding.empty());
}

TEST_CASE("a token table that is missing, another, or of another vocabulary is refused") {
  const auto refusal = [](const Model& model, const std::optional<smartsynch::TokenTable>& table) {
    const Result<Classifier> classifier = Classifier::Create(model, TinyTokenizer(), table);
    if (classifier.has_value()) return std::string("accepted");
    CHECK(classifier.error().code == ErrorCode::kIncompatible);
    CHECK(classifier.error().field == "token_table");
    return classifier.error().message;
  };
  const Model model = TinyTokenModel();
  CHECK(Contains(refusal(model, std::nullopt), model.token_table_sha256 + ", none was given"));
  smartsynch::TokenTable other = TinyTokenTable();
  other.sha256 = std::string(64, 'b');
  CHECK(Contains(refusal(model, other), model.token_table_sha256));
  CHECK(Contains(refusal(model, other), other.sha256));
  smartsynch::TokenTable foreign = TinyTokenTable();
  foreign.vocabulary_sha256 = std::string(64, 'c');
  for (const Model& any : {model, TinyModel()}) {
    CHECK(Contains(refusal(any, foreign), foreign.vocabulary_sha256));
    CHECK(Contains(refusal(any, foreign), any.vocabulary_sha256));
  }
  smartsynch::TokenTable wide = TinyTokenTable();
  wide.dimension = 2;
  CHECK(Contains(refusal(model, wide), "have 2 values, the model expects 4"));
  CHECK(refusal(model, TinyTokenTable()) == "accepted");
  CHECK(refusal(TinyModel(), TinyTokenTable()) == "accepted");
}

TEST_CASE("a model made for another vocabulary is refused with both hashes") {
  Model model = TinyModel();
  model.vocabulary_sha256 = std::string(64, 'a');
  const Result<Classifier> classifier = Classifier::Create(model, TinyTokenizer());
  REQUIRE_FALSE(classifier.has_value());
  CHECK(classifier.error().code == ErrorCode::kIncompatible);
  CHECK(classifier.error().field == "vocabulary");
  CHECK(Contains(classifier.error().message, std::string(64, 'a')));
  CHECK(Contains(classifier.error().message,
                 smartsynch::Sha256Hex(smartsynch::testing::TinyVocabulary())));
}

TEST_CASE("a task is prepared for both tiers") {
  const Classifier classifier = TinyClassifier();
  const PreparedTask task = classifier.Prepare("  Fix login ", "the server");
  CHECK(task.needs_encoder);
  CHECK(task.encoding.ids == TinyTokenizer().Encode("Fix login\nthe server").ids);
  CHECK(task.lexical_features == smartsynch::LexicalFeatures("Fix login\nthe server", 6));
  CHECK_FALSE(task.encoding.truncated);
}

TEST_CASE("empty, blank and unknown tasks get \"suggest\" without a category, and run no model") {
  const Classifier classifier = TinyClassifier();
  const std::vector<std::pair<std::string, std::string>> tasks = {{"", ""},
                                                                  {"  \t\n ", " "},
                                                                  {"\xE2\x80\x8B", ""},
                                                                  {"\xFF\xFE", "\xED\xA0\x80"},
                                                                  {"quux zzz", "qq"},
                                                                  {"\xF0\x9F\x98\x80", ""},
                                                                  {"[UNK] [PAD]", ""},
                                                                  {std::string(3, '\0'), ""}};
  for (const auto& [title, description] : tasks) {
    const PreparedTask task = classifier.Prepare(title, description);
    CHECK_FALSE(task.needs_encoder);
    CHECK(task.lexical_features.empty());
    const Prediction instant = classifier.ClassifyInstant(task);
    CheckNothing(instant);
    CHECK(instant.tier == Tier::kInstant);
    // No embedding is looked at, so none is needed.
    const Result<Prediction> full = classifier.Classify(task, {});
    REQUIRE(full.has_value());
    CheckNothing(*full);
    CHECK(full->tier == Tier::kFull);
    CHECK(full->model_version == classifier.model().version);
  }
}

TEST_CASE("one known word among unknown ones is enough") {
  const Classifier classifier = TinyClassifier();
  CHECK(classifier.Prepare("quux zzz fix").needs_encoder);
  CHECK(classifier.Prepare("quux", "fix").needs_encoder);
  CHECK_FALSE(classifier.ClassifyInstant(classifier.Prepare("fix")).suggestions.empty());
}

TEST_CASE("the full tier is both heads, calibrated and decided with the full tier's settings") {
  const Classifier classifier = TinyClassifier();
  const Model& model = classifier.model();
  const PreparedTask task = classifier.Prepare("Fix the server");
  std::vector<float> dense(4);
  std::vector<float> lexical(4);
  model.dense.Forward(TinyEmbedding(3).data(), 1, dense.data());
  model.lexical.Forward(task.lexical_features, lexical.data());
  const Scores scores = Calibrate({dense, lexical}, model.full.calibration);
  const Decision decision = Decide(scores.probabilities, scores.novelty, model.full.thresholds);
  const Prediction full = Full(classifier, task);
  CHECK(full.tier == Tier::kFull);
  CHECK(full.decision == decision.kind);
  CHECK(full.novelty == scores.novelty);
  REQUIRE(full.suggestions.size() == 2);  // the full tier's limit
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(full.suggestions[i].category_id == model.categories[decision.ranking[i].category].id);
    CHECK(full.suggestions[i].confidence == decision.ranking[i].confidence);
  }
  CHECK(full.confidence == full.suggestions[0].confidence);
}

TEST_CASE("the instant tier is the lexical head with the instant tier's settings") {
  const Classifier classifier = TinyClassifier();
  const Model& model = classifier.model();
  const PreparedTask task = classifier.Prepare("Draw the logo");
  std::vector<float> lexical(4);
  model.lexical.Forward(task.lexical_features, lexical.data());
  const Scores scores = Calibrate({{}, lexical}, model.instant.calibration);
  const Prediction instant = classifier.ClassifyInstant(task);
  CHECK(instant.tier == Tier::kInstant);
  CHECK(instant.novelty == scores.novelty);
  REQUIRE(instant.suggestions.size() == 3);  // the instant tier's limit
  CHECK(instant.suggestions[0].confidence ==
        *std::max_element(scores.probabilities.begin(), scores.probabilities.end()));
  CHECK(instant.suggestions[0].confidence != Full(classifier, task).suggestions[0].confidence);
}

TEST_CASE("a category is named only when it is selected") {
  Model model = TinyModel();
  model.full.thresholds = {0.0F, 1.0F, 2.0F, 3};  // always select
  const Prediction selected = Full(TinyClassifier(model), TinyClassifier().Prepare("fix"));
  CHECK(selected.decision == DecisionKind::kAuto);
  CHECK_FALSE(selected.category_id.empty());
  CHECK(selected.category == selected.suggestions[0].category);
  CHECK(selected.category_id == selected.suggestions[0].category_id);
  model.full.thresholds = {2.0F, 0.0F, 0.0F, 3};  // always propose a new one
  const Prediction proposed = Full(TinyClassifier(model), TinyClassifier().Prepare("fix fix"));
  CHECK(proposed.decision == DecisionKind::kNew);
  CHECK(proposed.category.empty());
  CHECK(proposed.suggestions.size() == 3);
  model.full.thresholds = {2.0F, 0.0F, 2.0F, 1};
  const Prediction suggested = Full(TinyClassifier(model), TinyClassifier().Prepare("fix"));
  CHECK(suggested.decision == DecisionKind::kSuggest);
  CHECK(suggested.category_id.empty());
  CHECK(suggested.suggestions.size() == 1);
}

TEST_CASE("a text too short to judge is never a proposal for a new category") {
  Model model = TinyModel();
  model.full.thresholds = {2.0F, 0.0F, 0.0F, 3};  // always propose a new one
  model.instant.thresholds = model.full.thresholds;
  const Classifier classifier = TinyClassifier(model);
  for (const char* text : {"fix", " fix! ", "fix\n"}) {
    const PreparedTask task = classifier.Prepare(text);
    REQUIRE(task.needs_encoder);
    const bool is_short = std::string(text).find('!') == std::string::npos;
    CHECK(task.is_too_short_for_new == is_short);
    const DecisionKind expected = is_short ? DecisionKind::kSuggest : DecisionKind::kNew;
    CHECK(Full(classifier, task).decision == expected);
    CHECK(classifier.ClassifyInstant(task).decision == expected);
    CHECK(Full(classifier, task).suggestions.size() == 3);
  }
  CHECK(classifier.Prepare("fix a").is_too_short_for_new == false);
  // Two ideographs are a whole title, and one beside a known word is enough.
  CHECK(classifier.Prepare("fix \xE8\xAE\xBE").is_too_short_for_new == false);
  // Short texts may still be selected.
  model.full.thresholds = {0.0F, 1.0F, 2.0F, 3};
  CHECK(Full(TinyClassifier(model), classifier.Prepare("fix")).decision == DecisionKind::kAuto);
}

TEST_CASE("an embedding of another length or with a value that is not finite is refused") {
  const Classifier classifier = TinyClassifier();
  const PreparedTask task = classifier.Prepare("fix");
  for (const std::size_t size : {0U, 3U, 5U, 384U}) {
    const Result<Prediction> prediction = classifier.Classify(task, std::vector<float>(size, 0.1F));
    REQUIRE_FALSE(prediction.has_value());
    CHECK(prediction.error().code == ErrorCode::kInvalidArgument);
    CHECK(prediction.error().field == "embedding");
    CHECK(Contains(prediction.error().message, std::to_string(size) + " values, expected 4"));
  }
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
        -std::numeric_limits<float>::infinity()}) {
    const Result<Prediction> prediction =
        classifier.Classify(task, std::vector<float>{0.0F, 1.0F, bad, 0.0F});
    REQUIRE_FALSE(prediction.has_value());
    CHECK(prediction.error().code == ErrorCode::kInvalidArgument);
    CHECK(prediction.error().field == "embedding[2]");
  }
}

TEST_CASE("an embedding so long that its logits overflow is refused, not answered with nonsense") {
  const Classifier classifier = TinyClassifier();
  const PreparedTask task = classifier.Prepare("fix");
  for (const float huge : {3e38F, -3e38F}) {
    const Result<Prediction> prediction = classifier.Classify(task, std::vector<float>(4, huge));
    REQUIRE_FALSE(prediction.has_value());
    CHECK(prediction.error().code == ErrorCode::kInvalidArgument);
    CHECK(prediction.error().field == "embedding");
  }
}

TEST_CASE("a text beyond the encoder's limit is classified by its beginning, and says so") {
  const Classifier classifier = TinyClassifier();
  std::string title;
  for (int i = 0; i < 300; ++i) title += "fix ";
  const PreparedTask task = classifier.Prepare(title);
  CHECK(task.encoding.ids.size() == WordPiece::kDefaultMaxTokens);
  CHECK(Full(classifier, task).truncated);
  CHECK(classifier.ClassifyInstant(task).truncated);
  CHECK_FALSE(Full(classifier, classifier.Prepare("fix")).truncated);
  std::string unknown;
  for (int i = 0; i < 300; ++i) unknown += "quux ";
  const Prediction nothing = classifier.ClassifyInstant(classifier.Prepare(unknown));
  CHECK(nothing.truncated);
  CheckNothing(nothing);
  CHECK(classifier.Prepare(std::string(5000000, 'x') + " fix").encoding.ids.size() == 4);
}

TEST_CASE("the JSON form of a selected category") {
  Prediction p;
  p.decision = DecisionKind::kAuto;
  p.category = "D\xC3\xA9sign \"\xE2\x9C\x8F\"";
  p.category_id = "design";
  p.confidence = 0.75F;
  p.novelty = 0.125F;
  p.suggestions = {{"design", p.category, 0.75F}, {"ops", "Ops", 0.25F}};
  p.tier = Tier::kFull;
  p.model_version = "0123456789abcdef";
  CHECK(ToJson(p) ==
        "{\"decision\":\"auto\",\"category\":\"D\xC3\xA9sign \\\"\xE2\x9C\x8F\\\"\","
        "\"categoryId\":\"design\",\"confidence\":0.75,\"novelty\":0.125,\"suggestions\":["
        "{\"category\":\"D\xC3\xA9sign \\\"\xE2\x9C\x8F\\\"\",\"categoryId\":\"design\","
        "\"confidence\":0.75},{\"category\":\"Ops\",\"categoryId\":\"ops\",\"confidence\":0.25}],"
        "\"tier\":\"full\",\"modelVersion\":\"0123456789abcdef\",\"truncated\":false}");
}

TEST_CASE("the JSON form has nulls where no category is selected, and stays one line") {
  Prediction p;
  p.category = "left over";
  p.category_id = "left-over";
  p.suggestions = {{"a", "line\nbreak \xFF", 0.5F}};
  p.tier = Tier::kInstant;
  p.truncated = true;
  for (const DecisionKind kind : {DecisionKind::kSuggest, DecisionKind::kNew}) {
    p.decision = kind;
    const std::string text = ToJson(p);
    CHECK_FALSE(Contains(text, "\n"));
    const auto json = nlohmann::json::parse(text, nullptr, false);
    REQUIRE(json.is_object());
    CHECK(json.size() == 9);
    CHECK(json["decision"] == smartsynch::DecisionKindName(kind));
    CHECK(json["category"].is_null());
    CHECK(json["categoryId"].is_null());
    CHECK(json["suggestions"][0]["category"] == "line\nbreak \xEF\xBF\xBD");
    CHECK(json["tier"] == "instant");
    CHECK(json["truncated"] == true);
  }
  CHECK(ToJson(Prediction{}) ==
        "{\"decision\":\"suggest\",\"category\":null,\"categoryId\":null,\"confidence\":0.0,"
        "\"novelty\":0.0,\"suggestions\":[],\"tier\":\"full\",\"modelVersion\":\"\","
        "\"truncated\":false}");
}

TEST_CASE("a copy of a classifier answers alike") {
  const Classifier classifier = TinyClassifier();
  const Classifier copy = classifier;
  const PreparedTask task = copy.Prepare("Fix the login crash!", "server");
  CHECK(ToJson(Full(copy, task)) ==
        ToJson(Full(classifier, classifier.Prepare("Fix the login crash!", "server"))));
}
