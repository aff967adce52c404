#include "smartsynch/decide/category.h"

#include <algorithm>

#include "smartsynch/base/hash.h"
#include "smartsynch/text/normalizer.h"
#include "smartsynch/text/task_text.h"
#include "smartsynch/text/utf8.h"

namespace smartsynch {
namespace {

constexpr std::size_t kMaxSlugBytes = 64;

bool IsControlOrOverride(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069);
}

}  // namespace

bool IsColour(std::string_view text) {
  return text.size() == 7 && text[0] == '#' &&
         text.find_first_not_of("0123456789abcdefABCDEF", 1) == std::string_view::npos;
}

std::string MakeCategoryId(const std::string& name, const std::vector<Category>& taken) {
  std::string slug;
  for (const char c : CleanText(name)) {
    if (slug.size() >= kMaxSlugBytes) break;
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
      slug += c;
    } else if (!slug.empty() && slug.back() != '-') {
      slug += '-';
    }
  }
  while (!slug.empty() && slug.back() == '-') slug.pop_back();
  if (slug.empty()) slug = "category-" + Sha256Hex(name).substr(0, 8);
  const auto is_taken = [&](const std::string& id) {
    return std::any_of(taken.begin(), taken.end(),
                       [&](const Category& category) { return category.id == id; });
  };
  std::string id = slug;
  for (int suffix = 2; is_taken(id); ++suffix) id = slug + "-" + std::to_string(suffix);
  return id;
}

Result<std::string> CheckCategoryName(std::string_view name) {
  const auto bad = [](const std::string& message) {
    return Fail(ErrorCode::kInvalidArgument, message, "name");
  };
  if (IsBlank(name)) return bad("a category needs a name");
  // JoinTaskText of one part is that part without white space at either end.
  std::string trimmed = JoinTaskText(name);
  std::size_t count = 0;
  for (std::size_t position = 0; position < trimmed.size(); ++count) {
    if (IsControlOrOverride(DecodeUtf8(trimmed, position))) {
      return bad("a category's name holds a control character or a direction override");
    }
  }
  if (count > kMaxCategoryNameCodePoints) {
    return bad("a category's name has " + std::to_string(count) + " characters, expected at most " +
               std::to_string(kMaxCategoryNameCodePoints));
  }
  return trimmed;
}

}  // namespace smartsynch
