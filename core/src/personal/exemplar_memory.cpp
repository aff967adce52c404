#include "smartsynch/personal/exemplar_memory.h"

#include <algorithm>
#include <cmath>

#include "smartsynch/nn/math.h"
#include "smartsynch/personal/quantized_vector.h"

namespace smartsynch {
namespace {

// Of the centre: as if so many categories lay at the origin. With few categories their centre says
// little about what all texts have in common.
constexpr float kCenterPrior = 10.0F;
constexpr float kFewestProbability = 1e-9F;
// What the user said about this very text outweighs everything the model can say.
constexpr float kSameTextLogits = 40.0F;
constexpr float kMostNoveltyLogits = 3.0F;
// Right and wrong answers that an added category begins with: a Beta prior (exemplar_memory.h).
constexpr float kPriorAnswers = 0.1F;

std::int32_t Dot16(const std::int16_t* a, const std::int16_t* b, std::size_t size) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < size; ++i) sum += static_cast<std::int32_t>(a[i]) * b[i];
  return sum;
}

float NoveltyLogit(float novelty) {
  const float n = std::clamp(novelty, 1e-6F, 1.0F - 1e-6F);
  return std::clamp(Log(n) - Log(1.0F - n), -kMostNoveltyLogits, kMostNoveltyLogits);
}

// Lowers the highest probability to `limit`; the others share what it loses.
void Limit(std::vector<float>& probabilities, std::size_t best, float limit) {
  float rest = 0.0F;
  for (std::size_t c = 0; c < probabilities.size(); ++c) {
    if (c != best) rest += probabilities[c];
  }
  if (probabilities[best] <= limit || rest <= 0.0F) return;
  const float factor = (1.0F - limit) / rest;
  for (float& p : probabilities) p *= factor;
  probabilities[best] = limit;
}

}  // namespace

void ExemplarMemory::Add(std::size_t category, std::span<const std::int8_t> direction) {
  if (direction.empty() || (dimension_ != 0 && direction.size() != dimension_)) return;
  dimension_ = direction.size();
  const float inverse_norm = InverseNorm(direction);
  rows_.insert(rows_.end(), direction.begin(), direction.end());
  categories_.push_back(category);
  inverse_norms_.push_back(inverse_norm);
  ++counts_[category];
  std::vector<float>& sum = sums_[category];
  sum.resize(dimension_, 0.0F);
  for (std::size_t i = 0; i < dimension_; ++i) {
    sum[i] += static_cast<float>(direction[i]) * inverse_norm;
  }
}

void ExemplarMemory::Finish() {
  center_.assign(dimension_, 0.0F);
  float weight = kCenterPrior;
  for (std::size_t c = 0; c < sums_.size(); ++c) {
    if (counts_[c] == 0) continue;
    float squares = 0.0F;
    for (const float value : sums_[c]) squares += value * value;
    const float inverse_norm = squares > 0.0F ? 1.0F / std::sqrt(squares) : 0.0F;
    for (std::size_t i = 0; i < dimension_; ++i) center_[i] += sums_[c][i] * inverse_norm;
    weight += 1.0F;
  }
  for (float& value : center_) value /= weight;
  means_.assign(sums_.size() * dimension_, 0);
  mean_inverse_norms_.assign(sums_.size(), 0.0F);
  std::vector<float> mean(dimension_);
  for (std::size_t c = 0; c < sums_.size(); ++c) {
    if (counts_[c] == 0) continue;
    const float inverse_count = 1.0F / static_cast<float>(counts_[c]);
    for (std::size_t i = 0; i < dimension_; ++i) {
      mean[i] = sums_[c][i] * inverse_count - center_[i];
    }
    const std::vector<std::int8_t> direction = QuantizeDirection(mean);
    std::copy(direction.begin(), direction.end(),
              means_.begin() + static_cast<std::ptrdiff_t>(c * dimension_));
    mean_inverse_norms_[c] = InverseNorm(direction);
  }
}

bool ExemplarMemory::Holds(std::size_t row, const MemoryExemplar& exemplar) const {
  const auto start = rows_.begin() + static_cast<std::ptrdiff_t>(row * dimension_);
  return categories_[row] == exemplar.category && exemplar.direction.size() == dimension_ &&
         std::equal(exemplar.direction.begin(), exemplar.direction.end(), start);
}

void ExemplarMemory::Assign(std::size_t categories, std::span<const MemoryExemplar> exemplars) {
  std::size_t held = 0;
  while (held < std::min(size(), exemplars.size()) && Holds(held, exemplars[held])) ++held;
  if (held < size() || counts_.size() != categories) {
    *this = ExemplarMemory(categories);
    held = 0;
  } else if (held == exemplars.size()) {
    return;
  }
  for (const MemoryExemplar& exemplar : exemplars.subspan(held)) {
    Add(exemplar.category, exemplar.direction);
  }
  Finish();
}

std::vector<CategoryEvidence> ExemplarMemory::Query(std::span<const std::int8_t> direction) const {
  std::vector<CategoryEvidence> evidence(counts_.size());
  if (direction.size() != dimension_) return evidence;
  const float inverse_norm = InverseNorm(direction);
  const std::vector<std::int16_t> query(direction.begin(), direction.end());
  for (std::size_t row = 0; row < categories_.size(); ++row) {
    const std::int32_t dot = Dot16(query.data(), rows_.data() + row * dimension_, dimension_);
    const float cosine = static_cast<float>(dot) * inverse_norm * inverse_norms_[row];
    CategoryEvidence& entry = evidence[categories_[row]];
    entry.nearest = entry.count == 0 ? cosine : std::max(entry.nearest, cosine);
    ++entry.count;
  }
  std::vector<float> centered(dimension_);
  for (std::size_t i = 0; i < dimension_; ++i) {
    centered[i] = static_cast<float>(direction[i]) * inverse_norm - center_[i];
  }
  const std::vector<std::int8_t> from_center = QuantizeDirection(centered);
  const std::vector<std::int16_t> wide(from_center.begin(), from_center.end());
  const float centered_inverse_norm = InverseNorm(from_center);
  for (std::size_t c = 0; c < evidence.size(); ++c) {
    if (evidence[c].count == 0) continue;
    const std::int32_t dot = Dot16(wide.data(), means_.data() + c * dimension_, dimension_);
    evidence[c].mean = static_cast<float>(dot) * centered_inverse_norm * mean_inverse_norms_[c];
  }
  return evidence;
}

FusedLogits FuseLogits(const Scores& base, std::span<const FusedCategory> categories,
                       const MemoryWeights& weights) {
  FusedLogits fused;
  fused.novelty = base.novelty;
  if (categories.empty()) {
    fused.novelty = 1.0F;
    return fused;
  }
  float most_evidence = 0.0F;  // as a probability that some exemplar is near
  std::size_t best = 0;
  float best_added = 0.0F;  // evidence of the best category with what novelty adds to it
  for (std::size_t c = 0; c < categories.size(); ++c) {
    const CategoryEvidence& evidence = categories[c].evidence;
    const float cosine = evidence.nearest + weights.mean_share * (evidence.mean - evidence.nearest);
    const float support = weights.slope * (cosine - weights.threshold);
    float probability = 0.0F;
    for (const std::size_t i : categories[c].base_indexes) probability += base.probabilities[i];
    const bool is_base = !categories[c].base_indexes.empty();
    float logit = Log(std::max(probability, kFewestProbability));
    if (evidence.count > 0) {
      most_evidence = std::max(most_evidence, Sigmoid(support));
      const float added = support + weights.novelty_share * NoveltyLogit(base.novelty);
      logit = is_base ? logit + std::max(support, 0.0F) : added;
    }
    if (evidence.is_same_text) logit += kSameTextLogits;
    if (evidence.is_rejected) logit -= kSameTextLogits;
    if (evidence.is_same_text) most_evidence = 1.0F;
    fused.logits.push_back(logit);
    if (c > 0 && !(logit > fused.logits[best])) continue;
    best = c;
    best_added = !is_base && evidence.count > 0 ? Sigmoid(logit) : 0.0F;
  }
  // What is unlike the base's categories speaks for an added one, so where one ranks first thanks
  // to that, the task is not new either.
  most_evidence = std::max(most_evidence, best_added);
  fused.novelty = base.novelty * (1.0F - most_evidence);
  return fused;
}

Scores ToScores(const FusedLogits& fused, std::span<const FusedCategory> categories) {
  const std::vector<float>& logits = fused.logits;
  Scores scores;
  scores.novelty = fused.novelty;
  if (logits.empty()) return scores;
  const auto best =
      static_cast<std::size_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
  const float highest = logits[best];
  float sum = 0.0F;
  for (const float logit : logits) {
    scores.probabilities.push_back(Exp(logit - highest));
    sum += scores.probabilities.back();
  }
  for (float& p : scores.probabilities) p /= sum;
  const CategoryEvidence& evidence = categories[best].evidence;
  if (categories[best].base_indexes.empty() && !evidence.is_same_text) {
    const auto count = static_cast<float>(evidence.count);
    Limit(scores.probabilities, best, (count + kPriorAnswers) / (count + 2.0F * kPriorAnswers));
  }
  return scores;
}

Scores FuseScores(const Scores& base, std::span<const FusedCategory> categories,
                  const MemoryWeights& weights) {
  return ToScores(FuseLogits(base, categories, weights), categories);
}

}  // namespace smartsynch
