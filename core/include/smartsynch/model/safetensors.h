// Reads and writes safetensors, the ecosystem's tensor file: 8 bytes of header length
// (little-endian), a JSON header naming each tensor's type, shape and place, then the raw tensors.
// Python's `safetensors` opens what is written here.
//
// Thread safety: pure functions and plain values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "smartsynch/base/status.h"

namespace smartsynch {

enum class TensorType { kFloat32, kInt8 };

struct Tensor {
  TensorType type = TensorType::kFloat32;
  std::vector<std::size_t> shape;
  std::string bytes;  // row-major, little-endian

  static Tensor FromFloats(std::vector<std::size_t> shape, std::span<const float> values);
  static Tensor FromInt8(std::vector<std::size_t> shape, std::span<const std::int8_t> values);

  // The values, whatever the shape. Empty when the type is the other one.
  std::vector<float> Floats() const;
  std::vector<std::int8_t> Int8() const;
};

struct Safetensors {
  std::map<std::string, std::string> metadata;  // the header's __metadata__: strings only
  std::map<std::string, Tensor> tensors;

  // The same content gives the same bytes: names are sorted, the header is padded to 8 bytes.
  std::string Serialize() const;

  // Copies. Fails with kInvalidModel, naming the tensor or header field, for anything the format
  // forbids: a length beyond the file or 8 MiB, JSON that is not an object, nests more than eight
  // deep or repeats a key, an unknown type, a shape that does not match its bytes, tensors that
  // overlap, leave a gap or end beyond the file. Other element types than the two above are
  // refused.
  static Result<Safetensors> Parse(std::string_view bytes);
};

}  // namespace smartsynch
