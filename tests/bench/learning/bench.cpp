// Learning on the device, measured: CLINC150's intents arrive as a user's own categories beside the
// base model's five. Prints one JSON object; tests/bench/learning/report.py draws the table.
//
//   smartsynch_learning_bench FOLDER_WITH_CLINC150 [MODEL]
//
// Every figure is on texts that were never given as feedback (CLINC150's test split); the memory's
// weights were chosen with tune.cpp on its validation split.
#include <algorithm>
#include <chrono>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "bench/learning/baselines.h"
#include "bench/learning/clinc.h"
#include "smartsynch/base/random.h"
#include "smartsynch/personal/personal_classifier.h"

namespace smartsynch::bench {
namespace {

using nlohmann::ordered_json;

constexpr std::uint64_t kOrders = 5;

double Milliseconds(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

// One user: teaches rows, asks for predictions. Ids are "intent-N".
class User {
 public:
  explicit User(const Classifier& base) : personal_(base) {}

  std::uint64_t Teach(const Row& row) {
    const std::string id = "intent-" + std::to_string(row.intent);
    if (!personal_.FindCategory(id)) {
      FeedbackEvent added;
      added.kind = EventKind::kCategoryAdded;
      added.category_id = id;
      added.name = "Intent " + std::to_string(row.intent);
      if (!personal_.Record(added)) std::abort();
    }
    return Record(row, id);
  }

  // Takes the base's categories away, so that there are the user's own only.
  void RemoveBase() {
    for (const Category& category : personal_.base().model().categories) {
      FeedbackEvent removed;
      removed.kind = EventKind::kCategoryRemoved;
      removed.category_id = category.id;
      if (!personal_.Record(removed)) std::abort();
    }
  }

  std::uint64_t Record(const Row& row, const std::string& id) {
    FeedbackEvent event;
    event.title = row.title;
    event.category_id = id;
    const Result<FeedbackEvent> recorded = personal_.Record(event);
    if (!recorded || !personal_.SetEmbedding(recorded->sequence, row.embedding)) std::abort();
    return recorded->sequence;
  }

  Prediction Ask(const Row& row, Tier tier) const {
    const PersonalTask task = personal_.Prepare(row.title);
    return tier == Tier::kInstant ? personal_.ClassifyInstant(task)
                                  : *personal_.Classify(task, row.embedding);
  }

  bool IsRight(const Row& row, Tier tier = Tier::kFull) const {
    const Prediction prediction = Ask(row, tier);
    return !prediction.suggestions.empty() &&
           prediction.suggestions.front().category_id == "intent-" + std::to_string(row.intent);
  }

  PersonalClassifier& personal() { return personal_; }

 private:
  PersonalClassifier personal_;
};

std::vector<const Row*> Of(const std::vector<Row>& rows, int intent, std::size_t most = 1000) {
  std::vector<const Row*> found;
  for (const Row& row : rows) {
    if (row.intent == intent && found.size() < most) found.push_back(&row);
  }
  return found;
}

double Recall(const User& user, const std::vector<Row>& test, int first, int end,
              Tier tier = Tier::kFull) {
  std::size_t right = 0;
  std::size_t count = 0;
  for (const Row& row : test) {
    if (row.intent < first || row.intent >= end) continue;
    ++count;
    right += user.IsRight(row, tier) ? 1 : 0;
  }
  return static_cast<double>(right) / static_cast<double>(count);
}

// Ten settled categories with 20 examples each, then one more with 8; mean over five of them.
ordered_json NewCategory(const Classifier& base, const Clinc& clinc) {
  double recall = 0.0;
  double instant_recall = 0.0;
  double lost = 0.0;
  for (int round = 0; round < 5; ++round) {
    const int start = round * 11;
    User user(base);
    for (int intent = start; intent < start + 10; ++intent) {
      for (const Row* row : Of(clinc.train, intent)) user.Teach(*row);
    }
    const double before = Recall(user, clinc.test, start, start + 10);
    for (const Row* row : Of(clinc.train, start + 10, 8)) user.Teach(*row);
    recall += Recall(user, clinc.test, start + 10, start + 11) / 5;
    instant_recall += Recall(user, clinc.test, start + 10, start + 11, Tier::kInstant) / 5;
    lost += (before - Recall(user, clinc.test, start, start + 10)) / 5;
  }
  return {{"recall", recall}, {"instant_recall", instant_recall}, {"others_lost", lost}};
}

// Ten categories with 20 examples, then 50 corrections into one of them: what the others lose.
ordered_json Corrections(const Classifier& base, const Clinc& clinc) {
  User user(base);
  for (int intent = 0; intent < 10; ++intent) {
    for (const Row* row : Of(clinc.train, intent)) user.Teach(*row);
  }
  const double before = Recall(user, clinc.test, 1, 10);
  std::vector<const Row*> more = Of(clinc.validation, 0);
  for (const Row* row : Of(clinc.test, 0)) more.push_back(row);
  more.resize(50);
  for (const Row* row : more) user.Teach(*row);
  return {{"corrections", more.size()}, {"others_lost", before - Recall(user, clinc.test, 1, 10)}};
}

// 200 examples in one category (ten intents put together), 5 in another.
ordered_json Imbalance(const Classifier& base, const Clinc& clinc) {
  double recall = 0.0;
  for (int rare = 20; rare < 30; ++rare) {
    User user(base);
    for (int intent = 0; intent < 10; ++intent) {
      for (Row row : clinc.train) {
        if (row.intent != intent) continue;
        row.intent = 0;
        user.Teach(row);
      }
    }
    for (const Row* row : Of(clinc.train, rare, 5)) user.Teach(*row);
    recall += Recall(user, clinc.test, rare, rare + 1) / 10;
  }
  return {{"rare_recall", recall}};
}

ordered_json Undo(const Classifier& base, const Clinc& clinc) {
  User user(base);
  bool exact = true;
  for (int i = 0; i < 200; ++i) {
    const Row& row = clinc.train[static_cast<std::size_t>(i) * 13];
    user.Teach(row);
    const std::string before = user.personal().state().Bytes();
    const std::uint64_t step = user.Record(clinc.validation[static_cast<std::size_t>(i) * 7],
                                           "intent-" + std::to_string(row.intent));
    if (!user.personal().Undo(step, 0)) std::abort();
    exact = exact && user.personal().state().Bytes() == before;
  }
  return {{"undone", 200}, {"exact", exact}};
}

struct Tally {
  std::size_t right = 0;
  std::size_t count = 0;
  void Add(bool is_right) {
    right += is_right ? 1 : 0;
    ++count;
  }
  void Add(const Tally& other) {
    right += other.right;
    count += other.count;
  }
  double share() const { return static_cast<double>(right) / static_cast<double>(count); }
};

// Methods answer, each tallied by itself.
using Tallies = std::map<std::string, Tally>;

ordered_json Shares(const Tallies& tallies) {
  ordered_json shares;
  for (const auto& [method, tally] : tallies) shares[method] = tally.share();
  return shares;
}

// 20 intents, then 50, then 150, each new one mixed among those there are.
std::vector<const Row*> StreamInOrder(const Clinc& clinc, std::uint64_t order) {
  Random random(order);
  std::vector<int> intents(clinc.intents.size());
  std::iota(intents.begin(), intents.end(), 0);
  random.Shuffle(intents);
  std::vector<const Row*> stream;
  std::size_t used = 0;
  for (const auto& [end, texts] : {std::pair(20, 6U), {50, 6U}, {150, 8U}}) {
    std::vector<const Row*> phase;
    for (int i = 0; i < end; ++i) {
      const std::vector<const Row*> rows = Of(clinc.train, intents[static_cast<std::size_t>(i)]);
      for (std::size_t text = used; text < used + texts; ++text) phase.push_back(rows[text]);
    }
    used += texts;
    random.Shuffle(phase);
    stream.insert(stream.end(), phase.begin(), phase.end());
  }
  return stream;
}

struct Point {
  std::size_t events = 0;
  std::size_t intents = 0;
  Tallies tallies;
};

struct StreamResult {
  std::size_t events = 0;
  Tallies total;
  std::vector<Point> curve;
  double slowest_ms = 0.0;
};

// After every 150 events all methods are asked six held-out texts of each intent seen so far. The
// peers choose among the intents alone, so the user has removed the base's five categories;
// "personal_beside_base" keeps them, which makes them right-looking wrong answers.
StreamResult RunStream(const Classifier& base, const Clinc& clinc, std::uint64_t order) {
  StreamResult result;
  User user(base);
  User beside_base(base);
  const std::vector<const Row*> stream = StreamInOrder(clinc, order);
  result.events = stream.size();
  std::vector<Labelled> memory;
  std::vector<bool> seen(clinc.intents.size(), false);
  for (std::size_t event = 0; event < stream.size(); ++event) {
    const auto start = std::chrono::steady_clock::now();
    user.Teach(*stream[event]);
    user.Ask(*stream[event], Tier::kFull);
    result.slowest_ms = std::max(result.slowest_ms, Milliseconds(start));
    beside_base.Teach(*stream[event]);
    if (event == 0) user.RemoveBase();
    const auto label = static_cast<std::size_t>(stream[event]->intent);
    memory.push_back({&stream[event]->embedding, label});
    seen[label] = true;
    if ((event + 1) % 150 != 0) continue;
    const NearestMean nearest_mean(memory);
    const Retrained from_scratch(memory, seen.size());
    Point point = {event + 1, static_cast<std::size_t>(std::ranges::count(seen, true)), {}};
    const auto add = [&](const char* method, bool is_right) {
      point.tallies[method].Add(is_right);
      result.total[method].Add(is_right);
    };
    for (std::size_t intent = 0; intent < seen.size(); ++intent) {
      if (!seen[intent]) continue;
      for (const Row* row : Of(clinc.test, static_cast<int>(intent), 6)) {
        add("personal", user.IsRight(*row));
        add("personal_beside_base", beside_base.IsRight(*row));
        add("personal_instant", user.IsRight(*row, Tier::kInstant));
        add("nearest_neighbours", NearestNeighbours(memory, row->embedding) == intent);
        add("nearest_mean", nearest_mean.Predict(row->embedding) == intent);
        add("retrained_from_scratch", from_scratch.Predict(row->embedding) == intent);
      }
    }
    result.curve.push_back(std::move(point));
  }
  return result;
}

// The same stream in several orders, since one order says little about small differences.
// Cumulative accuracy is over all answers of an order.
ordered_json Stream(const Classifier& base, const Clinc& clinc) {
  std::vector<StreamResult> orders;
  for (std::uint64_t order = 1; order <= kOrders; ++order) {
    std::cerr << "stream, order " << order << " of " << kOrders << "\n";
    orders.push_back(RunStream(base, clinc, order));
  }
  Tallies total;
  double slowest = 0.0;
  ordered_json by_order = ordered_json::array();
  for (const StreamResult& order : orders) {
    for (const auto& [method, tally] : order.total) total[method].Add(tally);
    slowest = std::max(slowest, order.slowest_ms);
    by_order.push_back(Shares(order.total));
  }
  ordered_json curve = ordered_json::array();
  for (std::size_t i = 0; i < orders.front().curve.size(); ++i) {
    Point point;
    for (const StreamResult& order : orders) {
      point.events = order.curve[i].events;
      point.intents += order.curve[i].intents;
      for (const auto& [method, tally] : order.curve[i].tallies) point.tallies[method].Add(tally);
    }
    ordered_json entry = {
        {"events", point.events},
        {"intents", static_cast<double>(point.intents) / static_cast<double>(kOrders)}};
    entry.update(Shares(point.tallies));
    curve.push_back(std::move(entry));
  }
  return {{"events", orders.front().events},
          {"cumulative_accuracy", Shares(total)},
          {"cumulative_accuracy_by_order", by_order},
          {"slowest_correction_ms", slowest},
          {"curve", curve}};
}

}  // namespace
}  // namespace smartsynch::bench

int main(int argc, char** argv) {
  using namespace smartsynch;
  if (argc < 2) {
    std::cerr << "usage: smartsynch_learning_bench FOLDER_WITH_CLINC150 [MODEL]\n";
    return 2;
  }
  EngineOptions options;
  if (argc > 2) options.model = argv[2];
  const auto fail = [](const Error& error) {
    std::cerr << "learning_bench: " << error.message << "\n";
    return 1;
  };
  const Result<bench::Clinc> clinc = bench::LoadClinc(argv[1], options);
  if (!clinc) return fail(clinc.error());
  options.tier = Tier::kInstant;  // the embeddings are there already
  const Result<Engine> engine = Engine::Load(options);
  if (!engine) return fail(engine.error());
  const Classifier& base = engine->classifier();
  const nlohmann::ordered_json result = {
      {"model_version", base.model().version},
      {"new_category_8_examples", bench::NewCategory(base, *clinc)},
      {"fifty_corrections", bench::Corrections(base, *clinc)},
      {"imbalance_200_to_5", bench::Imbalance(base, *clinc)},
      {"undo", bench::Undo(base, *clinc)},
      {"stream", bench::Stream(base, *clinc)}};
  std::cout << result.dump(2) << "\n";
  return 0;
}
