// How a task becomes one text for the encoder. Title and description are joined by a line break,
// which the tokenizer reads as white space, so the ids are those of any tokenizer on the joined
// string; the title comes first, so that of a long task it is the description's end that is cut.
//
//   JoinTaskText(" Fix login ", "500 on submit")  ->  "Fix login\n500 on submit"
//
// Thread safety: pure functions.
#pragma once

#include <string>
#include <string_view>

namespace smartsynch {

// Both parts without white space at either end; when one is empty after that, the result is the
// other alone, and when both are, it is empty. Nothing else is changed: bytes that are not
// well-formed UTF-8 stay, and the tokenizer drops them.
std::string JoinTaskText(std::string_view title, std::string_view description = {});

// True when cleaning leaves no word: empty, white space, control or zero-width characters, stray
// combining marks, damaged bytes. Such a text has no category and needs no model.
bool IsBlank(std::string_view text);

// The joined text's words, cleaned and separated by single spaces: tasks that differ only in case,
// accents or spacing have the same key, so the key finds duplicates.
// NormalizedTaskKey("Fix  LOGIN!") == "fix login !". Empty exactly when both parts are blank.
std::string NormalizedTaskKey(std::string_view title, std::string_view description = {});

}  // namespace smartsynch
