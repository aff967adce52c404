// JSON text from a file, read into a tree of values and checked in one pass.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace smartsynch {

// The tree of `text` when that is one well-formed JSON value that nests at most `max_depth` objects
// and lists, else what is wrong, such as "is nested too deeply". Freeing, copying and writing a
// tree recurse, so it never grows deeper than that. A key that occurs twice in its object is
// refused, since readers disagree on which one counts, and so is a NUL, at which nlohmann's parser
// would stop. In place of json::parse(), which brings a second and a third parser into every
// program.
tl::expected<nlohmann::json, std::string> ReadJson(std::string_view text, std::size_t max_depth);

}  // namespace smartsynch
