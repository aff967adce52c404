#include "cli/fine_tuning.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "cli/cancel.h"
#include "cli/embed.h"
#include "cli/file.h"
#include "cli/progress.h"
#include "smartsynch/model/model_file.h"
#include "smartsynch/personal/fold_heads.h"
#include "smartsynch/personal/quantized_vector.h"

namespace smartsynch {
namespace {

using nlohmann::ordered_json;

// The events that became exemplars whose embedding is missing, in the log's order.
std::vector<const FeedbackEvent*> EventsToEmbed(const PersonalClassifier& personal) {
  std::vector<std::uint64_t> missing;
  for (const Exemplar& exemplar : personal.state().exemplars()) {
    if (exemplar.full.empty()) missing.push_back(exemplar.sequence);
  }
  std::sort(missing.begin(), missing.end());
  std::vector<const FeedbackEvent*> events;
  for (const FeedbackEvent& event : personal.log().events()) {
    if (std::binary_search(missing.begin(), missing.end(), event.sequence)) {
      events.push_back(&event);
    }
  }
  return events;
}

ordered_json JudgedJson(const JudgedRows& judged) {
  return {{"rows", judged.rows},
          {"champion_right", judged.champion_right},
          {"challenger_right", judged.challenger_right}};
}

}  // namespace

Result<BaseExemplars> LoadExemplars(const std::string& path) {
  const Result<std::string> bytes = ReadFile(path);
  if (!bytes) return tl::unexpected(bytes.error());
  Result<BaseExemplars> exemplars = ParseExemplars(*bytes);
  if (!exemplars) return InFile(path, exemplars.error());
  return exemplars;
}

Status LoadLog(FeedbackLog log, const EngineOptions& options, PersonalClassifier& personal) {
  personal.Load(log);
  const std::vector<const FeedbackEvent*> events = EventsToEmbed(personal);
  if (events.empty()) return {};
  const Result<std::unique_ptr<OrtEncoder>> encoder = LoadEncoder(options);
  if (!encoder) return tl::unexpected(encoder.error());
  const std::string& wanted = personal.base().model().encoder_sha256;
  if ((*encoder)->sha256() != wanted) {
    return Fail(ErrorCode::kIncompatible,
                "the model was trained for the encoder with SHA-256 " + wanted +
                    ", the encoder given has " + (*encoder)->sha256(),
                "--encoder");
  }
  std::vector<Encoding> encodings;
  encodings.reserve(events.size());
  for (const FeedbackEvent* event : events) {
    encodings.push_back(personal.base().Prepare(event->title, event->description).encoding);
  }
  ProgressBar bar("embedding");
  const Result<std::vector<float>> embeddings = EmbedAll(**encoder, encodings, bar.Callback());
  if (!embeddings) return tl::unexpected(embeddings.error());
  const std::size_t dimension = (*encoder)->dimension();
  for (std::size_t i = 0; i < events.size(); ++i) {
    const auto embedding = std::span<const float>(*embeddings).subspan(i * dimension, dimension);
    Status status = log.SetEmbedding(events[i]->sequence, QuantizeDirection(embedding), wanted);
    if (!status) return status;
  }
  // At once, because every embedding that reaches a classifier makes its memory anew.
  personal.Load(std::move(log));
  return {};
}

Result<FineTuneResult> FineTune(const PersonalClassifier& personal, const BaseExemplars& exemplars,
                                const FineTuneOptions& options,
                                const std::function<void(double)>& progress) {
  Result<FineTuner> tuner = FineTuner::Create(personal, exemplars, options);
  if (!tuner) return tl::unexpected(tuner.error());
  while (!tuner->finished()) {
    if (IsCancelled()) return Fail(ErrorCode::kCancelled, "fine-tuning was cancelled");
    tuner->Step();
    if (progress) progress(tuner->progress());
  }
  return tuner->result();
}

ordered_json FiguresJson(const FineTuneResult& result) {
  return {{"base_exemplars",
           {{"instant", JudgedJson(result.instant_base)}, {"full", JudgedJson(result.full_base)}}},
          {"held_out_feedback",
           {{"instant", JudgedJson(result.instant_feedback)},
            {"full", JudgedJson(result.full_feedback)}}}};
}

Result<std::string> MakeTunedModel(const PersonalClassifier& personal, const FineTuneResult& result,
                                   std::uint64_t seed, const ordered_json& metrics) {
  const Result<TunedHeads> heads = ParseTunedHeads(result.heads);
  if (!heads) return tl::unexpected(heads.error());
  Result<Model> model = FoldHeads(personal.base().model(), *heads, personal.categories());
  if (!model) return tl::unexpected(model.error());
  model->provenance.created_by = "smartsynch " SMARTSYNCH_VERSION " fine-tune";
  model->provenance.seed = seed;
  model->provenance.metrics_json = metrics.dump();
  return SerializeModel(*model);
}

}  // namespace smartsynch
