#include "server/api/request_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "smartsynch/text/surrogate_escapes.h"
#include "smartsynch/text/utf8.h"

namespace smartsynch {
namespace {

using nlohmann::ordered_json;

}  // namespace

Result<ordered_json> ParseAny(std::string_view text) {
  ordered_json json = ordered_json::parse(text, nullptr, false);
  // Repairing costs a copy, so only what could not be read is repaired.
  if (json.is_discarded()) {
    std::string repaired = RepairUtf8(text);
    RepairSurrogateEscapes(repaired);
    json = ordered_json::parse(repaired, nullptr, false);
  }
  if (json.is_discarded()) {
    return Fail(ErrorCode::kInvalidData, "the body is no well-formed JSON", "body");
  }
  return json;
}

Result<ordered_json> ParseObject(std::string_view text) {
  Result<ordered_json> json = ParseAny(text);
  if (json && !json->is_object()) {
    return Fail(ErrorCode::kInvalidData,
                std::string("found ") + json->type_name() + ", expected a JSON object", "body");
  }
  return json;
}

std::size_t CountCodePoints(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

Result<std::string> StringMember(const ordered_json& object, const std::string& name,
                                 std::size_t longest) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return std::string();
  if (!found->is_string()) {
    return Fail(ErrorCode::kInvalidData,
                name + ": found " + found->type_name() + ", expected a string", name);
  }
  const std::string& text = found->get_ref<const std::string&>();
  if (const std::size_t length = CountCodePoints(text); length > longest) {
    return Fail(ErrorCode::kInvalidData,
                name + ": found " + std::to_string(length) + " characters, expected at most " +
                    std::to_string(longest),
                name);
  }
  return text;
}

Result<TaskRequest> ReadTask(const ordered_json& object) {
  if (!object.is_object()) {
    return Fail(ErrorCode::kInvalidData,
                std::string("found ") + object.type_name() + ", expected an object with a title",
                "body");
  }
  TaskRequest request;
  const bool has_title = object.contains("title");
  const std::string title_name = !has_title && object.contains("text") ? "text" : "title";
  Result<std::string> title = StringMember(object, title_name, kLongestText);
  if (!title) return tl::unexpected(title.error());
  if (!object.contains(title_name) || object[title_name].is_null()) {
    return Fail(ErrorCode::kInvalidData, "title: missing, expected a string", "title");
  }
  Result<std::string> description = StringMember(object, "description", kLongestText);
  if (!description) return tl::unexpected(description.error());
  const Result<std::string> tier = StringMember(object, "tier", 16);
  if (!tier) return tl::unexpected(tier.error());
  if (*tier == "full") request.tier = Tier::kFull;
  if (*tier == "instant") request.tier = Tier::kInstant;
  if (!request.tier && object.contains("tier") && !object["tier"].is_null()) {
    return Fail(ErrorCode::kInvalidArgument,
                "tier: found \"" + *tier + "\", expected \"full\" or \"instant\"", "tier");
  }
  Result<std::string> user = StringMember(object, "user", kLongestUser);
  if (!user) return tl::unexpected(user.error());
  request.task = {std::move(*title), std::move(*description)};
  request.user = std::move(*user);
  return request;
}

}  // namespace smartsynch
