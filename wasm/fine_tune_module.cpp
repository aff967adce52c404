// Fine-tuning as a module of its own, loaded when a fine-tuning begins and let go of at its end:
// what people wait for at the start stays small. Plain C functions over one opaque handle; bytes go
// in and out, so there is no glue. web/src/core/fine_tune_module.ts is the only caller.
//
// A job is made of the bytes of SerializeFineTuneTask() and of the exemplar file, both written into
// memory that smartsynch_allocate() gave. After smartsynch_begin() and every smartsynch_step() the
// text says what came of it, JSON that lasts until the next call:
//
//   {"progress": 0.25}
//   {"progress": 1, "accepted": …, "reason": …, "base": {…}, "feedback": {…}, "version": …}
//   {"code": 5, "message": …, "field": …}                    a failure; the job is of no more use
//
// Thread safety: one thread.
#include <emscripten.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "smartsynch/base/hash.h"
#include "smartsynch/personal/fine_tune.h"

namespace {

using nlohmann::json;
using smartsynch::JudgedRows;

struct Job {
  std::optional<smartsynch::FineTuner> tuner;
  std::string text;
  std::string heads;
};

void Say(Job& job, const json& answer) {
  job.text = answer.dump(-1, ' ', false, json::error_handler_t::replace);
}

void Refuse(Job& job, const smartsynch::Error& error) {
  job.tuner.reset();
  Say(job,
      {{"code", static_cast<int>(error.code)}, {"message", error.message}, {"field", error.field}});
}

json BothTiers(const JudgedRows& instant, const JudgedRows& full) {
  return {{"rows", instant.rows + full.rows},
          {"championRight", instant.champion_right + full.champion_right},
          {"challengerRight", instant.challenger_right + full.challenger_right}};
}

}  // namespace

extern "C" {

EMSCRIPTEN_KEEPALIVE char* smartsynch_allocate(std::size_t size) {
  return static_cast<char*>(std::malloc(size));
}

EMSCRIPTEN_KEEPALIVE void smartsynch_free(char* memory) { std::free(memory); }

EMSCRIPTEN_KEEPALIVE Job* smartsynch_begin(const char* task, std::size_t task_size,
                                           const char* exemplars, std::size_t exemplars_size) {
  Job* job = new Job;
  const auto parsed_task = smartsynch::ParseFineTuneTask({task, task_size});
  if (!parsed_task) return Refuse(*job, parsed_task.error()), job;
  const auto parsed_exemplars = smartsynch::ParseExemplars({exemplars, exemplars_size});
  if (!parsed_exemplars) return Refuse(*job, parsed_exemplars.error()), job;
  auto tuner = smartsynch::FineTuner::Create(*parsed_task, *parsed_exemplars);
  if (!tuner) return Refuse(*job, tuner.error()), job;
  job->tuner.emplace(std::move(*tuner));
  Say(*job, {{"progress", 0.0}});
  return job;
}

// Works for some milliseconds.
EMSCRIPTEN_KEEPALIVE void smartsynch_step(Job* job) {
  if (!job->tuner) return;
  job->tuner->Step();
  json answer = {{"progress", job->tuner->progress()}};
  if (job->tuner->finished()) {
    const smartsynch::FineTuneResult& result = job->tuner->result();
    job->heads = result.heads;
    answer["accepted"] = result.accepted;
    answer["reason"] = result.reason;
    answer["base"] = BothTiers(result.instant_base, result.full_base);
    answer["feedback"] = BothTiers(result.instant_feedback, result.full_feedback);
    answer["version"] =
        result.accepted ? smartsynch::Sha256Hex(result.heads).substr(0, 16) : std::string();
    job->tuner.reset();
  }
  Say(*job, answer);
}

EMSCRIPTEN_KEEPALIVE const char* smartsynch_text(const Job* job) { return job->text.data(); }

EMSCRIPTEN_KEEPALIVE std::size_t smartsynch_text_size(const Job* job) { return job->text.size(); }

// The heads' file when accepted; none before the end.
EMSCRIPTEN_KEEPALIVE const char* smartsynch_heads(const Job* job) { return job->heads.data(); }

EMSCRIPTEN_KEEPALIVE std::size_t smartsynch_heads_size(const Job* job) { return job->heads.size(); }

EMSCRIPTEN_KEEPALIVE void smartsynch_end(Job* job) { delete job; }

}  // extern "C"
