// Titles as they are typed: half-finished, in lower case, with slips of the finger. Used to measure
// how a model bears that. Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace smartsynch {

// What the field holds after each code point typed: TypedPrefixes("Fix") is {"F", "Fi", "Fix"}.
std::vector<std::string> TypedPrefixes(std::string_view title);

// The first `percent` (0..100, more counts as 100) of the code points, rounded up, so that at least
// one is left of any title: TypedPart("Fix login", 25) == "Fix".
std::string TypedPart(std::string_view title, std::size_t percent);

// Lower-cased (ASCII and Latin-1 letters), then each letter a slip with probability `rate` (0..1):
// another letter, none, twice the same, or swapped with the next, each as likely. Only letters a–z
// are hit; the same seed gives the same slips everywhere.
std::string Mistype(std::string_view title, double rate, std::uint64_t seed);

// How often what is shown changes from one category to another. Nothing shown (empty) neither
// counts nor forgets what was shown before: {"", "A", "", "A", "B"} changes once.
std::size_t CountChanges(const std::vector<std::string>& shown);

}  // namespace smartsynch
