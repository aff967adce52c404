// The part of Session that compares two versions.
#include <cmath>
#include <utility>

#include "marshal.h"
#include "session.h"

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

val Session::UseExperiment(const val& experiment, const std::string& heads) {
  if (!personal_) return NotLoaded();
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
  const Status status = Change().UseExperiment(std::move(running), std::move(challenger));
  if (!status) return Failure(status.error());
  arm_ = Arm::kChampion;
  return ModelInfo();
}

val Session::ChooseArm(const std::string& title, const std::string& description,
                       const std::string& key) {
  if (!personal_) return NotLoaded();
  arm_ = personal_->ArmOfTask(title, description, key);
  return Success(personal_->experiment() ? val(std::string(ArmName(arm_))) : val::null());
}

val Session::Answer(const Prediction& prediction, Arm arm) const {
  val object = wasm::ToObject(prediction);
  if (personal_->experiment()) {
    val experiment = val::object();
    experiment.set("id", personal_->experiment()->id);
    experiment.set("arm", std::string(ArmName(arm)));
    object.set("experiment", experiment);
  }
  return object;
}

val Session::Experiment() const {
  if (!personal_) return NotLoaded();
  if (!personal_->experiment()) return Success(val::null());
  const Result<LocalComparison> now = CompareLocally(personal_->log(), *personal_->experiment());
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
