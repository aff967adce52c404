// POST and DELETE /v1/feedback.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>

#include "server/api/app.h"
#include "server/api/assignment.h"
#include "server/api/request_json.h"
#include "server/store/check_records.h"
#include "smartsynch/personal/feedback_event.h"

namespace smartsynch {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::size_t kLongestName = 100;
constexpr std::size_t kMaxKeyBytes = 200;

// A key of our own for a client that sends none; such a client cannot send a lost request again.
std::string RandomKey() {
  std::random_device device;
  std::string key = "server-";
  for (int i = 0; i < 4; ++i) {
    char digits[16];
    std::snprintf(digits, sizeof digits, "%08x", device());
    key += digits;
  }
  return key;
}

// Empty stands for none.
bool IsKey(const std::string& key) {
  return key.size() <= kMaxKeyBytes &&
         std::all_of(key.begin(), key.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

tl::unexpected<Error> Bad(const std::string& field, const std::string& what) {
  return Fail(ErrorCode::kInvalidData, field + ": " + what, field);
}

Result<std::vector<ShownScore>> ReadShown(const json& body) {
  std::vector<ShownScore> shown;
  const auto found = body.find("suggestions");
  if (found == body.end() || found->is_null()) return shown;
  if (!found->is_array() || found->size() > kMaxShownScores) {
    return Bad("suggestions", "expected an array of at most " + std::to_string(kMaxShownScores));
  }
  for (const json& one : *found) {
    const std::string field = "suggestions[" + std::to_string(shown.size()) + "]";
    if (!one.is_object()) return Bad(field, "expected an object");
    const Result<std::string> id = StringMember(one, "categoryId", kLongestName);
    if (!id || id->empty()) return Bad(field + ".categoryId", "expected a category's id");
    const auto confidence = one.find("confidence");
    if (confidence == one.end() || !confidence->is_number() || confidence->get<double>() < 0 ||
        confidence->get<double>() > 1) {
      return Bad(field + ".confidence", "expected a number from 0 to 1");
    }
    shown.push_back({*id, confidence->get<float>()});
  }
  return shown;
}

// `user` is filled in, too.
Result<FeedbackEvent> ReadEvent(const json& body, const ServingModel& model, std::string& user) {
  Result<TaskRequest> task = ReadTask(body);
  if (!task) return tl::unexpected(task.error());
  user = std::move(task->user);
  FeedbackEvent event;
  event.title = std::move(task->task.title);
  event.description = std::move(task->task.description);
  event.tier = task->tier.value_or(Tier::kFull);
  for (const auto& [name, text] :
       {std::pair<const char*, std::string*>{"modelVersion", &event.model_version},
        {"taskId", &event.task_id}}) {
    Result<std::string> value = StringMember(body, name, kLongestUser);
    if (!value) return tl::unexpected(value.error());
    *text = std::move(*value);
  }
  if (event.model_version.empty()) event.model_version = model.answer_version();
  Result<std::vector<ShownScore>> shown = ReadShown(body);
  if (!shown) return tl::unexpected(shown.error());
  event.shown = std::move(*shown);
  const char* field =
      body.contains("category") && !body["category"].is_null() ? "category" : "categoryId";
  const Result<std::string> name = StringMember(body, field, kLongestName);
  if (!name) return tl::unexpected(name.error());
  const Category* category = model.FindCategory(*name);
  if (category == nullptr) {
    return Fail(ErrorCode::kInvalidArgument,
                std::string(field) + ": found \"" + *name +
                    "\", expected the name or id of one of /v1/categories",
                field);
  }
  event.category_id = category->id;
  const Result<std::string> kind = StringMember(body, "kind", 16);
  if (!kind) return tl::unexpected(kind.error());
  const bool is_first = !event.shown.empty() && event.shown.front().category_id == category->id;
  event.kind = *kind == "accepted"   ? EventKind::kAccepted
               : *kind == "rejected" ? EventKind::kRejected
               : *kind == "changed"  ? EventKind::kChanged
               : is_first            ? EventKind::kAccepted
                                     : EventKind::kChanged;
  if (!kind->empty() && *kind != EventKindName(event.kind)) {
    return Fail(ErrorCode::kInvalidArgument,
                "kind: found \"" + *kind + "\", expected accepted, changed or rejected", "kind");
  }
  const auto time = body.find("time");
  if (time != body.end() && !time->is_null()) {
    constexpr std::int64_t kLatest = std::int64_t{1} << 50U;
    if (!time->is_number_unsigned() || time->get<std::uint64_t>() > std::uint64_t{kLatest}) {
      return Bad("time", "expected milliseconds since 1970");
    }
    event.time_ms = time->get<std::int64_t>();
  }
  return event;
}

}  // namespace

HttpResponse App::Feedback(const HttpRequest& request) {
  const Result<json> body = ParseObject(request.body);
  if (!body) return Problem(body.error());
  if (!IsKey(request.idempotency_key)) {
    return Problem({ErrorCode::kInvalidArgument, "expected 1 to 200 visible ASCII characters",
                    "Idempotency-Key"});
  }
  const std::shared_ptr<ServingModel> model = parts_.models.active();
  FeedbackRecord record;
  const Result<FeedbackEvent> event = ReadEvent(*body, *model, record.user_key);
  if (!event) return Problem(event.error());
  record.key = request.idempotency_key.empty() ? RandomKey() : request.idempotency_key;
  record.time_ms = NowMs();
  // The event has no time of ours, so that the same request sent again is the same event.
  record.event = ToJsonLine(*event);
  record.accepted = event->kind == EventKind::kAccepted;
  if (!record.user_key.empty()) {
    const std::shared_ptr<const ServingState> now = state();
    if (const std::optional<Assignment> arm = Assign(now->experiments, record.user_key)) {
      record.experiment_id = arm->experiment->id;
      record.arm = arm->arm->name;
    }
  }
  const Result<std::vector<AppendResult>> added =
      parts_.store.AppendFeedback(std::span<const FeedbackRecord>(&record, 1));
  if (!added) {
    // The disk or the spool is full: the client may try again, its request was not too large.
    const bool is_full = added.error().code == ErrorCode::kResourceExhausted;
    return is_full ? Problem(503, added.error()) : Problem(added.error());
  }
  const AppendResult& result = added->front();
  using Outcome = AppendResult::Outcome;
  if (result.outcome == Outcome::kConflict) {
    return Problem({ErrorCode::kAlreadyExists, "the key was used before for other feedback",
                    "Idempotency-Key"});
  }
  const bool is_spooled = result.outcome == Outcome::kSpooled;
  ordered_json answer = {{"outcome", is_spooled                           ? "spooled"
                                     : result.outcome == Outcome::kStored ? "stored"
                                                                          : "repeated"},
                         {"kind", EventKindName(event->kind)},
                         {"categoryId", event->category_id}};
  if (!is_spooled) answer["sequence"] = result.sequence;
  return JsonResponse(is_spooled ? 202 : result.outcome == Outcome::kStored ? 201 : 200, answer);
}

HttpResponse App::Forget(const HttpRequest& request) {
  const std::string user = QueryValue(request, "user").value_or("");
  if (user.empty() || CountCodePoints(user) > kLongestUser || !IsStorableText(user)) {
    return Problem({ErrorCode::kInvalidArgument, "user: expected 1 to 50 characters", "user"});
  }
  const Result<std::uint64_t> forgotten = parts_.store.ForgetUser(user);
  if (!forgotten) return Problem(forgotten.error());
  return JsonResponse(200, {{"forgotten", *forgotten}});
}

}  // namespace smartsynch
