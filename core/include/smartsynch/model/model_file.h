// Model files: safetensors with metadata (models/FORMAT.md). Reading trusts nothing: sizes, shapes,
// format version, finite values, the hash of the whole content and the self-test samples are
// checked before a model is returned.
//
//   std::string bytes = SerializeModel(model);
//   Result<Model> again = ParseModel(bytes);
//
// Thread safety: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "smartsynch/base/status.h"
#include "smartsynch/model/model.h"

namespace smartsynch {

inline constexpr int kModelFormatVersion = 2;

// The same model gives the same bytes. Fails with kInvalidArgument, naming the tensor or field,
// when shapes or values do not fit together or a text is not well-formed UTF-8, so no file is ever
// written that ParseModel would refuse or read back otherwise.
Result<std::string> SerializeModel(const Model& model);

// Fails with kInvalidModel (damaged, what and where), kUnsupportedVersion (a later format).
// `expected_sha256`: of the file that is wanted, where that is known. A file that has it is whole,
// which saves computing its own seal; any other one is judged by its seal.
Result<Model> ParseModel(std::string_view bytes, std::string_view expected_sha256 = {});

}  // namespace smartsynch
