// Writes fine-tuned heads into a model, so that they can leave the device as a model file. A linear
// head becomes one hidden unit an output of the head beside it (the dense one in the full tier, the
// token one in both), with a bias that keeps the unit above zero; the ReLU then passes it through.
// A model file has no exemplar memory, so the heads must have been trained without one
// (FineTuneOptions::with_memory).
//
//   Result<Model> model = FoldHeads(base, heads, categories);
//
// Thread safety: a pure function.
#pragma once

#include <vector>

#include "smartsynch/base/status.h"
#include "smartsynch/decide/category.h"
#include "smartsynch/model/model.h"
#include "smartsynch/personal/tuned_heads.h"

namespace smartsynch {

// A model of `categories`, which are those of the heads in their order, with self-tests made anew
// and the base's provenance; `version` is empty. Fails with kInvalidArgument when a category joins
// several of the base's (no model file holds that) or a list does not fit, and kIncompatible for
// heads of another base.
Result<Model> FoldHeads(const Model& base, const TunedHeads& heads,
                        const std::vector<Category>& categories);

}  // namespace smartsynch
