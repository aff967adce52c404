// What PersonalClassifier looks at before an event goes into the log.
#include <algorithm>
#include <utility>

#include "smartsynch/personal/personal_classifier.h"
#include "smartsynch/text/task_text.h"

namespace smartsynch {
namespace {

tl::unexpected<Error> BadArgument(std::string message, std::string field) {
  return Fail(ErrorCode::kInvalidArgument, std::move(message), std::move(field));
}

}  // namespace

Status PersonalClassifier::CheckName(const std::string& name, std::string_view own_id) const {
  const Result<std::string> checked = CheckCategoryName(name);
  if (!checked) return tl::unexpected(checked.error());
  // The key ignores case, accents and spacing: two categories must not look alike in a list.
  const std::string key = NormalizedTaskKey(name);
  for (const Category& category : names_) {
    if (category.id != own_id && NormalizedTaskKey(category.name) == key) {
      return Fail(ErrorCode::kAlreadyExists,
                  "there is a category \"" + category.name + "\" already", "name");
    }
  }
  return {};
}

Status PersonalClassifier::CheckEvent(const FeedbackEvent& event) const {
  const auto exists = [&](const std::string& id) {
    return state_.IndexOf(id) < state_.categories().size();
  };
  const auto missing = [](const std::string& id, const char* field) {
    return Fail(ErrorCode::kNotFound, "there is no category with the id \"" + id + "\"", field);
  };
  if (event.kind == EventKind::kUndone) return {};
  if (event.kind == EventKind::kCategoryAdded) {
    const std::vector<Category> taken = state_.TakenIds();
    for (const Category& category : taken) {
      if (category.id == event.category_id) {
        return Fail(ErrorCode::kAlreadyExists,
                    "the id \"" + event.category_id + "\" is or was another category's",
                    "category_id");
      }
    }
    const auto added =
        std::count_if(state_.categories().begin(), state_.categories().end(),
                      [](const PersonalCategory& category) { return category.is_added; });
    if (static_cast<std::size_t>(added) >= kMaxPersonalCategories) {
      return Fail(ErrorCode::kResourceExhausted, "there are " +
                                                     std::to_string(kMaxPersonalCategories) +
                                                     " added categories, the most there may be");
    }
    return CheckName(event.name, {});
  }
  if (!exists(event.category_id)) return missing(event.category_id, "category_id");
  if (event.kind == EventKind::kCategoryRenamed) return CheckName(event.name, event.category_id);
  if (event.kind == EventKind::kCategoryMerged) {
    if (!exists(event.target_id)) return missing(event.target_id, "target_id");
    if (event.target_id == event.category_id) {
      return BadArgument("a category cannot be merged with itself", "target_id");
    }
  }
  if (event.kind == EventKind::kCategoryRemoved && names_.size() == 1) {
    return BadArgument("the last category cannot be removed", "category_id");
  }
  if (IsAboutTask(event.kind) && IsBlank(JoinTaskText(event.title, event.description))) {
    return BadArgument("the task holds no word to learn from", "title");
  }
  return {};
}

Status PersonalClassifier::Check(const FeedbackEvent& event) const {
  if (event.time_ms < 0) return BadArgument("time_ms is below 0", "time_ms");
  if (Status status = CheckEvent(event); !status) return status;
  // What could not be read back must not be written.
  const Result<FeedbackEvent> again = ParseEventLine(ToJsonLine(event));
  if (!again) return BadArgument(again.error().message, again.error().field);
  return {};
}

}  // namespace smartsynch
