#include "smartsynch/learn/curves.h"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include "smartsynch/base/random.h"

namespace smartsynch {
namespace {

using CategorySet = std::set<std::string, std::less<>>;

CategorySet SetOf(std::span<const std::string> categories) {
  return {categories.begin(), categories.end()};
}

double Share(std::size_t part, std::size_t whole) {
  return static_cast<double>(part) / static_cast<double>(whole);
}

// Values of one figure over the bootstrap samples in which it exists.
struct Draws {
  std::vector<double> values;
  void Add(const std::optional<double>& value) {
    if (value) values.push_back(*value);
  }
};

}  // namespace

std::optional<Interval> PercentileInterval(std::vector<double> values) {
  if (values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end());
  const std::size_t cut = values.size() / 40;  // 2.5 %
  return Interval{values[cut], values[values.size() - 1 - cut]};
}

std::vector<ReliabilityBin> ReliabilityBins(std::span<const std::string> categories,
                                            std::span<const JudgedPrediction> rows) {
  constexpr std::size_t kBins = 15;
  const CategorySet known = SetOf(categories);
  std::vector<std::pair<double, bool>> answers;
  for (const JudgedPrediction& row : rows) {
    if (known.contains(row.gold)) answers.emplace_back(row.confidence, row.top == row.gold);
  }
  std::sort(answers.begin(), answers.end());
  std::vector<ReliabilityBin> bins;
  for (std::size_t b = 0; b < kBins; ++b) {
    ReliabilityBin bin;
    double right = 0;
    for (std::size_t i = b * answers.size() / kBins; i < (b + 1) * answers.size() / kBins; ++i) {
      bin.confidence += answers[i].first;
      right += answers[i].second ? 1.0 : 0.0;
      ++bin.rows;
    }
    if (bin.rows == 0) continue;
    bin.confidence /= static_cast<double>(bin.rows);
    bin.accuracy = right / static_cast<double>(bin.rows);
    bins.push_back(bin);
  }
  return bins;
}

std::vector<CoveragePoint> CoverageCurve(std::span<const std::string> categories,
                                         std::span<const JudgedPrediction> rows) {
  const CategorySet known = SetOf(categories);
  std::vector<const JudgedPrediction*> answered;
  std::size_t known_rows = 0;
  for (const JudgedPrediction& row : rows) {
    known_rows += known.contains(row.gold) ? 1 : 0;
    if (!row.top.empty()) answered.push_back(&row);
  }
  std::vector<CoveragePoint> curve;
  if (known_rows == 0) return curve;
  std::stable_sort(answered.begin(), answered.end(),
                   [](const JudgedPrediction* a, const JudgedPrediction* b) {
                     return a->confidence > b->confidence;
                   });
  std::size_t covered = 0;
  std::size_t right = 0;
  for (std::size_t i = 0; i < answered.size(); ++i) {
    const bool is_known = known.contains(answered[i]->gold);
    covered += is_known ? 1 : 0;
    right += is_known && answered[i]->top == answered[i]->gold ? 1 : 0;
    const bool is_last = i + 1 == answered.size();
    if (!is_last && answered[i + 1]->confidence == answered[i]->confidence) continue;
    curve.push_back({answered[i]->confidence, Share(covered, known_rows), Share(right, i + 1)});
  }
  return curve;
}

std::vector<RocPoint> OpenSetRoc(std::span<const std::string> categories,
                                 std::span<const JudgedPrediction> rows) {
  const CategorySet known = SetOf(categories);
  std::vector<std::pair<double, bool>> ranked;  // novelty, open-set
  std::size_t open_rows = 0;
  for (const JudgedPrediction& row : rows) {
    const bool is_open = !known.contains(row.gold);
    open_rows += is_open ? 1 : 0;
    ranked.emplace_back(row.novelty, is_open);
  }
  const std::size_t known_rows = ranked.size() - open_rows;
  if (open_rows == 0 || known_rows == 0) return {};
  std::sort(ranked.begin(), ranked.end(), std::greater<>());
  std::vector<RocPoint> curve = {{0, 0}};
  std::size_t detected = 0;
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    detected += ranked[i].second ? 1 : 0;
    const bool is_last = i + 1 == ranked.size();
    if (!is_last && ranked[i + 1].first == ranked[i].first) continue;
    curve.push_back({Share(i + 1 - detected, known_rows), Share(detected, open_rows)});
  }
  return curve;
}

Result<HeadlineIntervals> BootstrapHeadlines(std::span<const std::string> categories,
                                             std::span<const JudgedPrediction> rows,
                                             const MetricsOptions& options, std::size_t copies) {
  if (copies == 0 || rows.size() % copies != 0) {
    return Fail(ErrorCode::kInvalidArgument,
                std::to_string(rows.size()) + " rows cannot hold " + std::to_string(copies) +
                    " rounds of the same samples",
                "copies");
  }
  const std::size_t samples = rows.size() / copies;
  const CategorySet known = SetOf(categories);
  std::vector<std::size_t> known_rows;
  std::vector<std::size_t> open_rows;
  for (std::size_t i = 0; i < samples; ++i) {
    (known.contains(rows[i].gold) ? known_rows : open_rows).push_back(i);
  }
  MetricsOptions plain = options;
  plain.bootstrap_samples = 0;
  Random random(options.seed);
  std::vector<JudgedPrediction> drawn;
  Draws accuracy, macro_f1, precision, coverage, auroc, fpr95, ece;
  for (std::size_t b = 0; b < options.bootstrap_samples; ++b) {
    drawn.clear();
    for (const std::vector<std::size_t>* group : {&known_rows, &open_rows}) {
      const auto size = static_cast<std::uint32_t>(group->size());
      for (std::uint32_t i = 0; i < size; ++i) {
        const std::size_t sample = (*group)[random.NextBelow(size)];
        for (std::size_t c = 0; c < copies; ++c) drawn.push_back(rows[c * samples + sample]);
      }
    }
    const Result<Metrics> metrics = ComputeMetrics(categories, drawn, plain);
    if (!metrics) return tl::unexpected(metrics.error());
    accuracy.Add(metrics->accuracy);
    macro_f1.Add(metrics->macro_f1);
    precision.Add(metrics->auto_precision);
    coverage.Add(metrics->auto_coverage);
    ece.Add(metrics->ece);
    if (!metrics->open_set_detection) continue;
    auroc.Add(metrics->open_set_detection->auroc);
    fpr95.Add(metrics->open_set_detection->fpr95);
  }
  HeadlineIntervals intervals;
  intervals.accuracy = PercentileInterval(std::move(accuracy.values));
  intervals.macro_f1 = PercentileInterval(std::move(macro_f1.values));
  intervals.auto_precision = PercentileInterval(std::move(precision.values));
  intervals.auto_coverage = PercentileInterval(std::move(coverage.values));
  intervals.auroc = PercentileInterval(std::move(auroc.values));
  intervals.fpr95 = PercentileInterval(std::move(fpr95.values));
  intervals.ece = PercentileInterval(std::move(ece.values));
  return intervals;
}

}  // namespace smartsynch
