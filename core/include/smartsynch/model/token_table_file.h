// The token table's file: safetensors with metadata (models/FORMAT.md). Reading trusts nothing:
// sizes, shapes, format version, values in range and the hash of the whole content are checked.
//
//   Result<std::string> bytes = SerializeTokenTable(table);
//   Result<TokenTable> again = ParseTokenTable(bytes);
//
// Thread safety: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "smartsynch/base/status.h"
#include "smartsynch/nn/token_table.h"

namespace smartsynch {

inline constexpr int kTokenTableFormatVersion = 1;

// The same table gives the same bytes. Fails with kInvalidArgument, naming the tensor or field, for
// what ParseTokenTable would refuse.
Result<std::string> SerializeTokenTable(const TokenTable& table);

// Fails with kInvalidModel (damaged, what and where), kUnsupportedVersion (another format version).
// `expected_sha256`: of the file that is wanted, where that is known (Model::token_table_sha256). A
// file that has it is whole, which saves the half of the time that computing its own seal takes.
Result<TokenTable> ParseTokenTable(std::string_view bytes, std::string_view expected_sha256 = {});

// Fails with kIncompatible, naming both hashes, when the table was made for another vocabulary.
Status CheckVocabulary(const TokenTable& table, const std::string& vocabulary_sha256);

}  // namespace smartsynch
