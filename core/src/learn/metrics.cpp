#include "smartsynch/learn/metrics.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "smartsynch/base/random.h"

namespace smartsynch {
namespace {

constexpr std::size_t kCalibrationBins = 15;

double Ratio(std::size_t part, std::size_t whole) {
  return static_cast<double>(part) / static_cast<double>(whole);
}

std::optional<double> RatioOrNone(std::size_t part, std::size_t whole) {
  if (whole == 0) return std::nullopt;
  return Ratio(part, whole);
}

struct Answer {
  double confidence = 0;
  bool right = false;
};

bool operator<(const Answer& a, const Answer& b) {
  return std::pair(a.confidence, a.right) < std::pair(b.confidence, b.right);
}

// `answers` sorted; answer i is there counts[i] times, `total` of them altogether. Bin b holds
// those from b * total / 15 up to (b + 1) * total / 15.
double CalibrationError(const std::vector<Answer>& answers,
                        const std::vector<std::uint32_t>& counts, std::size_t total) {
  double error = 0;
  double confidence = 0;
  double right = 0;
  std::size_t bin = 0;
  std::size_t taken = 0;
  const auto close_bins = [&] {
    while (bin < kCalibrationBins && taken == (bin + 1) * total / kCalibrationBins) {
      error += std::abs(confidence - right) / static_cast<double>(total);
      confidence = 0;
      right = 0;
      ++bin;
    }
  };
  close_bins();
  for (std::size_t i = 0; i < answers.size(); ++i) {
    for (std::uint32_t n = 0; n < counts[i]; ++n) {
      confidence += answers[i].confidence;
      right += answers[i].right ? 1.0 : 0.0;
      ++taken;
      close_bins();
    }
  }
  return error;
}

// Percentile bootstrap (Efron 1979).
Interval BootstrapInterval(const std::vector<Answer>& answers, const MetricsOptions& options) {
  Random random(options.seed);
  std::vector<double> errors;
  std::vector<std::uint32_t> counts(answers.size());
  for (std::size_t b = 0; b < options.bootstrap_samples; ++b) {
    std::fill(counts.begin(), counts.end(), 0U);
    for (std::size_t i = 0; i < answers.size(); ++i) {
      ++counts[random.NextBelow(static_cast<std::uint32_t>(answers.size()))];
    }
    errors.push_back(CalibrationError(answers, counts, answers.size()));
  }
  std::sort(errors.begin(), errors.end());
  const std::size_t cut = errors.size() / 40;  // 2.5 %
  return {errors[cut], errors[errors.size() - 1 - cut]};
}

// Mann-Whitney statistic with middle ranks for ties.
OpenSetMetrics DetectOpenSet(std::vector<double> positive, const std::vector<double>& negative) {
  std::vector<std::pair<double, bool>> ranked;
  ranked.reserve(positive.size() + negative.size());
  for (const double score : positive) ranked.emplace_back(score, true);
  for (const double score : negative) ranked.emplace_back(score, false);
  std::sort(ranked.begin(), ranked.end());
  double rank_sum = 0;
  for (std::size_t i = 0; i < ranked.size();) {
    std::size_t j = i;
    std::size_t positives = 0;
    for (; j < ranked.size() && ranked[j].first == ranked[i].first; ++j) {
      positives += ranked[j].second ? 1 : 0;
    }
    rank_sum += static_cast<double>(i + 1 + j) / 2 * static_cast<double>(positives);
    i = j;
  }
  const auto p = static_cast<double>(positive.size());
  const auto n = static_cast<double>(negative.size());
  OpenSetMetrics metrics;
  metrics.auroc = (rank_sum - p * (p + 1) / 2) / (p * n);
  std::sort(positive.begin(), positive.end());
  const double cut = positive[static_cast<std::size_t>(0.05 * p)];
  const auto flagged =
      std::count_if(negative.begin(), negative.end(), [cut](double score) { return score >= cut; });
  metrics.fpr95 = static_cast<double>(flagged) / n;
  return metrics;
}

void FillClasses(std::span<const std::string> categories, Metrics& metrics) {
  double f1_sum = 0;
  for (std::size_t c = 0; c < categories.size(); ++c) {
    const std::size_t hits = metrics.confusion[c][c];
    std::size_t support = 0;
    for (const std::size_t count : metrics.confusion[c]) support += count;
    std::size_t answered = 0;
    for (const auto& row : metrics.confusion) answered += row[c];
    ClassMetrics result;
    result.category = categories[c];
    result.support = support;
    result.precision = answered == 0 ? 0.0 : Ratio(hits, answered);
    result.recall = support == 0 ? 0.0 : Ratio(hits, support);
    result.f1 = hits == 0 ? 0.0 : Ratio(2 * hits, answered + support);
    f1_sum += result.f1;
    metrics.per_class.push_back(std::move(result));
  }
  if (metrics.known > 0) metrics.macro_f1 = f1_sum / static_cast<double>(categories.size());
}

Status CheckInput(std::span<const std::string> categories, std::span<const JudgedPrediction> rows,
                  std::map<std::string, std::size_t>& index) {
  if (categories.empty()) {
    return Fail(ErrorCode::kInvalidArgument, "found no category, expected at least one",
                "categories");
  }
  for (const std::string& category : categories) {
    if (!index.emplace(category, index.size()).second) {
      return Fail(ErrorCode::kInvalidArgument,
                  "category \"" + category + "\" is given twice, expected distinct names",
                  "categories");
    }
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!std::isfinite(rows[i].confidence) || !std::isfinite(rows[i].novelty)) {
      return Fail(ErrorCode::kInvalidArgument, "confidence and novelty must be finite numbers",
                  "rows[" + std::to_string(i) + "]");
    }
  }
  return {};
}

}  // namespace

Result<Metrics> ComputeMetrics(std::span<const std::string> categories,
                               std::span<const JudgedPrediction> rows,
                               const MetricsOptions& options) {
  std::map<std::string, std::size_t> index;
  if (Status status = CheckInput(categories, rows, index); !status) {
    return tl::unexpected(status.error());
  }
  const std::size_t no_answer = categories.size();
  Metrics metrics;
  metrics.confusion.assign(categories.size(), std::vector<std::size_t>(categories.size() + 1, 0));
  std::vector<Answer> answers;
  std::vector<double> known_novelty;
  std::vector<double> open_novelty;
  std::size_t right = 0;
  std::size_t selected = 0;
  std::size_t selected_known = 0;
  std::size_t selected_right = 0;
  std::size_t new_known = 0;
  std::size_t new_open = 0;
  for (const JudgedPrediction& row : rows) {
    const auto gold = index.find(row.gold);
    const bool is_known = gold != index.end();
    const bool is_right = is_known && row.top == row.gold;
    const bool is_new = row.decision == DecisionKind::kNew;
    if (row.decision == DecisionKind::kAuto) {
      ++selected;
      selected_known += is_known ? 1 : 0;
      selected_right += is_right ? 1 : 0;
    }
    if (!is_known) {
      open_novelty.push_back(row.novelty);
      new_open += is_new ? 1 : 0;
      continue;
    }
    const auto top = index.find(row.top);
    ++metrics.confusion[gold->second][top == index.end() ? no_answer : top->second];
    answers.push_back({row.confidence, is_right});
    known_novelty.push_back(row.novelty);
    right += is_right ? 1 : 0;
    new_known += is_new ? 1 : 0;
  }
  metrics.known = answers.size();
  metrics.open_set = open_novelty.size();
  metrics.accuracy = RatioOrNone(right, metrics.known);
  FillClasses(categories, metrics);
  metrics.auto_precision = RatioOrNone(selected_right, selected);
  metrics.auto_coverage = RatioOrNone(selected_known, metrics.known);
  metrics.proposed_new_open_set = RatioOrNone(new_open, metrics.open_set);
  metrics.proposed_new_known = RatioOrNone(new_known, metrics.known);
  if (!answers.empty()) {
    std::sort(answers.begin(), answers.end());
    metrics.ece =
        CalibrationError(answers, std::vector<std::uint32_t>(answers.size(), 1), answers.size());
    if (options.bootstrap_samples > 0) metrics.ece_interval = BootstrapInterval(answers, options);
  }
  if (!known_novelty.empty() && !open_novelty.empty()) {
    metrics.open_set_detection = DetectOpenSet(std::move(open_novelty), known_novelty);
  }
  return metrics;
}

}  // namespace smartsynch
