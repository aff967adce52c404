// What the properties are checked on.
#pragma once

#include <rapidcheck.h>

#include <cstdint>
#include <string>
#include <vector>

namespace smartsynch::testing {

// Any bytes, or pieces that text handling treats in ways of its own.
inline rc::Gen<std::string> Texts() {
  const auto bytes = rc::gen::map(
      rc::gen::arbitrary<std::vector<std::uint8_t>>(),
      [](const std::vector<std::uint8_t>& all) { return std::string(all.begin(), all.end()); });
  const auto piece = rc::gen::element<std::string>(
      "fix", "LOGIN", " ", "\n", "caf\xC3\xA9", "e\xCC\x81", "\xE4\xB8\xAD", "[MASK]", "!", "draw",
      "\xF0\x9F\x98\x80", "\xED\xA0\x80", "\xFF", "\xE2\x80\x8B", "\xEA\xB0\x80", "\xC4\xB0",
      "the ");
  const auto pieces = rc::gen::map(rc::gen::container<std::vector<std::string>>(piece),
                                   [](const std::vector<std::string>& all) {
                                     std::string text;
                                     for (const std::string& one : all) text += one;
                                     return text;
                                   });
  return rc::gen::oneOf(bytes, pieces);
}

}  // namespace smartsynch::testing
