#include "session_experiment.h"

#include <cmath>
#include <utility>

#include "marshal.h"

namespace smartsynch::wasm {
namespace {

using emscripten::val;

LocalExperiment ToExperiment(const val& object) {
  LocalExperiment experiment;
  if (object["id"].isString()) experiment.id = object["id"].as<std::string>();
  experiment.challenger_share = NumberOr(object["share"], experiment.challenger_share);
  SequentialTestOptions& test = experiment.test;
  test.alpha = NumberOr(object["alpha"], test.alpha);
  test.least_gain = NumberOr(object["leastGain"], test.least_gain);
  // 0 is "no such end" to the core, so half a feedback more is none more.
  test.most_shown = ToCount(std::floor(NumberOr(object["mostShown"], 0.0)));
  return experiment;
}

val ToObject(const ArmOutcomes& outcomes) {
  val object = val::object();
  object.set("shown", static_cast<double>(outcomes.shown));
  object.set("accepted", static_cast<double>(outcomes.accepted));
  return object;
}

}  // namespace

val UseExperiment(Session& session, const val& experiment, const std::string& heads) {
  if (session.personal() == nullptr) return NotLoaded();
  std::optional<LocalExperiment> running;
  std::optional<TunedHeads> challenger;
  if (!experiment.isNull() && !experiment.isUndefined()) {
    running = ToExperiment(experiment);
    if (!heads.empty()) {
      Result<TunedHeads> read = ParseTunedHeads(heads);
      if (!read) return Failure(read.error());
      challenger = std::move(*read);
    }
  }
  const Status status = session.Change().UseExperiment(std::move(running), std::move(challenger));
  if (!status) return Failure(status.error());
  session.UseArm(Arm::kChampion);
  return session.ModelInfo();
}

val ChooseArm(Session& session, const std::string& title, const std::string& description,
              const std::string& key) {
  if (session.personal() == nullptr) return NotLoaded();
  const Arm arm = session.personal()->ArmOfTask(title, description, key);
  session.UseArm(arm);
  return Success(session.personal()->experiment() ? val(std::string(ArmName(arm))) : val::null());
}

val Experiment(const Session& session) {
  if (session.personal() == nullptr) return NotLoaded();
  if (!session.personal()->experiment()) return Success(val::null());
  const Result<LocalComparison> now =
      CompareLocally(session.personal()->log(), *session.personal()->experiment());
  if (!now) return Failure(now.error());
  val object = val::object();
  object.set("champion", ToObject(now->champion));
  object.set("challenger", ToObject(now->challenger));
  object.set("difference", now->test.difference);
  object.set("low", now->test.low);
  object.set("high", now->test.high);
  object.set("logEvidence", now->test.log_evidence);
  object.set("verdict", std::string(VerdictName(now->test.verdict)));
  return Success(object);
}

}  // namespace smartsynch::wasm
