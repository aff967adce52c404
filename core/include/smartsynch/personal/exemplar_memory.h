// Nearest neighbours over the exemplars of one tier, and how their evidence joins the base model's
// scores. The memory learns at once, from one example on; a correction changes what is near it and
// leaves the rest alone. In the manner of Tip-Adapter (Zhang et al. 2022, arXiv:2111.03930), whose
// cache of features adds to a fixed classifier's logits, with class means (Snell et al. 2017,
// arXiv:1703.05175) beside the nearest neighbour. Means are compared from their common centre,
// which takes out what all texts share.
//
//   ExemplarMemory memory(2);
//   memory.Add(1, direction);
//   memory.Finish();
//   std::vector<CategoryEvidence> evidence = memory.Query(query);
//
// Works for any dimension; all of one memory's must be equal. Thread safety: any number of threads
// may query while nobody adds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "smartsynch/decide/calibration.h"

namespace smartsynch {

// How near a task is to one category's exemplars.
struct CategoryEvidence {
  std::size_t count = 0;      // exemplars; 0: the cosines mean nothing
  float nearest = 0.0F;       // cosine to the nearest one, -1..1
  float mean = 0.0F;          // the same to their mean, seen from the centre of all means
  bool is_same_text = false;  // the task's own text was put in this category …
  bool is_rejected = false;   // … or was taken out of it by the user
};

struct MemoryExemplar {
  std::size_t category = 0;
  std::span<const std::int8_t> direction;
};

class ExemplarMemory {
 public:
  explicit ExemplarMemory(std::size_t categories) : sums_(categories), counts_(categories, 0) {}

  // `category` below the number of categories. The first direction sets the dimension; empty ones
  // and those of another dimension are passed over.
  void Add(std::size_t category, std::span<const std::int8_t> direction);

  // Call after the last Add, before a query.
  void Finish();

  // Add() of every exemplar to an empty memory of so many categories, and Finish(). Where the
  // memory holds the first ones already, only the others cost anything: after a correction one.
  void Assign(std::size_t categories, std::span<const MemoryExemplar> exemplars);

  // One entry a category. A query of another dimension finds no exemplar.
  std::vector<CategoryEvidence> Query(std::span<const std::int8_t> direction) const;

  std::size_t size() const { return categories_.size(); }

 private:
  bool Holds(std::size_t row, const MemoryExemplar& exemplar) const;

  std::size_t dimension_ = 0;
  // [size(), dimension_]; 16 bits, since processors multiply and add pairs of those in one step.
  std::vector<std::int16_t> rows_;
  std::vector<std::size_t> categories_;
  std::vector<float> inverse_norms_;
  std::vector<float> center_;             // of the categories' means, drawn towards the origin
  std::vector<std::vector<float>> sums_;  // of unit directions, by category
  std::vector<std::size_t> counts_;
  std::vector<std::int16_t> means_;  // [categories, dimension], from the centre
  std::vector<float> mean_inverse_norms_;
};

// The defaults are the full tier's, chosen by tests/bench/learning/tune.cpp on the validation split
// of CLINC150.
struct MemoryWeights {
  float slope = 14.0F;      // logits per unit of cosine
  float threshold = 0.35F;  // the cosine at which an added category draws level with the base model
  float mean_share = 0.9F;  // 0: the nearest exemplar alone, 1: the category's mean alone
  float novelty_share = 0.5F;  // logits of an added category per logit of the base's novelty
};

// A category as the two sources know it.
struct FusedCategory {
  std::span<const std::size_t> base_indexes;  // into the base's probabilities; may be empty
  CategoryEvidence evidence;
};

// Scores over `categories`, in their order. A base category's logit is the logarithm of its
// probability and rises with evidence above the threshold; an added category's comes from evidence
// and novelty. A task near any exemplar is not novel; where an added category ranks first, the
// base's novelty counts for it here too. A text that was itself put in a category has
// that category. Else an added category with n exemplars is never surer than
// (n + 0.1) / (n + 0.2), the mean of a Beta(0.1, 0.1) prior after n right answers. As
// tests/bench/learning/confidence.cpp measures, one example leaves more doubt than its probability
// says (where a category is broad, the nearest neighbour knows one part of it); from three on the
// probability alone keeps what the thresholds promise.
//
// In two steps, for heads that add to the logits in between (personal/tuned_heads.h):
// FuseScores() is ToScores(FuseLogits()).
struct FusedLogits {
  std::vector<float> logits;  // one a category
  float novelty = 0.0F;
};
FusedLogits FuseLogits(const Scores& base, std::span<const FusedCategory> categories,
                       const MemoryWeights& weights);
Scores ToScores(const FusedLogits& fused, std::span<const FusedCategory> categories);
Scores FuseScores(const Scores& base, std::span<const FusedCategory> categories,
                  const MemoryWeights& weights);

}  // namespace smartsynch
