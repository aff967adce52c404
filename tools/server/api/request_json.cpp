#include "server/api/request_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "smartsynch/text/utf8.h"

namespace smartsynch {
namespace {

using nlohmann::ordered_json;

// The value of "\uXXXX" at `position`, else nothing.
std::optional<unsigned> Escape(std::string_view text, std::size_t position) {
  if (position + 6 > text.size() || text[position] != '\\' || text[position + 1] != 'u') {
    return std::nullopt;
  }
  unsigned value = 0;
  for (std::size_t i = position + 2; i < position + 6; ++i) {
    const char c = text[i];
    unsigned digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<unsigned>(c - '0');
    } else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) {
      digit = static_cast<unsigned>((c | 0x20) - 'a') + 10;
    } else {
      return std::nullopt;
    }
    value = value * 16 + digit;
  }
  return value;
}

// Halves of surrogate pairs become the replacement character, written the same way.
std::string RepairEscapes(std::string text) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] != '\\') continue;
    const std::optional<unsigned> value = Escape(text, i);
    if (!value) {
      ++i;  // another escape, such as an escaped backslash
      continue;
    }
    const bool is_high = *value >= 0xD800 && *value < 0xDC00;
    const std::optional<unsigned> next = is_high ? Escape(text, i + 6) : std::nullopt;
    if (next && *next >= 0xDC00 && *next < 0xE000) {
      i += 11;
      continue;
    }
    if (*value >= 0xD800 && *value < 0xE000) text.replace(i, 6, "\\ufffd");
    i += 5;
  }
  return text;
}

}  // namespace

Result<ordered_json> ParseAny(std::string_view text) {
  ordered_json json = ordered_json::parse(text, nullptr, false);
  // Repairing costs a copy, so only what could not be read is repaired.
  if (json.is_discarded()) {
    json = ordered_json::parse(RepairEscapes(RepairUtf8(text)), nullptr, false);
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
