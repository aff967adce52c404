// Embeds many texts: in batches of similar length, so that little is padded, whatever their order.
#pragma once

#include <span>
#include <vector>

#include "smartsynch/base/progress.h"
#include "smartsynch/engine/encoder.h"

namespace smartsynch {

// Row-major [encodings.size(), encoder.dimension()], in the order given. An encoding without a
// known token runs no model: its row is zero. Fails as the encoder does, or with kCancelled.
Result<std::vector<float>> EmbedAll(Encoder& encoder, std::span<const Encoding> encodings,
                                    const ProgressCallback& progress = {});

}  // namespace smartsynch
