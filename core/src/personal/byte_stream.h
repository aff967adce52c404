// Numbers, texts and lists of numbers one after the other, little-endian, every list with its
// length before it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace smartsynch {

class ByteWriter {
 public:
  void Count(std::uint64_t value) {
    for (int shift = 0; shift < 64; shift += 8) PutByte(value >> shift);
  }
  void Float(float value) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    for (int shift = 0; shift < 32; shift += 8) PutByte(bits >> shift);
  }
  void Text(std::string_view text) {
    Count(text.size());
    bytes_ += text;
  }
  void Floats(const std::vector<float>& values) {
    Count(values.size());
    for (const float value : values) Float(value);
  }
  void Int8s(const std::vector<std::int8_t>& values) {
    Count(values.size());
    for (const std::int8_t value : values) PutByte(static_cast<std::uint8_t>(value));
  }

  std::string Take() { return std::move(bytes_); }

 private:
  void PutByte(std::uint64_t value) { bytes_ += static_cast<char>(value & 0xff); }
  std::string bytes_;
};

// What is beyond the end reads as zero or empty, and ok() is false from then on: a list longer than
// what is left is never allocated.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }

  std::uint64_t Count() { return Whole(8); }
  float Float() {
    const auto bits = static_cast<std::uint32_t>(Whole(4));
    float value = 0.0F;
    std::memcpy(&value, &bits, sizeof value);
    return value;
  }
  std::string_view Text() { return TakeBytes(Count()); }
  std::vector<float> Floats() {
    std::vector<float> values(Length(4));
    for (float& value : values) value = Float();
    return values;
  }
  std::vector<std::int8_t> Int8s() {
    const std::string_view bytes = Text();
    return {bytes.begin(), bytes.end()};
  }
  // Of a list whose entries take at least `bytes` each.
  std::size_t Length(std::size_t bytes) {
    const std::uint64_t length = Count();
    if (length > rest_.size() / bytes) ok_ = false;
    return ok_ ? static_cast<std::size_t>(length) : 0;
  }

 private:
  std::string_view TakeBytes(std::uint64_t count) {
    if (count > rest_.size()) ok_ = false;
    const std::string_view taken = rest_.substr(0, ok_ ? static_cast<std::size_t>(count) : 0);
    rest_.remove_prefix(taken.size());
    return taken;
  }
  std::uint64_t Whole(std::size_t bytes) {
    const std::string_view taken = TakeBytes(bytes);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < taken.size(); ++i) {
      value |= std::uint64_t{static_cast<std::uint8_t>(taken[i])} << (8 * i);
    }
    return value;
  }

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace smartsynch
