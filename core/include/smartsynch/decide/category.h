// A category as the model knows it. Ids are stable: renaming changes `name` only, so stored
// feedback, experiments and user interfaces keep meaning the same category for ever.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "smartsynch/base/status.h"

namespace smartsynch {

struct Category {
  std::string id;    // lower-case slug, unique within a model, such as "development"
  std::string name;  // what people see, such as "Development"
};

// A slug for a new category: lower-case ASCII letters and digits joined by '-', accents removed, at
// most 64 bytes; for a name of which nothing is left (another script, an emoji) "category-" and a
// hash of the name, so that the same name has the same id everywhere. "-2", "-3"… is appended until
// it differs from every id in `taken`.
//   MakeCategoryId("Back-end & APIs", {}) == "back-end-apis"
//   MakeCategoryId("Réunion", {}) == "reunion"
std::string MakeCategoryId(const std::string& name, const std::vector<Category>& taken);

inline constexpr std::size_t kMaxCategoryNameCodePoints = 100;

// "#rrggbb", hexadecimal digits of either case: the one way of writing a CSS colour that needs no
// reader of CSS.
bool IsColour(std::string_view text);

// A name typed by a user, without white space at either end. Fails with kInvalidArgument, field
// "name", when no word is left, for more than kMaxCategoryNameCodePoints code points, and for
// control characters and direction overrides, which would let a name disguise the text around it.
Result<std::string> CheckCategoryName(std::string_view name);

}  // namespace smartsynch
