#include "marshal.h"

#include <emscripten/bind.h>

#include <cmath>

namespace smartsynch::wasm {
namespace {

using emscripten::typed_memory_view;
using emscripten::val;

template <typename T>
val CopyOut(std::span<const T> values) {
  // The view is into this module's memory; slice() makes the copy that may leave.
  return val(typed_memory_view(values.size(), values.data())).template call<val>("slice");
}

}  // namespace

val Success(const val& value) {
  val result = val::object();
  result.set("ok", true);
  result.set("value", value);
  return result;
}

val Failure(const Error& error) {
  val details = val::object();
  details.set("code", static_cast<int>(error.code));
  details.set("codeName", std::string(ErrorCodeName(error.code)));
  details.set("message", error.message);
  details.set("field", error.field);
  val result = val::object();
  result.set("ok", false);
  result.set("error", details);
  return result;
}

val NotLoaded() {
  return Failure({ErrorCode::kUnavailable, "no model is loaded: call load() first", ""});
}

val KnownTexts::operator[](std::string_view text) {
  for (const auto& [known, value] : known_) {
    if (known == text) return value;
  }
  return known_.emplace_back(text, val(std::string(text))).second;
}

val ToObject(const Prediction& prediction, KnownTexts& texts) {
  const auto set = [&](val& object, std::string_view key, const val& value) {
    object.set(texts[key], value);
  };
  // Null unless there is something to name: JavaScript tells "no category" from "".
  const auto set_text = [&](val& object, std::string_view key, std::string_view text) {
    set(object, key, text.empty() ? val::null() : texts[text]);
  };
  const auto set_category = [&](val& object, const std::string& category, const std::string& id,
                                float confidence) {
    set_text(object, "category", category);
    set_text(object, "categoryId", id);
    set(object, "confidence", val(confidence));
  };
  val suggestions = val::array();
  for (std::size_t i = 0; i < prediction.suggestions.size(); ++i) {
    const Suggestion& suggestion = prediction.suggestions[i];
    val entry = val::object();
    set_category(entry, suggestion.category, suggestion.category_id, suggestion.confidence);
    suggestions.set(i, entry);
  }
  val object = val::object();
  set_text(object, "decision", DecisionKindName(prediction.decision));
  set_category(object, prediction.category, prediction.category_id, prediction.confidence);
  set(object, "novelty", val(prediction.novelty));
  set(object, "suggestions", suggestions);
  set_text(object, "tier", TierName(prediction.tier));
  set_text(object, "modelVersion", prediction.model_version);
  set(object, "truncated", val(prediction.truncated));
  return object;
}

val ToObject(const PreparedTask& task) {
  val object = val::object();
  object.set("ids", ToInt32Array(task.encoding.ids));
  object.set("truncated", task.encoding.truncated);
  object.set("needsEncoder", task.needs_encoder);
  return object;
}

val ToObject(const Category& category) {
  val object = val::object();
  object.set("id", category.id);
  object.set("name", category.name);
  return object;
}

val ToObject(const CacheStatistics& statistics) {
  val object = val::object();
  object.set("hits", static_cast<double>(statistics.hits));
  object.set("misses", static_cast<double>(statistics.misses));
  object.set("evictions", static_cast<double>(statistics.evictions));
  object.set("entries", statistics.entries);
  object.set("bytes", statistics.bytes);
  object.set("capacityBytes", statistics.capacity_bytes);
  return object;
}

val ToInt32Array(std::span<const std::int32_t> values) { return CopyOut(values); }

val ToFloat32Array(std::span<const float> values) { return CopyOut(values); }

val ToUint8Array(std::string_view bytes) {
  return CopyOut(std::span(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

Result<std::string> ToBytes(const val& bytes, const char* field) {
  // Not by its class: a test runner may have several of that name.
  const bool is_view = val::global("ArrayBuffer").call<bool>("isView", bytes);
  if (!is_view || NumberOr(bytes["BYTES_PER_ELEMENT"], 0.0) != 1.0) {
    return Fail(ErrorCode::kInvalidArgument, std::string(field) + " must be a Uint8Array", field);
  }
  std::string copy(bytes["length"].as<std::size_t>(), '\0');
  val(typed_memory_view(copy.size(), reinterpret_cast<unsigned char*>(copy.data())))
      .call<void>("set", bytes);
  return copy;
}

double NumberOr(const val& value, double missing) {
  return value.isNumber() ? value.as<double>() : missing;
}

std::uint64_t ToCount(double value) {
  constexpr double kLargest = 9007199254740991.0;
  const bool is_whole = value >= 0.0 && value <= kLargest && std::floor(value) == value;
  return is_whole ? static_cast<std::uint64_t>(value) : 0;
}

std::vector<float> ToFloats(const val& values) {
  return emscripten::convertJSArrayToNumberVector<float>(values);
}

std::vector<TaskStrings> ToTasks(const val& tasks) {
  const auto count = tasks["length"].as<std::size_t>();
  std::vector<TaskStrings> result;
  result.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const val task = tasks[i];
    const val key = task["key"];
    result.push_back({task["title"].as<std::string>(), task["description"].as<std::string>(),
                      key.isString() ? key.as<std::string>() : std::string()});
  }
  return result;
}

Status CheckShape(std::size_t size, const char* shape, std::initializer_list<std::size_t> sides) {
  // Exact while below 2^53, and above it no size of a 32-bit memory.
  double product = 1.0;
  std::string factors;
  for (const std::size_t side : sides) {
    product *= static_cast<double>(side);
    factors += (factors.empty() ? "" : " * ") + std::to_string(side);
  }
  if (product == static_cast<double>(size)) return {};
  return Fail(ErrorCode::kInvalidArgument,
              "hidden states have " + std::to_string(size) + " values, expected " + factors +
                  " for " + shape,
              "hidden");
}

}  // namespace smartsynch::wasm
