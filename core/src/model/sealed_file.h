// Safetensors files that carry the SHA-256 of their own bytes, so that damage anywhere is found,
// not only where it makes a value impossible. The digest stands in the metadata as content_sha256
// and is that of the whole file with these 64 digits written as 64 zeros.
#pragma once

#include <string>
#include <string_view>

#include "smartsynch/base/status.h"
#include "smartsynch/model/safetensors.h"

namespace smartsynch {

// The same content gives the same bytes. Replaces a content_sha256 already in the metadata.
std::string SerializeSealed(Safetensors file);

// `file` is what `bytes` were parsed to. Fails with kInvalidModel when the digest is missing or
// another one than that of the bytes.
Status CheckSeal(std::string_view bytes, const Safetensors& file);

}  // namespace smartsynch
