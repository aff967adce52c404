// What must be known of JSON text from a file before it is turned into a tree of values, and the
// turning.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace smartsynch {

// Empty when `text` is one well-formed JSON value that nests at most `max_depth` objects and lists,
// else what is wrong, such as "is nested too deeply". Freeing, copying and writing a tree recurse,
// so depth is bounded before one is made. A key that occurs twice in its object is refused, since
// readers disagree on which one counts, and so is a NUL, at which nlohmann's parser would stop.
// Memory stays bounded by `max_depth` and the number of keys.
std::string JsonFault(std::string_view text, std::size_t max_depth);

// The tree of a text that JsonFault() found no fault with; `is_discarded()` for one that is not
// JSON. In place of json::parse(), which brings a second and a third parser into every program.
nlohmann::json ParseJson(std::string_view text);

}  // namespace smartsynch
