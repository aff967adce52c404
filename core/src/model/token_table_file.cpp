#include "smartsynch/model/token_table_file.h"

#include <charconv>
#include <map>
#include <utility>

#include "model/sealed_file.h"
#include "smartsynch/base/hash.h"
#include "smartsynch/model/safetensors.h"

namespace smartsynch {
namespace {

constexpr const char* kTableFormatName = "smartsynch-token-table";
constexpr std::size_t kMaxTableDimension = 1024;
constexpr std::size_t kMaxTableRows = std::size_t{1} << 20U;
// So that no sum of rows overflows.
constexpr float kMaxTableScale = 1e6F;

tl::unexpected<Error> BadTable(const std::string& field, const std::string& what) {
  return Fail(ErrorCode::kInvalidModel, "token table " + field + ": " + what, field);
}

Result<std::string> TableEntry(const Safetensors& file, const char* key) {
  const auto found = file.metadata.find(key);
  if (found == file.metadata.end()) return BadTable(key, "is missing from the metadata");
  return found->second;
}

Status ReadNumber(const Safetensors& file, const char* key, std::uint64_t& out) {
  const Result<std::string> text = TableEntry(file, key);
  if (!text) return tl::unexpected(text.error());
  const char* end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, out);
  if (error != std::errc() || stop != end) {
    return BadTable(key, "is \"" + *text + "\", expected a whole number");
  }
  return {};
}

Status ReadHash(const Safetensors& file, const char* key, std::string& out) {
  Result<std::string> text = TableEntry(file, key);
  if (!text) return tl::unexpected(text.error());
  if (text->size() != 64 || text->find_first_not_of("0123456789abcdef") != std::string::npos) {
    return BadTable(key, "is \"" + *text + "\", expected 64 hexadecimal digits");
  }
  out = std::move(*text);
  return {};
}

Status CheckFormat(const Safetensors& file) {
  const auto format = file.metadata.find("format");
  if (format == file.metadata.end() || format->second != kTableFormatName) {
    return BadTable("format", std::string("is not \"") + kTableFormatName + "\"");
  }
  const Result<std::string> version = TableEntry(file, "format_version");
  if (!version) return tl::unexpected(version.error());
  if (*version != std::to_string(kTokenTableFormatVersion)) {
    return Fail(ErrorCode::kUnsupportedVersion,
                "token table format version " + *version + ", this build reads version " +
                    std::to_string(kTokenTableFormatVersion),
                "format_version");
  }
  return {};
}

Status ReadMetadata(const Safetensors& file, TokenTable& table) {
  if (Status status = CheckFormat(file); !status) return status;
  std::uint64_t dimension = 0;
  std::uint64_t bits = 0;
  for (const auto& [key, out] : {std::pair<const char*, std::uint64_t*>{"dimension", &dimension},
                                 {"bits", &bits},
                                 {"seed", &table.seed}}) {
    if (Status status = ReadNumber(file, key, *out); !status) return status;
  }
  if (dimension == 0 || dimension > kMaxTableDimension || dimension % 2 != 0) {
    return BadTable("dimension", "is " + std::to_string(dimension) +
                                     ", expected an even number to " +
                                     std::to_string(kMaxTableDimension));
  }
  if (bits != 3 && bits != 4 && bits != 8) {
    return BadTable("bits", "is " + std::to_string(bits) + ", expected 3, 4 or 8");
  }
  table.dimension = static_cast<std::size_t>(dimension);
  table.bits = static_cast<unsigned>(bits);
  if (Status status = ReadHash(file, "vocabulary_sha256", table.vocabulary_sha256); !status) {
    return status;
  }
  return ReadHash(file, "encoder_sha256", table.encoder_sha256);
}

Status ReadTensors(const Safetensors& file, TokenTable& table) {
  const auto scale = file.tensors.find("scale");
  const auto codes = file.tensors.find("codes");
  if (scale == file.tensors.end() || codes == file.tensors.end()) {
    return BadTable("tensors", "have no \"scale\" or no \"codes\"");
  }
  if (scale->second.type != TensorType::kFloat32 || scale->second.shape.size() != 1 ||
      scale->second.shape[0] == 0 || scale->second.shape[0] > kMaxTableRows) {
    return BadTable("tensor scale",
                    "is not F32 of 1 to " + std::to_string(kMaxTableRows) + " rows");
  }
  const std::size_t rows = scale->second.shape[0];
  if (codes->second.type != TensorType::kInt8 ||
      codes->second.shape != std::vector<std::size_t>{rows, table.RowBytes()}) {
    return BadTable("tensor codes", "is not I8 [" + std::to_string(rows) + ", " +
                                        std::to_string(table.RowBytes()) + "]");
  }
  table.scale = scale->second.Floats();
  table.codes = codes->second.Int8();
  for (std::size_t row = 0; row < rows; ++row) {
    if (!(table.scale[row] >= 0.0F && table.scale[row] <= kMaxTableScale)) {
      return BadTable("tensor scale",
                      "value " + std::to_string(row) + " is not within 0 to 1,000,000");
    }
  }
  return {};
}

}  // namespace

Result<std::string> SerializeTokenTable(const TokenTable& table) {
  Safetensors file;
  file.metadata = {{"format", kTableFormatName},
                   {"format_version", std::to_string(kTokenTableFormatVersion)},
                   {"dimension", std::to_string(table.dimension)},
                   {"bits", std::to_string(table.bits)},
                   {"seed", std::to_string(table.seed)},
                   {"vocabulary_sha256", table.vocabulary_sha256},
                   {"encoder_sha256", table.encoder_sha256}};
  if (table.codes.size() != table.rows() * table.RowBytes()) {
    return Fail(ErrorCode::kInvalidArgument,
                "token table codes: have " + std::to_string(table.codes.size()) +
                    " bytes, expected " + std::to_string(table.rows() * table.RowBytes()),
                "codes");
  }
  file.tensors["scale"] = Tensor::FromFloats({table.rows()}, table.scale);
  file.tensors["codes"] = Tensor::FromInt8({table.rows(), table.RowBytes()}, table.codes);
  std::string bytes = SerializeSealed(std::move(file));
  const Result<TokenTable> check = ParseTokenTable(bytes);
  if (!check) {
    return Fail(ErrorCode::kInvalidArgument, check.error().message, check.error().field);
  }
  return bytes;
}

Result<TokenTable> ParseTokenTable(std::string_view bytes, std::string_view expected_sha256) {
  const Result<Safetensors> file = Safetensors::Parse(bytes);
  if (!file) return tl::unexpected(file.error());
  TokenTable table;
  Status status = ReadMetadata(*file, table);
  if (status) status = ReadTensors(*file, table);
  if (status) {
    table.sha256 = Sha256Hex(bytes);
    if (table.sha256 != expected_sha256) status = CheckSeal(bytes, *file);
  }
  if (!status) return tl::unexpected(status.error());
  return table;
}

Status CheckVocabulary(const TokenTable& table, const std::string& vocabulary_sha256) {
  if (table.vocabulary_sha256 == vocabulary_sha256) return {};
  return Fail(ErrorCode::kIncompatible,
              "the token table was made for the vocabulary with SHA-256 " +
                  table.vocabulary_sha256 + ", the vocabulary given has " + vocabulary_sha256,
              "token_table");
}

}  // namespace smartsynch
