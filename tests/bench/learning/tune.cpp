// Chooses the memory's weights on CLINC150's validation split: accuracy on 50 intents taught with
// 1, 4 and 20 examples each, beside the share of the base model's own titles that keep their
// category.
//
//   smartsynch_learning_tune FOLDER_WITH_CLINC150 TITLES [instant|full] [TOKEN_SHARE]
//
// TOKEN_SHARE: the token table's part of the instant tier's direction, kTokenShare by default.
// TITLES: labelled titles of the base's categories; their embeddings are not needed in the instant
// tier, and the full tier's are computed. Prints the best rows, one a line.
#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "bench/learning/clinc.h"
#include "cli/data_input.h"
#include "cli/embed.h"
#include "smartsynch/personal/exemplar_memory.h"
#include "smartsynch/personal/personal_classifier.h"
#include "smartsynch/personal/quantized_vector.h"

namespace smartsynch::bench {
namespace {

constexpr int kIntents = 50;

struct Query {
  Scores base;
  std::vector<CategoryEvidence> evidence;
  std::size_t answer = 0;  // intent, or kIntents for a title of the base's
  std::size_t base_best = 0;
};

struct Setting {
  Tier tier = Tier::kFull;
  float token_share = kTokenShare;
};

std::vector<std::int8_t> DirectionOf(const Classifier& base, const std::string& title,
                                     const std::vector<float>& embedding, Setting setting) {
  if (setting.tier == Tier::kFull) return QuantizeDirection(embedding);
  return InstantDirection(base.Prepare(title), setting.token_share);
}

Query Ask(const Classifier& base, const ExemplarMemory& memory, const std::string& title,
          const std::vector<float>& embedding, Setting setting) {
  Query query;
  const PreparedTask task = base.Prepare(title);
  query.base = setting.tier == Tier::kFull ? *base.Score(task, embedding) : base.ScoreInstant(task);
  query.evidence = memory.Query(DirectionOf(base, title, embedding, setting));
  const auto& p = query.base.probabilities;
  query.base_best = static_cast<std::size_t>(std::max_element(p.begin(), p.end()) - p.begin());
  return query;
}

std::size_t Answer(const Query& query, const MemoryWeights& weights, std::size_t categories) {
  static const std::vector<std::size_t> kIndexes = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  std::vector<FusedCategory> fused;
  for (std::size_t c = 0; c < categories; ++c) fused.push_back({{&kIndexes[c], 1}, {}});
  for (const CategoryEvidence& evidence : query.evidence) fused.push_back({{}, evidence});
  const Scores scores = FuseScores(query.base, fused, weights);
  const auto& p = scores.probabilities;
  return static_cast<std::size_t>(std::max_element(p.begin(), p.end()) - p.begin());
}

}  // namespace

int Tune(const Clinc& clinc, const std::vector<Sample>& titles, const std::vector<float>& embedded,
         const Classifier& base, Setting setting) {
  const std::size_t categories = base.model().categories.size();
  std::vector<std::vector<Query>> sets;
  for (const std::size_t examples : {1U, 4U, 20U}) {
    ExemplarMemory memory(kIntents);
    std::vector<std::size_t> taught(kIntents, 0);
    for (const Row& row : clinc.train) {
      const auto intent = static_cast<std::size_t>(row.intent);
      if (row.intent >= kIntents || ++taught[intent] > examples) continue;
      memory.Add(intent, DirectionOf(base, row.title, row.embedding, setting));
    }
    memory.Finish();
    std::vector<Query> queries;
    for (const Row& row : clinc.validation) {
      if (row.intent >= kIntents) continue;
      queries.push_back(Ask(base, memory, row.title, row.embedding, setting));
      queries.back().answer = static_cast<std::size_t>(row.intent);
    }
    const std::size_t dimension = base.model().dense.input;
    for (std::size_t i = 0; i < titles.size(); ++i) {
      const float* start = embedded.data() + i * dimension;
      queries.push_back(Ask(base, memory, titles[i].title, {start, start + dimension}, setting));
      queries.back().answer = kIntents;
    }
    sets.push_back(std::move(queries));
  }
  for (const float slope : {10.0F, 14.0F, 20.0F, 30.0F}) {
    for (const float threshold : {0.25F, 0.3F, 0.35F, 0.4F, 0.45F}) {
      for (const float mean_share : {0.5F, 0.9F}) {
        for (const float novelty_share : {0.5F, 1.0F, 2.0F}) {
          const MemoryWeights weights = {slope, threshold, mean_share, novelty_share};
          std::cout << slope << " " << threshold << " " << mean_share << " " << novelty_share;
          double sum = 0.0;
          for (const std::vector<Query>& queries : sets) {
            double right[2] = {0.0, 0.0};
            double count[2] = {0.0, 0.0};
            for (const Query& query : queries) {
              const std::size_t kind = query.answer == kIntents ? 1 : 0;
              const std::size_t answer = Answer(query, weights, categories);
              const std::size_t expected = kind == 1 ? query.base_best : categories + query.answer;
              count[kind] += 1.0;
              right[kind] += answer == expected ? 1.0 : 0.0;
            }
            std::cout << "  " << right[0] / count[0] << " " << right[1] / count[1];
            sum += right[0] / count[0] + 2.0 * right[1] / count[1];
          }
          std::cout << "  " << sum << "\n";
        }
      }
    }
  }
  return 0;
}

}  // namespace smartsynch::bench

int main(int argc, char** argv) {
  using namespace smartsynch;
  if (argc < 3) return 2;
  bench::Setting setting;
  if (argc > 3 && std::string(argv[3]) == "instant") setting.tier = Tier::kInstant;
  if (argc > 4) setting.token_share = std::strtof(argv[4], nullptr);
  EngineOptions options;
  const auto fail = [](const Error& error) {
    std::cerr << "learning_tune: " << error.message << "\n";
    return 1;
  };
  const Result<bench::Clinc> clinc = bench::LoadClinc(argv[1], options);
  if (!clinc) return fail(clinc.error());
  const Result<DataFile> data = LoadDataFile(argv[2], {}, false);
  if (!data) return fail(data.error());
  options.tier = Tier::kInstant;
  const Result<Engine> engine = Engine::Load(options);
  if (!engine) return fail(engine.error());
  std::vector<Sample> titles;
  for (std::size_t i = 0; i < data->samples.size(); i += 10) titles.push_back(data->samples[i]);
  std::vector<Encoding> encodings;
  for (const Sample& sample : titles) {
    encodings.push_back(engine->classifier().tokenizer().Encode(sample.title));
  }
  const Result<std::unique_ptr<OrtEncoder>> encoder = LoadEncoder(options);
  if (!encoder) return fail(encoder.error());
  const Result<std::vector<float>> embedded = EmbedAll(**encoder, encodings);
  if (!embedded) return fail(embedded.error());
  return bench::Tune(*clinc, titles, *embedded, engine->classifier(), setting);
}
