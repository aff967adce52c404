// How often an added category is selected rightly after n examples: from here comes the bound on
// its confidence (core/include/smartsynch/personal/exemplar_memory.h).
//
//   tools/smartsynch prepare --data data/training_data.json --out prepared
//     --open-set data/open_set/private_life.json
//     --open-set data/open_set/office_and_organisations.json
//   tools/smartsynch train --data prepared/train.jsonl --open-set prepared/open_set_train.jsonl
//     --out held_out.safetensors
//   smartsynch_learning_confidence FOLDER_WITH_CLINC150
//     prepared/validation.jsonl held_out.safetensors
//
// The titles are the base's and the model was trained without them; those whose labels the encoder
// has seen are passed over. Users have five categories of their own beside the base's, of
// one intent each, or of three each, which is broad. A third of what they are asked belongs to
// their own categories, a third to the base's, a third are intents that no category covers; all of
// it from CLINC150's validation split and from those titles. A line a tier, kind of user and n, and
// one for both kinds together, which are asked equally often; for each bound (n + a) / (n + 2a),
// where a = 0 is none and a = 1 Laplace's rule of succession:
//
//   precision  of what is selected as a category of the user's own
//   selected   share of the titles of the user's own categories that are selected rightly
//   of base    share of the base's titles that are selected as the user's own
//
// Measured without a bound, at that model's thresholds (0.956 and 0.989), one intent and three a
// category: precision after 1, 2, 3, 20 examples 0.985 and 0.922, 0.982 and 0.936, 0.980 and 0.956,
// 0.977 and 0.978 in the full tier, 0.983 and 0.912, 0.983 and 0.927, 0.985 and 0.955, 0.981 and
// 0.984 in the instant tier; both together at least 0.965 everywhere, and none of the base's titles
// was selected. So a = 0.1: with the base model's thresholds (0.930 and 0.964) the full tier
// selects from the second example on and the instant tier from the third, where a = 1 took 13
// and 27.
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <numeric>

#include "bench/learning/clinc.h"
#include "cli/data_input.h"
#include "cli/embed.h"
#include "cli/training_set.h"
#include "smartsynch/base/random.h"
#include "smartsynch/nn/math.h"
#include "smartsynch/personal/personal_task.h"
#include "smartsynch/personal/quantized_vector.h"

namespace smartsynch::bench {
namespace {

constexpr std::size_t kOwn = 5;
constexpr std::size_t kTitleRounds = 60;  // as many users of one intent a category
constexpr float kPriors[] = {0.0F, 0.1F, 1.0F};
constexpr Tier kTiers[] = {Tier::kInstant, Tier::kFull};

// A title as both tiers see it.
struct Title {
  std::size_t intent = 0;
  Scores base[2];
  std::vector<std::int8_t> directions[2];
};

Title Look(const Classifier& base, const PreparedTask& task, std::span<const float> embedding,
           int intent) {
  return {static_cast<std::size_t>(intent),
          {base.ScoreInstant(task), *base.Score(task, embedding)},
          {InstantDirection(task), QuantizeDirection(embedding)}};
}

std::vector<Title> LookAt(const Classifier& base, const std::vector<Row>& rows) {
  std::vector<Title> titles;
  for (const Row& row : rows) {
    titles.push_back(Look(base, base.Prepare(row.title), row.embedding, row.intent));
  }
  return titles;
}

Result<std::vector<Title>> LoadTitles(const Classifier& base, const EngineOptions& options,
                                      const std::string& path) {
  const Result<DataFile> data = LoadDataFile(path, {}, false);
  if (!data) return tl::unexpected(data.error());
  const Result<std::unique_ptr<OrtEncoder>> encoder = LoadEncoder(options);
  if (!encoder) return tl::unexpected(encoder.error());
  std::vector<PreparedTask> tasks;
  std::vector<Encoding> encodings;
  for (const Sample& sample : data->samples) {
    if (sample.split != kCalibrationSplit) continue;
    tasks.push_back(base.Prepare(sample.title, sample.description));
    encodings.push_back(tasks.back().encoding);
  }
  const Result<std::vector<float>> embedded = EmbedAll(**encoder, encodings);
  if (!embedded) return tl::unexpected(embedded.error());
  const std::size_t dimension = base.model().dense.input;
  std::vector<Title> titles;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    const auto embedding = std::span(*embedded).subspan(i * dimension, dimension);
    titles.push_back(Look(base, tasks[i], embedding, 0));
  }
  return titles;
}

struct Counts {
  std::size_t selected = 0;  // as a category of the user's own …
  std::size_t right = 0;
  std::size_t of_base = 0;  // … although it is the base's
};

struct Tally {
  std::size_t asked = 0;  // titles of the user's own categories, and as many of either other kind
  Counts counts[2][std::size(kPriors)];  // by tier
};

// What a user is asked: the category it belongs to, from 0; kOwn for none.
constexpr std::size_t kNone = kOwn;

void Ask(const Title& title, std::size_t belongs_to, bool is_of_base, const Classifier& base,
         const ExemplarMemory& memory, Tier tier, Counts (&counts)[std::size(kPriors)]) {
  static const std::size_t kIndexes[] = {0, 1, 2, 3, 4};
  const std::size_t t = tier == Tier::kInstant ? 0 : 1;
  const std::size_t categories = base.model().categories.size();
  std::vector<FusedCategory> fused;
  for (std::size_t c = 0; c < categories; ++c) fused.push_back({{&kIndexes[c], 1}, {}});
  for (const CategoryEvidence& evidence : memory.Query(title.directions[t])) {
    fused.push_back({{}, evidence});
  }
  const PersonalOptions options;
  const FusedLogits logits =
      FuseLogits(title.base[t], fused, tier == Tier::kInstant ? options.instant : options.full);
  const auto highest = std::max_element(logits.logits.begin(), logits.logits.end());
  const auto best = static_cast<std::size_t>(highest - logits.logits.begin());
  if (best < categories) return;
  float sum = 0.0F;
  for (const float logit : logits.logits) sum += Exp(logit - *highest);
  const auto& tier_of = tier == Tier::kInstant ? base.model().instant : base.model().full;
  const auto count = static_cast<float>(fused[best].evidence.count);
  for (std::size_t i = 0; i < std::size(kPriors); ++i) {
    const float bound = (count + kPriors[i]) / (count + 2.0F * kPriors[i]);
    const float p[] = {std::min(1.0F / sum, bound)};
    if (Decide(p, logits.novelty, tier_of.thresholds).kind != DecisionKind::kAuto) continue;
    ++counts[i].selected;
    counts[i].right += best - categories == belongs_to ? 1 : 0;
    counts[i].of_base += is_of_base ? 1 : 0;
  }
}

Tally Measure(const Classifier& base, std::vector<Title> examples, std::vector<Title> queries,
              const std::vector<Title>& titles, std::size_t width, std::size_t examples_each) {
  Random random(width);
  Tally tally;
  for (std::size_t user = 0; user < kTitleRounds / width; ++user) {
    std::vector<std::size_t> place(150);
    std::iota(place.begin(), place.end(), std::size_t{0});
    random.Shuffle(place);
    random.Shuffle(examples);
    random.Shuffle(queries);
    const auto category_of = [&](const Title& title) {
      return std::min(place[title.intent] / width, kNone);
    };
    ExemplarMemory memories[2] = {ExemplarMemory(kOwn), ExemplarMemory(kOwn)};
    std::vector<std::size_t> taught(kOwn, 0);
    for (const Title& title : examples) {
      const std::size_t category = category_of(title);
      if (category == kNone || taught[category]++ >= examples_each) continue;
      for (std::size_t t = 0; t < 2; ++t) memories[t].Add(category, title.directions[t]);
    }
    for (ExemplarMemory& memory : memories) memory.Finish();
    std::size_t own = 0;
    for (const Title& title : queries) own += category_of(title) < kNone ? 1 : 0;
    tally.asked += own;
    for (const Tier tier : kTiers) {
      const std::size_t t = tier == Tier::kInstant ? 0 : 1;
      const auto ask = [&](const Title& title, std::size_t belongs_to, bool is_of_base) {
        Ask(title, belongs_to, is_of_base, base, memories[t], tier, tally.counts[t]);
      };
      std::size_t uncovered = 0;
      for (const Title& title : queries) {
        const std::size_t category = category_of(title);
        if (category == kNone && uncovered++ >= own) continue;
        ask(title, category, false);
      }
      for (std::size_t i = 0; i < own; ++i)
        ask(titles[(user * own + i) % titles.size()], kNone, true);
    }
  }
  return tally;
}

void Print(const Tally& tally, const char* intents, std::size_t examples_each) {
  const auto share = [](std::size_t part, std::size_t whole) {
    return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
  };
  for (const Tier tier : kTiers) {
    std::printf("%-7s %-7s %2zu", TierName(tier), intents, examples_each);
    for (const Counts& count : tally.counts[tier == Tier::kInstant ? 0 : 1]) {
      std::printf("  | %.3f %.3f %.4f", share(count.right, count.selected),
                  share(count.right, tally.asked), share(count.of_base, tally.asked));
    }
    std::printf("\n");
  }
}

Tally Sum(Tally a, const Tally& b) {
  a.asked += b.asked;
  for (std::size_t t = 0; t < 2; ++t) {
    for (std::size_t i = 0; i < std::size(kPriors); ++i) {
      a.counts[t][i].selected += b.counts[t][i].selected;
      a.counts[t][i].right += b.counts[t][i].right;
      a.counts[t][i].of_base += b.counts[t][i].of_base;
    }
  }
  return a;
}

}  // namespace
}  // namespace smartsynch::bench

int main(int argc, char** argv) {
  using namespace smartsynch;
  using namespace smartsynch::bench;
  if (argc < 4) return 2;
  const auto fail = [](const Error& error) {
    std::cerr << "learning_confidence: " << error.message << "\n";
    return 1;
  };
  EngineOptions options;
  options.model = argv[3];
  const Result<Clinc> clinc = LoadClinc(argv[1], options);
  if (!clinc) return fail(clinc.error());
  options.tier = Tier::kInstant;
  const Result<Engine> engine = Engine::Load(options);
  if (!engine) return fail(engine.error());
  const Classifier& base = engine->classifier();
  const Result<std::vector<Title>> titles = LoadTitles(base, options, argv[2]);
  if (!titles) return fail(titles.error());
  const std::vector<Title> examples = LookAt(base, clinc->train);
  const std::vector<Title> queries = LookAt(base, clinc->validation);
  std::printf("tier    intents  n");
  for (const float prior : kPriors) {
    std::printf("  | a = %g: precision, selected, of base", static_cast<double>(prior));
  }
  std::printf("\n");
  for (const std::size_t n : {1U, 2U, 3U, 5U, 8U, 13U, 20U}) {
    const Tally narrow = Measure(base, examples, queries, *titles, 1, n);
    const Tally broad = Measure(base, examples, queries, *titles, 3, n);
    Print(narrow, "1", n);
    Print(broad, "3", n);
    Print(Sum(narrow, broad), "1 and 3", n);
  }
  return 0;
}
