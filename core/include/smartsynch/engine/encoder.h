// The seam to the sentence transformer: the core never runs the ONNX graph itself. Native programs
// implement this over ONNX Runtime; the page runs ONNX Runtime Web and calls the classifier's two
// halves directly.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "smartsynch/base/status.h"
#include "smartsynch/text/wordpiece.h"

namespace smartsynch {

class Encoder {
 public:
  virtual ~Encoder() = default;

  // Embeds a batch: row-major [batch.size(), dimension()], mean-pooled over the mask and
  // L2-normalised. The caller bounds the batch; rows may differ in length (they are padded inside).
  // Thread safety: as the implementation says; the native one may be shared between threads.
  virtual Result<std::vector<float>> Embed(std::span<const Encoding> batch) = 0;

  virtual std::size_t dimension() const = 0;

  // SHA-256 of the graph's bytes: a model file names the encoder it was trained for.
  virtual const std::string& sha256() const = 0;
};

}  // namespace smartsynch
