// JSON texts with half a surrogate pair, as a half-typed emoji leaves it in "\ud83d": no code
// point, so a strict parser refuses the whole text.
//
//   std::string json = R"({"title": "\ud83d"})";
//   RepairSurrogateEscapes(json);  // {"title": "\ufffd"}
//
// Thread safety: pure functions.
#pragma once

#include <string>

namespace smartsynch {

// Writes \ufffd in place of every escaped half, which keeps the length; pairs and escaped
// backslashes stay. True if something was replaced.
bool RepairSurrogateEscapes(std::string& json);

}  // namespace smartsynch
