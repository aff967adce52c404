#include "smartsynch/learn/find_centres.h"

#include <algorithm>
#include <cmath>

namespace smartsynch {
namespace {

constexpr int kSteps = 10;

using Centre = std::vector<float>;

// False for a vector without length, which then stays as it is.
bool Normalize(Centre& vector) {
  double squares = 0.0;
  for (const float value : vector) {
    squares += static_cast<double>(value) * static_cast<double>(value);
  }
  if (!(squares > 0.0)) return false;
  const double inverse = 1.0 / std::sqrt(squares);
  for (float& value : vector) value = static_cast<float>(static_cast<double>(value) * inverse);
  return true;
}

std::size_t NearestOf(const std::vector<Centre>& centres, const float* embedding) {
  std::size_t best = 0;
  float highest = 0.0F;
  for (std::size_t c = 0; c < centres.size(); ++c) {
    float dot = 0.0F;
    for (std::size_t i = 0; i < centres[c].size(); ++i) dot += centres[c][i] * embedding[i];
    if (c > 0 && !(dot > highest)) continue;
    best = c;
    highest = dot;
  }
  return best;
}

// `samples`: where each embedding begins; not empty.
std::vector<Centre> Cluster(const std::vector<const float*>& samples, std::size_t dimension,
                            std::size_t count) {
  count = std::min(count, samples.size());
  std::vector<Centre> centres;
  for (std::size_t c = 0; c < count; ++c) {
    const float* start = samples[c * samples.size() / count];
    centres.emplace_back(start, start + dimension);
    Normalize(centres.back());
  }
  if (count == samples.size()) return centres;
  for (int step = 0; step < kSteps; ++step) {
    std::vector<Centre> sums(count, Centre(dimension, 0.0F));
    for (const float* sample : samples) {
      Centre& sum = sums[NearestOf(centres, sample)];
      for (std::size_t i = 0; i < dimension; ++i) sum[i] += sample[i];
    }
    for (std::size_t c = 0; c < count; ++c) {
      if (Normalize(sums[c])) centres[c] = std::move(sums[c]);  // one without samples stays
    }
  }
  return centres;
}

void AppendRounded(const Centre& centre, std::vector<std::int8_t>& codes) {
  float largest = 0.0F;
  for (const float value : centre) largest = std::max(largest, std::fabs(value));
  const float unit = largest > 0.0F ? 127.0F / largest : 0.0F;
  for (const float value : centre) {
    codes.push_back(static_cast<std::int8_t>(std::lround(value * unit)));
  }
}

struct Spread {
  double mean = 0.0;
  double deviation = 0.0;
};

template <typename Value>
Spread SpreadOf(std::span<const HeldOutDistance> samples, Value&& value) {
  const auto count = static_cast<double>(samples.size());
  Spread spread;
  for (const HeldOutDistance& sample : samples) spread.mean += value(sample) / count;
  double squares = 0.0;
  for (const HeldOutDistance& sample : samples) {
    const double off = value(sample) - spread.mean;
    squares += off * off / count;
  }
  // Where nothing spreads, a difference of 0.001 is one standard deviation.
  spread.deviation = std::max(std::sqrt(squares), 1e-3);
  return spread;
}

}  // namespace

CategoryCentres FindCentres(const TrainingData& data, std::span<const std::size_t> rows,
                            std::size_t per_category) {
  CategoryCentres centres;
  if (data.dimension == 0 || per_category == 0) return centres;
  std::vector<std::vector<const float*>> samples(data.categories);
  for (const std::size_t row : rows) {
    const int label = data.labels[row];
    if (label < 0) continue;
    samples[static_cast<std::size_t>(label)].push_back(data.embeddings.data() +
                                                       row * data.dimension);
  }
  for (const std::vector<const float*>& of_category : samples) {
    if (of_category.empty()) continue;
    for (const Centre& centre : Cluster(of_category, data.dimension, per_category)) {
      AppendRounded(centre, centres.directions);
    }
  }
  if (!centres.directions.empty()) centres.dimension = data.dimension;
  return centres;
}

std::vector<int> CategoriesOfCentres(const TrainingData& data, std::span<const std::size_t> rows,
                                     std::size_t per_category) {
  std::vector<std::size_t> counts(data.categories, 0);
  for (const std::size_t row : rows) {
    if (data.labels[row] >= 0) ++counts[static_cast<std::size_t>(data.labels[row])];
  }
  std::vector<int> categories;
  for (std::size_t c = 0; c < counts.size(); ++c) {
    categories.insert(categories.end(), std::min(counts[c], per_category), static_cast<int>(c));
  }
  return categories;
}

void FitCentreNovelty(std::span<const HeldOutDistance> held_out, CategoryCentres& centres) {
  if (held_out.empty()) return;
  const auto confidence = [](const HeldOutDistance& sample) {
    return static_cast<double>(sample.soft_confidence);
  };
  const auto cosine = [](const HeldOutDistance& sample) {
    return static_cast<double>(sample.cosine);
  };
  const double a = 1.0 / SpreadOf(held_out, confidence).deviation;
  const double b = 1.0 / SpreadOf(held_out, cosine).deviation;
  std::vector<double> near;
  for (const HeldOutDistance& sample : held_out) {
    near.push_back(a * confidence(sample) + b * cosine(sample));
  }
  std::sort(near.begin(), near.end());
  centres.confidence_weight = static_cast<float>(a);
  centres.cosine_weight = static_cast<float>(b);
  centres.bias = static_cast<float>(near[near.size() / 20]);
}

}  // namespace smartsynch
