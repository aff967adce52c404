// The sentence transformer under native ONNX Runtime: the native half of the seam in
// smartsynch/engine/encoder.h.
//
// The graph takes input_ids, attention_mask and (where it has one) token_type_ids, int64 [batch,
// sequence], and gives last_hidden_state, float [batch, sequence, dimension]; pooling is the core's
// (nn/pooling.h). A text's embedding does not depend on what else is in its batch beyond the last
// bits of float32: the cosine of a text alone and in a padded batch is above 0.99999.
// Thread safety: Embed() may be called from several threads at once.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "smartsynch/engine/encoder.h"

namespace smartsynch {

struct OrtEncoderOptions {
  std::size_t threads = 0;  // that one Embed() call uses; 0: as many as the machine has cores
};

class OrtEncoder final : public Encoder {
 public:
  // Fails with kNotFound or kIo when the file cannot be read, kInvalidModel when ONNX Runtime
  // refuses it, and kIncompatible when its inputs or output are not those above.
  static Result<std::unique_ptr<OrtEncoder>> Load(const std::string& path,
                                                  const OrtEncoderOptions& options = {});
  ~OrtEncoder() override;

  Result<std::vector<float>> Embed(std::span<const Encoding> batch) override;
  std::size_t dimension() const override;
  const std::string& sha256() const override;

 private:
  struct Session;
  explicit OrtEncoder(std::unique_ptr<Session> session);

  std::unique_ptr<Session> session_;
};

}  // namespace smartsynch
