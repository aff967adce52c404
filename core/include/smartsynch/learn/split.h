// Seeded, stratified partitions: every part has each label in the proportion of the whole, and the
// same seed gives the same parts on every platform. Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace smartsynch {

// The fold, 0..folds-1, of each sample. `labels` may be any integers (a negative one is a label
// like any other). Within a label, samples are shuffled by the seed and dealt out in turn; the deal
// goes on from one label to the next, so the folds' sizes differ by at most one. `folds` of 0
// counts as 1.
//   StratifiedFolds({0, 0, 1, 1}, 2, 7) gives each fold one sample of either label.
std::vector<std::size_t> StratifiedFolds(const std::vector<int>& labels, std::size_t folds,
                                         std::uint64_t seed);

// The same for samples that come in groups, such as those of one manner of writing, none of which
// may be in two folds. The largest group is dealt first, each to the fold that has the fewest
// samples so far, so folds may be uneven, and some are empty where groups are fewer. Labels are not
// looked at.
//   GroupFolds({7, 7, 7, 4, 2}, 2) == {0, 0, 0, 1, 1}
std::vector<std::size_t> GroupFolds(const std::vector<int>& groups, std::size_t folds);

// True for samples held out for validation: of each label the share `fraction` (0..1), rounded, but
// at least one and never all of a label with two samples or more; a label with one sample stays in
// training.
std::vector<bool> StratifiedHoldout(const std::vector<int>& labels, double fraction,
                                    std::uint64_t seed);

}  // namespace smartsynch
