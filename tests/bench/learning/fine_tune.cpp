// Fine-tuning on the device, measured: a user teaches CLINC150 intents as categories beside the
// base model's; the options are tried on the validation split, with "test" the defaults on the test
// split. One JSON line a setting.
//
//   smartsynch_learning_fine_tune FOLDER_WITH_CLINC150 EXEMPLARS [validation|test]
#include <algorithm>
#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>

#include "bench/learning/clinc.h"
#include "cli/file.h"
#include "smartsynch/personal/fine_tune.h"

namespace smartsynch::bench {
namespace {

constexpr int kIntents = 20;

struct Accuracy {
  double instant = 0.0;
  double full = 0.0;
};

Accuracy Measure(const PersonalClassifier& personal, const std::vector<Row>& rows) {
  Accuracy accuracy;
  double count = 0.0;
  for (const Row& row : rows) {
    if (row.intent >= kIntents) continue;
    const std::string id = "intent-" + std::to_string(row.intent);
    const PersonalTask task = personal.Prepare(row.title);
    const auto is_right = [&](const Prediction& prediction) {
      return prediction.suggestions.front().category_id == id ? 1.0 : 0.0;
    };
    accuracy.instant += is_right(personal.ClassifyInstant(task));
    accuracy.full += is_right(*personal.Classify(task, row.embedding));
    count += 1.0;
  }
  return {accuracy.instant / count, accuracy.full / count};
}

// 10 examples of each intent: 200 events.
void Teach(const Clinc& clinc, PersonalClassifier& personal) {
  std::vector<int> taught(kIntents, 0);
  for (const Row& row : clinc.train) {
    if (row.intent >= kIntents) continue;
    const std::string id = "intent-" + std::to_string(row.intent);
    FeedbackEvent event;
    if (taught[static_cast<std::size_t>(row.intent)]++ == 0) {
      event.kind = EventKind::kCategoryAdded;
      event.category_id = id;
      event.name = "Intent " + std::to_string(row.intent);
      if (!personal.Record(event)) std::abort();
    }
    if (taught[static_cast<std::size_t>(row.intent)] > 10) continue;
    event = {};
    event.title = row.title;
    event.category_id = id;
    const auto recorded = personal.Record(event);
    if (!recorded || !personal.SetEmbedding(recorded->sequence, row.embedding)) std::abort();
  }
}

nlohmann::ordered_json Json(const JudgedRows& judged) {
  return {{"rows", judged.rows},
          {"champion", judged.champion_right},
          {"challenger", judged.challenger_right}};
}

void Try(const Clinc& clinc, const Classifier& base, const BaseExemplars& exemplars,
         const FineTuneOptions& options, const std::vector<Row>& rows) {
  PersonalClassifier personal(base);
  Teach(clinc, personal);
  const Accuracy before = Measure(personal, rows);
  const auto start = std::chrono::steady_clock::now();
  Result<FineTuner> tuner = FineTuner::Create(personal, exemplars, options);
  if (!tuner) std::abort();
  double longest = 0.0;
  auto last = start;
  const auto seconds = [](auto from, auto to) {
    return std::chrono::duration<double>(to - from).count();
  };
  while (!tuner->finished()) {
    tuner->Step();
    const auto now = std::chrono::steady_clock::now();
    longest = std::max(longest, seconds(last, now));
    last = now;
  }
  const FineTuneResult& result = tuner->result();
  Accuracy after = before;
  if (result.accepted) {
    if (!personal.UseHeads(*ParseTunedHeads(result.heads))) std::abort();
    after = Measure(personal, rows);
  }
  const nlohmann::ordered_json line = {{"epochs", options.epochs},

                                       {"learning_rate", options.learning_rate},
                                       {"decay", options.decay},
                                       {"accepted", result.accepted},
                                       {"reason", result.reason},
                                       {"base_instant", Json(result.instant_base)},
                                       {"base_full", Json(result.full_base)},
                                       {"feedback_instant", Json(result.instant_feedback)},
                                       {"feedback_full", Json(result.full_feedback)},
                                       {"accuracy_before", {before.instant, before.full}},
                                       {"accuracy_after", {after.instant, after.full}},
                                       {"with_memory", options.with_memory},
                                       {"seconds", seconds(start, last)},
                                       {"longest_step_ms", 1000.0 * longest},
                                       {"heads_bytes", result.heads.size()}};
  std::cout << line.dump() << std::endl;
}

}  // namespace
}  // namespace smartsynch::bench

int main(int argc, char** argv) {
  using namespace smartsynch;
  if (argc < 3) return 2;
  EngineOptions options;
  const auto fail = [](const Error& error) {
    std::cerr << "learning_fine_tune: " << error.message << "\n";
    return 1;
  };
  const Result<bench::Clinc> clinc = bench::LoadClinc(argv[1], options);
  if (!clinc) return fail(clinc.error());
  const Result<std::string> bytes = ReadFile(argv[2]);
  if (!bytes) return fail(bytes.error());
  const Result<BaseExemplars> exemplars = ParseExemplars(*bytes);
  if (!exemplars) return fail(exemplars.error());
  options.tier = Tier::kInstant;
  const Result<Engine> engine = Engine::Load(options);
  if (!engine) return fail(engine.error());
  if (argc > 3 && std::string(argv[3]) == "test") {
    bench::Try(*clinc, engine->classifier(), *exemplars, {}, clinc->test);
    return 0;
  }
  for (const std::size_t epochs : {6U, 12U, 24U}) {
    for (const float rate : {0.001F, 0.003F, 0.01F}) {
      for (const float decay : {0.01F, 0.03F, 0.1F}) {
        FineTuneOptions tried;
        tried.epochs = epochs;
        tried.learning_rate = rate;
        tried.decay = decay;
        bench::Try(*clinc, engine->classifier(), *exemplars, tried, clinc->validation);
      }
    }
  }
  return 0;
}
