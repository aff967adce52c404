#include "personal/fine_tune_rows.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "personal/fine_tune_parts.h"
#include "smartsynch/base/random.h"
#include "smartsynch/learn/training_data.h"
#include "smartsynch/personal/personal_classifier.h"
#include "smartsynch/personal/quantized_vector.h"

namespace smartsynch {
namespace {

constexpr std::size_t kHashedDimension = 256;
constexpr std::size_t kTypicalFeatures = 40;
constexpr float kMostWeight = 4.0F;

std::span<const std::int8_t> RowOf(const ExemplarTier& tier, std::size_t row) {
  return std::span<const std::int8_t>(tier.directions)
      .subspan(row * tier.dimension, tier.dimension);
}

// A base exemplar has no text, so its n-grams are nobody's: as the memory sees them, a direction
// that resembles no other.
std::vector<std::int8_t> InstantDirectionOf(const ExemplarTier& tier, std::size_t row,
                                            Random& random) {
  std::vector<std::uint32_t> features(kTypicalFeatures);
  for (std::uint32_t& feature : features) feature = random.NextUint32();
  std::vector<float> token;
  AppendUnit(RowOf(tier, row), tier.dimension, token);
  return JoinDirections(token, HashedDirection(features, kHashedDimension), kTokenShare);
}

void AddBaseRows(const BaseExemplars& exemplars, const std::vector<TunedCategory>& categories,
                 std::uint64_t seed, FineTuneRows& rows) {
  Random random(seed);
  const std::vector<int> labels = exemplars.Labels();
  for (std::size_t row = 0; row < labels.size(); ++row) {
    int label = kOpenSetLabel;
    if (labels[row] >= 0) {
      const auto knows = [&](const TunedCategory& category) {
        const auto& indexes = category.base_indexes;
        return std::count(indexes.begin(), indexes.end(), static_cast<std::size_t>(labels[row])) >
               0;
      };
      const auto found = std::find_if(categories.begin(), categories.end(), knows);
      if (found == categories.end()) continue;  // the user removed its category
      label = static_cast<int>(found - categories.begin());
    }
    rows.labels.push_back(label);
    rows.sequences.push_back(0);
    rows.has_full.push_back(true);
    rows.full.base.push_back(DecodeLogits(exemplars.full, row));
    AppendUnit(RowOf(exemplars.full, row), rows.full.input, rows.full.x);
    const std::span<const std::int8_t> direction = RowOf(exemplars.full, row);
    rows.full.directions.emplace_back(direction.begin(), direction.end());
    if (rows.instant.input == 0) continue;
    rows.instant.base.push_back(DecodeLogits(exemplars.instant, row));
    AppendUnit(RowOf(exemplars.instant, row), rows.instant.input, rows.instant.x);
    rows.instant.directions.push_back(InstantDirectionOf(exemplars.instant, row, random));
  }
  rows.base_rows = rows.labels.size();
}

void AddFeedback(const FineTuneTask& task, FineTuneRows& rows) {
  for (const FineTuneRow& row : task.rows) {
    rows.labels.push_back(static_cast<int>(row.category));
    rows.sequences.push_back(row.sequence);
    rows.has_full.push_back(!row.full.empty());
    rows.full.base.push_back(row.full_logits);
    AppendUnit(row.full, rows.full.input, rows.full.x);
    rows.full.directions.push_back(row.full);
    if (rows.instant.input == 0) continue;
    rows.instant.base.push_back(row.instant_logits);
    rows.instant.x.insert(rows.instant.x.end(), row.token_embedding.begin(),
                          row.token_embedding.end());
    rows.instant.directions.push_back(row.instant);
  }
}

// Rare categories weigh more, by the square root of how rare they are: between counting every row
// alike, which drowns them, and every category alike, which makes them loud.
void SetWeights(FineTuneRows& rows) {
  std::vector<float> counts(rows.categories, 0.0F);
  float total = 0.0F;
  for (const int label : rows.labels) {
    if (label < 0) continue;
    counts[static_cast<std::size_t>(label)] += 1.0F;
    total += 1.0F;
  }
  const auto present = static_cast<float>(
      std::count_if(counts.begin(), counts.end(), [](float count) { return count > 0.0F; }));
  for (const int label : rows.labels) {
    const float count = label < 0 ? 0.0F : counts[static_cast<std::size_t>(label)];
    rows.weights.push_back(label < 0 ? 1.0F
                                     : std::min(kMostWeight, std::sqrt(total / (present * count))));
  }
}

// Base exemplars and feedback are dealt out apart, so that every fold has its share of both.
void SetFolds(const FineTuneOptions& options, FineTuneRows& rows) {
  Random random(options.seed);
  rows.folds.resize(rows.size());
  for (const bool is_base : {true, false}) {
    std::vector<std::size_t> order;
    for (std::size_t r = 0; r < rows.size(); ++r) {
      if ((r < rows.base_rows) == is_base) order.push_back(r);
    }
    random.Shuffle(order);
    for (std::size_t i = 0; i < order.size(); ++i) rows.folds[order[i]] = i % options.folds;
  }
}

}  // namespace

void AppendUnit(std::span<const std::int8_t> direction, std::size_t dimension,
                std::vector<float>& x) {
  const float inverse_norm = InverseNorm(direction);
  for (const std::int8_t value : direction) x.push_back(static_cast<float>(value) * inverse_norm);
  x.resize(x.size() + dimension - direction.size(), 0.0F);
}

Result<FineTuneRows> MakeFineTuneRows(const FineTuneTask& task, const BaseExemplars& exemplars,
                                      const FineTuneOptions& options) {
  const ExemplarFit expected = {task.base_version, task.base_categories, task.full_dimension,
                                task.instant_dimension};
  if (Status status = CheckExemplars(exemplars, expected); !status) {
    return tl::unexpected(status.error());
  }
  FineTuneRows rows;
  rows.categories = task.categories.size();
  rows.full.input = exemplars.full.dimension;
  rows.instant.input = exemplars.instant.dimension;
  AddBaseRows(exemplars, task.categories, options.seed, rows);
  AddFeedback(task, rows);
  SetWeights(rows);
  SetFolds(options, rows);
  return rows;
}

}  // namespace smartsynch
