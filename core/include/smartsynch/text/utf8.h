// UTF-8, one code point at a time. Text reaches the core from files, terminals and half-typed page
// fields, so nothing here fails: what is not well-formed becomes U+FFFD, and a letter that follows
// damaged bytes is always read as itself.
//
//   std::size_t position = 0;
//   while (position < bytes.size()) Use(DecodeUtf8(bytes, position));
//
// The rule is the Unicode Standard's "substitution of maximal subparts" (chapter 3.9, also WHATWG's
// Encoding Standard and Python's bytes.decode("utf-8", "replace")): each longest run of bytes that
// could have begun a code point is one U+FFFD, any other stray byte is one U+FFFD. Overlong forms,
// encoded surrogates and values above U+10FFFF are such stray bytes. Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace smartsynch {

inline constexpr char32_t kReplacementCharacter = 0xFFFD;

// Reads the code point at `position` and moves `position` past it (by 1 to 4 bytes; by at least one
// even on damaged bytes). At or after the end it returns U+FFFD and leaves `position` alone.
char32_t DecodeUtf8(std::string_view bytes, std::size_t& position);

// Appends `code_point` as 1 to 4 bytes; a surrogate or a value above U+10FFFF is written as U+FFFD.
void AppendUtf8(char32_t code_point, std::string& out);

// A well-formed copy: equal to `bytes` if they are well-formed already.
std::string RepairUtf8(std::string_view bytes);

}  // namespace smartsynch
