#include "smartsynch/decide/category.h"

#include <algorithm>

namespace smartsynch {

std::string MakeCategoryId(const std::string& name, const std::vector<Category>& taken) {
  std::string slug;
  for (const char c : name) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
      slug += upper ? static_cast<char>(c - 'A' + 'a') : c;
    } else if (!slug.empty() && slug.back() != '-') {
      slug += '-';
    }
  }
  while (!slug.empty() && slug.back() == '-') slug.pop_back();
  if (slug.empty()) slug = "category";
  const auto is_taken = [&](const std::string& id) {
    return std::any_of(taken.begin(), taken.end(),
                       [&](const Category& category) { return category.id == id; });
  };
  std::string id = slug;
  for (int suffix = 2; is_taken(id); ++suffix) id = slug + "-" + std::to_string(suffix);
  return id;
}

}  // namespace smartsynch
