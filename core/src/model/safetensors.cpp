#include "smartsynch/model/safetensors.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "model/json_reader.h"

namespace smartsynch {
namespace {

static_assert(std::endian::native == std::endian::little,
              "tensors are copied as they lie in the file");

using nlohmann::json;

constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kMaxHeaderBytes = std::size_t{8} << 20U;
constexpr std::size_t kMaxDimensions = 8;
constexpr std::uint64_t kMaxDimensionSize = 0x7FFFFFFF;  // fits size_t on every host
constexpr std::size_t kMaxHeaderNesting = 8;             // the format needs three levels

std::size_t ElementBytes(TensorType type) { return type == TensorType::kFloat32 ? 4 : 1; }
const char* TypeName(TensorType type) { return type == TensorType::kFloat32 ? "F32" : "I8"; }

std::optional<TensorType> TypeFromName(const std::string& name) {
  if (name == "F32") return TensorType::kFloat32;
  if (name == "I8") return TensorType::kInt8;
  return std::nullopt;
}

template <typename T>
std::string CopyBytes(std::span<const T> values) {
  std::string bytes(values.size_bytes(), '\0');
  if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

template <typename T>
std::vector<T> CopyValues(const std::string& bytes) {
  std::vector<T> values(bytes.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
  return values;
}

tl::unexpected<Error> BadSafetensors(const std::string& field, const std::string& what) {
  return Fail(ErrorCode::kInvalidModel, "safetensors " + field + ": " + what, field);
}

struct Placed {
  std::string name;
  Tensor tensor;
  std::size_t begin = 0;
  std::size_t end = 0;
};

Result<Placed> ReadEntry(const std::string& name, const json& entry, std::size_t data_size) {
  const std::string field = "tensor " + name;
  if (!entry.is_object()) return BadSafetensors(field, "is not an object");
  const auto dtype = entry.find("dtype");
  const auto shape = entry.find("shape");
  const auto offsets = entry.find("data_offsets");
  if (dtype == entry.end() || !dtype->is_string()) return BadSafetensors(field, "has no dtype");
  Placed placed;
  placed.name = name;
  const auto type = TypeFromName(dtype->get<std::string>());
  if (!type) return BadSafetensors(field, "has dtype " + dtype->dump() + ", expected F32 or I8");
  placed.tensor.type = *type;
  if (shape == entry.end() || !shape->is_array() || shape->size() > kMaxDimensions) {
    return BadSafetensors(field, "has no shape of at most 8 dimensions");
  }
  for (const json& dimension : *shape) {
    if (!dimension.is_number_unsigned())
      return BadSafetensors(field, "has a dimension that is no whole number");
    if (dimension.get<std::uint64_t>() > kMaxDimensionSize) {
      return BadSafetensors(field,
                            "has shape " + shape->dump() + ", which is larger than the file");
    }
    placed.tensor.shape.push_back(dimension.get<std::size_t>());
  }
  const bool is_empty = std::count(placed.tensor.shape.begin(), placed.tensor.shape.end(), 0U) > 0;
  std::size_t expected = is_empty ? 0 : ElementBytes(*type);
  for (const std::size_t size : placed.tensor.shape) {
    // A product beyond the file cannot be right, and stopping there also prevents overflow.
    if (!is_empty && expected > data_size / size) {
      return BadSafetensors(field,
                            "has shape " + shape->dump() + ", which is larger than the file");
    }
    expected *= size;
  }
  if (offsets == entry.end() || !offsets->is_array() || offsets->size() != 2 ||
      !(*offsets)[0].is_number_unsigned() || !(*offsets)[1].is_number_unsigned()) {
    return BadSafetensors(field, "has no data_offsets [begin, end]");
  }
  const auto begin = (*offsets)[0].get<std::uint64_t>();
  const auto end = (*offsets)[1].get<std::uint64_t>();
  if (begin > end || end > data_size) {
    return BadSafetensors(field, "ends at byte " + std::to_string(end) + " of " +
                                     std::to_string(data_size) + " (damaged or cut file)");
  }
  if (end - begin != expected) {
    return BadSafetensors(field, "has " + std::to_string(end - begin) + " bytes, its shape needs " +
                                     std::to_string(expected));
  }
  placed.begin = static_cast<std::size_t>(begin);
  placed.end = static_cast<std::size_t>(end);
  return placed;
}

Result<std::map<std::string, std::string>> ReadMetadata(const json& entry) {
  std::map<std::string, std::string> metadata;
  if (!entry.is_object()) return BadSafetensors("__metadata__", "is not an object");
  for (const auto& [key, value] : entry.items()) {
    if (!value.is_string()) return BadSafetensors("__metadata__." + key, "is not a string");
    metadata[key] = value.get<std::string>();
  }
  return metadata;
}

Result<json> ReadHeader(std::string_view bytes, std::size_t& data_begin) {
  if (bytes.size() < kLengthBytes) {
    return BadSafetensors(
        "header", "the file has " + std::to_string(bytes.size()) + " bytes, expected 8 or more");
  }
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), kLengthBytes);
  if (length > kMaxHeaderBytes || length > bytes.size() - kLengthBytes) {
    return BadSafetensors("header", "length " + std::to_string(length) + " is beyond the file's " +
                                        std::to_string(bytes.size()) +
                                        " bytes or the limit of 8 MiB");
  }
  data_begin = kLengthBytes + static_cast<std::size_t>(length);
  const std::string_view text = bytes.substr(kLengthBytes, static_cast<std::size_t>(length));
  if (text.empty() || text.front() != '{')
    return BadSafetensors("header", "does not start with '{'");
  auto header = ReadJson(text, kMaxHeaderNesting);
  if (!header) return BadSafetensors("header", header.error());
  return *std::move(header);
}

}  // namespace

Tensor Tensor::FromFloats(std::vector<std::size_t> shape, std::span<const float> values) {
  return {TensorType::kFloat32, std::move(shape), CopyBytes(values)};
}

Tensor Tensor::FromInt8(std::vector<std::size_t> shape, std::span<const std::int8_t> values) {
  return {TensorType::kInt8, std::move(shape), CopyBytes(values)};
}

std::vector<float> Tensor::Floats() const {
  return type == TensorType::kFloat32 ? CopyValues<float>(bytes) : std::vector<float>{};
}

std::vector<std::int8_t> Tensor::Int8() const {
  return type == TensorType::kInt8 ? CopyValues<std::int8_t>(bytes) : std::vector<std::int8_t>{};
}

std::string Safetensors::Serialize() const {
  json header = json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  // Wider elements first, so that every tensor starts at a multiple of its element size.
  std::vector<std::pair<std::string, const Tensor*>> order;
  for (const TensorType type : {TensorType::kFloat32, TensorType::kInt8}) {
    for (const auto& [name, tensor] : tensors) {
      if (tensor.type == type) order.emplace_back(name, &tensor);
    }
  }
  std::size_t offset = 0;
  for (const auto& [name, tensor] : order) {
    header[name] = {{"dtype", TypeName(tensor->type)},
                    {"shape", tensor->shape},
                    {"data_offsets", {offset, offset + tensor->bytes.size()}}};
    offset += tensor->bytes.size();
  }
  std::string text = header.dump(-1, ' ', false, json::error_handler_t::replace);
  text.append((8 - text.size() % 8) % 8, ' ');
  const std::uint64_t length = text.size();
  std::string out(kLengthBytes, '\0');
  std::memcpy(out.data(), &length, kLengthBytes);
  out += text;
  for (const auto& [name, tensor] : order) out += tensor->bytes;
  return out;
}

Result<Safetensors> Safetensors::Parse(std::string_view bytes) {
  std::size_t data_begin = 0;
  const Result<json> header = ReadHeader(bytes, data_begin);
  if (!header) return tl::unexpected(header.error());
  const std::string_view data = bytes.substr(data_begin);

  Safetensors file;
  std::vector<Placed> placed;
  for (const auto& [name, entry] : header->items()) {
    if (name == "__metadata__") {
      auto metadata = ReadMetadata(entry);
      if (!metadata) return tl::unexpected(metadata.error());
      file.metadata = std::move(*metadata);
      continue;
    }
    Result<Placed> read = ReadEntry(name, entry, data.size());
    if (!read) return tl::unexpected(read.error());
    placed.push_back(std::move(*read));
  }
  std::sort(placed.begin(), placed.end(), [](const Placed& a, const Placed& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  std::size_t position = 0;
  for (Placed& item : placed) {
    if (item.begin != position) {
      return BadSafetensors("tensor " + item.name,
                            "starts at byte " + std::to_string(item.begin) + ", expected " +
                                std::to_string(position) +
                                " (tensors must neither overlap nor leave a gap)");
    }
    position = item.end;
    item.tensor.bytes = std::string(data.substr(item.begin, item.end - item.begin));
    file.tensors.emplace(item.name, std::move(item.tensor));
  }
  if (position != data.size()) {
    return BadSafetensors(
        "file", "has " + std::to_string(data.size() - position) + " bytes after its last tensor");
  }
  return file;
}

}  // namespace smartsynch
