// /v1/categories: list, add, rename, merge, remove. The changes lie in the store, on top of
// whichever version answers, and mean what a user's changes on a device do
// (personal/personal_state.h): no id is ever given to a second category, and every replica follows
// within a second. Each call may be sent again: what is already so is answered as done.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "server/api/app.h"
#include "server/api/request_json.h"
#include "server/log.h"

namespace smartsynch {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr int kAttempts = 10;  // while other replicas change categories at the same time
constexpr std::size_t kLongestId = 64;

ordered_json ToJsonObject(const Category& category) {
  return {{"id", category.id}, {"name", category.name}};
}

tl::unexpected<Error> NotFound(const std::string& id, const std::string& field) {
  return Fail(ErrorCode::kNotFound, "there is no category with the id \"" + id + "\"", field);
}

const Category* FindId(const PersonalClassifier& categories, const std::string& id) {
  const std::size_t index = categories.state().IndexOf(id);
  return index < categories.categories().size() ? &categories.categories()[index] : nullptr;
}

// Whether the category went by an event of this kind.
bool HasGone(const PersonalClassifier& categories, const std::string& id, EventKind kind,
             const std::string& target) {
  const auto& events = categories.log().events();
  return std::any_of(events.begin(), events.end(), [&](const FeedbackEvent& event) {
    return event.kind == kind && event.category_id == id && event.target_id == target;
  });
}

Status Record(PersonalClassifier& categories, EventKind kind, const std::string& id,
              const std::string& name, const std::string& target) {
  FeedbackEvent event;
  event.kind = kind;
  event.time_ms = NowMs();
  event.category_id = id;
  event.name = name;
  event.target_id = target;
  const Result<FeedbackEvent> recorded = categories.Record(std::move(event));
  if (!recorded) return tl::unexpected(recorded.error());
  return {};
}

Status CheckNotLast(const PersonalClassifier& categories) {
  if (categories.categories().size() > 1) return {};
  return Fail(ErrorCode::kInvalidArgument, "the last category must stay", "id");
}

// A member that must be there.
Result<std::string> NeededText(const HttpRequest& request, const std::string& name,
                               std::size_t longest) {
  const Result<json> body = ParseObject(request.body);
  if (!body) return tl::unexpected(body.error());
  Result<std::string> text = StringMember(*body, name, longest);
  if (text && text->empty()) {
    return Fail(ErrorCode::kInvalidData, name + ": expected a text that is not empty", name);
  }
  return text;
}

}  // namespace

HttpResponse App::Categories() const {
  const std::shared_ptr<ServingModel> model = parts_.models.active();
  ordered_json list = ordered_json::array();
  for (const Category& category : model->personal().categories()) {
    list.push_back(ToJsonObject(category));
  }
  return JsonResponse(200,
                      {{"modelVersion", model->answer_version()}, {"categories", std::move(list)}});
}

HttpResponse App::ChangeCategories(int status, const Change& change) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const Result<std::vector<std::string>> changes = parts_.store.CategoryChanges();
    if (!changes) return Problem(changes.error());
    Result<FeedbackLog> log = ParseCategoryChanges(*changes);
    if (!log) return Problem(log.error());
    PersonalClassifier categories(parts_.models.active()->classifier());
    categories.Load(std::move(*log));
    const std::size_t before = categories.log().events().size();
    const Result<Category> category = change(categories);
    if (!category) return Problem(category.error());
    const bool is_new = categories.log().events().size() > before;
    if (is_new) {
      const FeedbackEvent& event = categories.log().events().back();
      const Status added = parts_.store.AddCategoryChange(before + 1, ToJsonLine(event));
      if (!added && added.error().code == ErrorCode::kAlreadyExists) continue;
      if (!added) return Problem(added.error());
      LogEvent("info", "categories_changed",
               {{"kind", EventKindName(event.kind)}, {"number", std::to_string(before + 1)}});
      AnnounceAndFollow();
    }
    ordered_json body = ToJsonObject(*category);
    body["changed"] = is_new;
    return JsonResponse(is_new ? status : 200, body);
  }
  return Problem(503, {ErrorCode::kUnavailable, "others change the categories; try again", {}});
}

HttpResponse App::AddCategory(const HttpRequest& request) {
  const Result<std::string> name = NeededText(request, "name", kMaxCategoryNameCodePoints);
  if (!name) return Problem(name.error());
  return ChangeCategories(201, [&](PersonalClassifier& categories) -> Result<Category> {
    if (Result<Category> known = categories.FindCategory(*name)) return known;
    const Result<FeedbackEvent> added = categories.AddCategory(*name, NowMs());
    if (!added) return tl::unexpected(added.error());
    return Category{added->category_id, added->name};
  });
}

HttpResponse App::RenameCategory(const std::string& id, const HttpRequest& request) {
  const Result<std::string> name = NeededText(request, "name", kMaxCategoryNameCodePoints);
  if (!name) return Problem(name.error());
  return ChangeCategories(200, [&](PersonalClassifier& categories) -> Result<Category> {
    const Category* found = FindId(categories, id);
    if (found == nullptr) return NotFound(id, "id");
    if (found->name == *name) return *found;
    const Status done = Record(categories, EventKind::kCategoryRenamed, id, *name, "");
    if (!done) return tl::unexpected(done.error());
    return *FindId(categories, id);
  });
}

HttpResponse App::MergeCategory(const std::string& id, const HttpRequest& request) {
  const Result<std::string> into = NeededText(request, "into", kLongestId);
  if (!into) return Problem(into.error());
  return ChangeCategories(200, [&](PersonalClassifier& categories) -> Result<Category> {
    const Category* target = FindId(categories, *into);
    if (target == nullptr) return NotFound(*into, "into");
    if (FindId(categories, id) == nullptr) {
      if (HasGone(categories, id, EventKind::kCategoryMerged, *into)) return *target;
      return NotFound(id, "id");
    }
    const Status done = Record(categories, EventKind::kCategoryMerged, id, "", *into);
    if (!done) return tl::unexpected(done.error());
    return *FindId(categories, *into);
  });
}

HttpResponse App::RemoveCategory(const std::string& id) {
  return ChangeCategories(200, [&](PersonalClassifier& categories) -> Result<Category> {
    const Category* found = FindId(categories, id);
    if (found == nullptr) {
      if (HasGone(categories, id, EventKind::kCategoryRemoved, "")) return Category{id, ""};
      return NotFound(id, "id");
    }
    const Category gone = *found;
    if (Status may = CheckNotLast(categories); !may) return tl::unexpected(may.error());
    const Status done = Record(categories, EventKind::kCategoryRemoved, id, "", "");
    if (!done) return tl::unexpected(done.error());
    return gone;
  });
}

}  // namespace smartsynch
