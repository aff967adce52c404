// What a Session holds on the way to an answer. Plain values.
#pragma once

#include <optional>

#include "marshal.h"
#include "smartsynch/model/model_file.h"
#include "smartsynch/model/token_table_file.h"
#include "smartsynch/personal/personal_classifier.h"
#include "smartsynch/text/wordpiece.h"

namespace smartsynch::wasm {

// What the steps of loading have brought so far.
struct LoadedParts {
  std::optional<Model> model;
  std::optional<WordPiece> tokenizer;
  std::optional<TokenTable> table;
};

// The task prepared last.
struct Preparation {
  TaskStrings text;
  PersonalTask task;
};

}  // namespace smartsynch::wasm
