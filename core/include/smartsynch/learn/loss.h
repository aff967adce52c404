// The training loss of one head: cross-entropy over the categories (with label smoothing, Szegedy
// et al. 2016, arXiv:1512.00567) plus binary cross-entropy of the open-set logit, which teaches the
// head to know samples that belong to no category (outlier exposure, Hendrycks et al. 2019,
// arXiv:1812.04606). Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <span>

namespace smartsynch {

struct LossOptions {
  float label_smoothing = 0.05F;
  bool has_open_set = true;  // false: the open-set logit gets no gradient
};

// `logits`: [labels.size(), outputs], the open-set logit last. A row labelled kOpenSetLabel counts
// in the binary part only. Writes d loss / d logits to `gradient` (same shape) and returns the
// loss, both as the weighted sum over rows divided by the number of rows.
float ClassificationLoss(const float* logits, std::size_t outputs, std::span<const int> labels,
                         std::span<const float> weights, const LossOptions& options,
                         float* gradient);

}  // namespace smartsynch
