#include "model/sealed_file.h"

#include <algorithm>
#include <utility>

#include "smartsynch/base/hash.h"

namespace smartsynch {
namespace {

constexpr const char* kKey = "content_sha256";
constexpr std::size_t kHashDigits = 64;

// Where the digest stands. Within a string a quotation mark is always escaped and keys are unique,
// so the first match is the entry itself.
std::size_t FindDigest(std::string_view bytes, std::string_view digest) {
  const std::string start = std::string("\"") + kKey + "\":\"";
  const std::size_t entry = bytes.find(start + std::string(digest) + "\"");
  return entry == std::string_view::npos ? entry : entry + start.size();
}

}  // namespace

std::string SerializeSealed(Safetensors file) {
  const std::string zeros(kHashDigits, '0');
  file.metadata[kKey] = zeros;
  std::string bytes = file.Serialize();
  bytes.replace(FindDigest(bytes, zeros), kHashDigits, Sha256Hex(bytes));
  return bytes;
}

Status CheckSeal(std::string_view bytes, const Safetensors& file) {
  const auto entry = file.metadata.find(kKey);
  if (entry == file.metadata.end()) {
    return Fail(ErrorCode::kInvalidModel, "the file's metadata has no content_sha256", kKey);
  }
  const std::string& digest = entry->second;
  const std::size_t place =
      digest.size() == kHashDigits ? FindDigest(bytes, digest) : std::string_view::npos;
  if (place == std::string_view::npos) {
    return Fail(ErrorCode::kInvalidModel,
                "the file's content_sha256 is not 64 hexadecimal digits written as one", kKey);
  }
  std::string zeroed(bytes);
  std::fill_n(zeroed.begin() + static_cast<std::ptrdiff_t>(place), kHashDigits, '0');
  const std::string found = Sha256Hex(zeroed);
  if (found != digest) {
    return Fail(ErrorCode::kInvalidModel,
                "the file is damaged: its content has SHA-256 " + found +
                    ", its content_sha256 is " + digest,
                kKey);
  }
  return {};
}

}  // namespace smartsynch
