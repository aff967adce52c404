// The model file's metadata: strings, of which the nested ones are JSON text with sorted keys.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "smartsynch/base/status.h"
#include "smartsynch/model/model.h"

namespace smartsynch {

inline constexpr std::size_t kMaxMetadataNesting = 16;  // of an entry that is JSON

// Fails with kInvalidArgument, naming the field, for a text that would not come back as it was: not
// well-formed UTF-8, or metrics that are no JSON object.
Status CheckTexts(const Model& model);

// Of a model's known words: lines of the letters a to z and spaces, at most 32 of them. Fails with
// the code given, field "known_words".
Status CheckKnownWords(const std::string& lines, ErrorCode code);

// Of a model that passed CheckTexts.
std::map<std::string, std::string> WriteMetadata(const Model& model);

// Fills everything of `model` that is not a tensor, and gives the self-test samples their texts.
// Fails with kInvalidModel or kUnsupportedVersion, naming the key.
Status ReadMetadata(const std::map<std::string, std::string>& metadata, Model& model);

}  // namespace smartsynch
