// The part of Session that fine-tunes.
#include <utility>

#include "marshal.h"
#include "session.h"
#include "smartsynch/base/hash.h"

namespace smartsynch::wasm {
namespace {

using emscripten::val;

val JudgedToObject(const JudgedRows& instant, const JudgedRows& full) {
  val object = val::object();
  object.set("rows", instant.rows + full.rows);
  object.set("championRight", instant.champion_right + full.champion_right);
  object.set("challengerRight", instant.challenger_right + full.challenger_right);
  return object;
}

val BytesToArray(const std::string& bytes) {
  const auto* start = reinterpret_cast<const unsigned char*>(bytes.data());
  return val::global("Uint8Array").new_(val(emscripten::typed_memory_view(bytes.size(), start)));
}

}  // namespace

val Session::BeginFineTune(const std::string& exemplars) {
  if (!personal_) return NotLoaded();
  const Result<BaseExemplars> parsed = ParseExemplars(exemplars);
  if (!parsed) return Failure(parsed.error());
  Result<FineTuner> tuner = FineTuner::Create(*personal_, *parsed);
  if (!tuner) return Failure(tuner.error());
  tuner_.emplace(std::move(*tuner));
  return Success(val::null());
}

val Session::StepFineTune() {
  if (!tuner_) {
    return Failure({ErrorCode::kNotFound, "no fine-tuning has begun", "fineTune"});
  }
  tuner_->Step();
  val answer = val::object();
  answer.set("progress", tuner_->progress());
  if (tuner_->finished()) {
    const FineTuneResult& result = tuner_->result();
    const bool accepted = result.accepted;
    val object = val::object();
    object.set("accepted", accepted);
    object.set("reason", result.reason);
    object.set("base", JudgedToObject(result.instant_base, result.full_base));
    object.set("feedback", JudgedToObject(result.instant_feedback, result.full_feedback));
    object.set("heads", BytesToArray(result.heads));
    object.set("version", accepted ? Sha256Hex(result.heads).substr(0, 16) : std::string());
    answer.set("result", object);
    tuner_.reset();
  }
  return Success(answer);
}

val Session::UseHeads(const std::string& heads) {
  if (!personal_) return NotLoaded();
  std::optional<TunedHeads> parsed;
  if (!heads.empty()) {
    Result<TunedHeads> read = ParseTunedHeads(heads);
    if (!read) return Failure(read.error());
    parsed = std::move(*read);
  }
  const Status status = Change().UseHeads(std::move(parsed));
  return status ? ModelInfo() : Failure(status.error());
}

}  // namespace smartsynch::wasm
