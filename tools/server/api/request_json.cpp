#include "server/api/request_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "server/store/check_records.h"
#include "smartsynch/text/surrogate_escapes.h"
#include "smartsynch/text/utf8.h"

namespace smartsynch {
namespace {

// Not the ordered one: that looks through all names of an object for each of them.
using nlohmann::json;

// Copying and writing a value recurse, and each level of an empty one takes some sixty times the
// memory of its brackets.
bool IsTooDeep(std::string_view text) {
  std::size_t depth = 0;
  bool is_in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_in_string) {
      if (c == '\\') ++i;
      is_in_string = c != '"';
    } else if (c == '"') {
      is_in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kDeepestJson) return true;
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return false;
}

}  // namespace

Result<json> ParseAny(std::string_view text) {
  if (IsTooDeep(text)) {
    return Fail(ErrorCode::kInvalidData,
                "the body nests more than " + std::to_string(kDeepestJson) + " lists and objects",
                "body");
  }
  json value = json::parse(text, nullptr, false);
  // Repairing costs a copy, so only what could not be read is repaired.
  if (value.is_discarded()) {
    std::string repaired = RepairUtf8(text);
    RepairSurrogateEscapes(repaired);
    value = json::parse(repaired, nullptr, false);
  }
  if (value.is_discarded()) {
    return Fail(ErrorCode::kInvalidData, "the body is no well-formed JSON", "body");
  }
  return value;
}

Result<json> ParseObject(std::string_view text) {
  Result<json> value = ParseAny(text);
  if (value && !value->is_object()) {
    return Fail(ErrorCode::kInvalidData,
                std::string("found ") + value->type_name() + ", expected a JSON object", "body");
  }
  return value;
}

std::size_t CountCodePoints(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

Result<std::string> StringMember(const json& object, const std::string& name, std::size_t longest) {
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

Result<TaskRequest> ReadTask(const json& object) {
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
  if (user && !IsStorableText(*user)) {
    return Fail(ErrorCode::kInvalidData, "user: expected a text without zero bytes", "user");
  }
  if (!user) return tl::unexpected(user.error());
  request.task = {std::move(*title), std::move(*description)};
  request.user = std::move(*user);
  return request;
}

}  // namespace smartsynch
