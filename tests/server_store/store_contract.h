// What every store promises, whichever database is behind it.
#pragma once

#include <functional>
#include <memory>

#include "server/store/store.h"

// `open` opens the same store again at each call; it is empty at the first.
void CheckFeedbackContract(const std::function<std::unique_ptr<smartsynch::Store>()>& open);
void CheckModelContract(smartsynch::Store& store);
void CheckCategoryContract(const std::function<std::unique_ptr<smartsynch::Store>()>& open);
// `open` as above; a version may be active already.
void CheckLearningContract(const std::function<std::unique_ptr<smartsynch::Store>()>& open);
void CheckExperimentContract(smartsynch::Store& store);
