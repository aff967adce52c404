// A category as the model knows it. Ids are stable: renaming changes `name` only, so stored
// feedback, experiments and user interfaces keep meaning the same category for ever.
#pragma once

#include <string>
#include <vector>

namespace smartsynch {

struct Category {
  std::string id;    // lower-case slug, unique within a model, such as "development"
  std::string name;  // what people see, such as "Development"
};

// A slug for a new category: lower-case ASCII letters and digits joined by '-', "category" when
// nothing of the name is left, with "-2", "-3"… appended until it differs from every id in `taken`.
//   MakeCategoryId("Back-end & APIs", {}) == "back-end-apis"
std::string MakeCategoryId(const std::string& name, const std::vector<Category>& taken);

}  // namespace smartsynch
