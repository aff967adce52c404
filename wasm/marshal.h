// Conversions between the core's values and plain JavaScript objects. Everything is copied: nothing
// that leaves here points into the module's memory, so it stays valid when that memory grows.
// Field names are those of smartsynch_core.d.ts. Thread safety: one thread per module instance.
#pragma once

#include <emscripten/val.h>

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "smartsynch/base/status.h"
#include "smartsynch/engine/classifier.h"
#include "smartsynch/engine/prediction_cache.h"

namespace smartsynch::wasm {

// {ok: true, value} and {ok: false, error: {code, codeName, message, field}}: the shape of every
// call's answer.
emscripten::val Success(const emscripten::val& value);
emscripten::val Failure(const Error& error);

// The answer of every call before load().
emscripten::val NotLoaded();

// Texts as JavaScript has them, each made once. A prediction's are the same few again and again,
// and making them takes longer than everything else on its way out.
class KnownTexts {
 public:
  emscripten::val operator[](std::string_view text);
  // After the categories have changed; those that are gone need not be kept.
  void Clear() { known_.clear(); }

 private:
  std::vector<std::pair<std::string, emscripten::val>> known_;
};

emscripten::val ToObject(const Prediction& prediction, KnownTexts& texts);
emscripten::val ToObject(const PreparedTask& task);
emscripten::val ToObject(const Category& category);
emscripten::val ToObject(const CacheStatistics& statistics);
emscripten::val ToInt32Array(std::span<const std::int32_t> values);
emscripten::val ToFloat32Array(std::span<const float> values);
emscripten::val ToUint8Array(std::string_view bytes);

// `bytes`: a Uint8Array, copied as a whole; Embind's own std::string takes one byte at a time.
// Fails with kInvalidArgument, naming `field`, for anything else.
Result<std::string> ToBytes(const emscripten::val& bytes, const char* field);

// `values`: a Float32Array. Copies it.
std::vector<float> ToFloats(const emscripten::val& values);

// A number, or `missing` for everything else.
double NumberOr(const emscripten::val& value, double missing);

// A whole number that a double holds exactly; 0, which no event has, for everything else.
std::uint64_t ToCount(double value);

// A task as it crosses the boundary; the strings are UTF-8 by then.
struct TaskStrings {
  std::string title;
  std::string description;
  std::string key;  // decides the arm while an experiment runs; may be empty
};

// `tasks`: an array of {title: string, description: string, key?: string}.
std::vector<TaskStrings> ToTasks(const emscripten::val& tasks);

// Fails with kInvalidArgument, field "hidden", unless `size` is the product of `sides`. Counts from
// JavaScript, multiplied as they are, may wrap around to any size. `shape`: the sides' names.
Status CheckShape(std::size_t size, const char* shape, std::initializer_list<std::size_t> sides);

}  // namespace smartsynch::wasm
