#include "text/unicode_rules.h"

#include <cstddef>

namespace smartsynch {
namespace {

using unicode_tables::RunKind;

// Reads unsigned LEB128: seven bits a byte, the lowest first, the top bit set if more follow.
class PackedReader {
 public:
  explicit PackedReader(const std::uint8_t* packed) : next_(packed) {}

  std::uint32_t Next() {
    std::uint32_t value = 0;
    for (int bits = 0;; bits += 7) {
      const std::uint8_t byte = *next_++;
      value |= std::uint32_t{byte & 0x7Fu} << bits;
      if (byte < 0x80) return value;
    }
  }

  // Zigzag-encoded: 0, -1, 1, -2...
  std::int32_t NextSigned() {
    const std::uint32_t value = Next();
    return static_cast<std::int32_t>(value >> 1) ^ -static_cast<std::int32_t>(value & 1);
  }

 private:
  const std::uint8_t* next_;
};

// How many pool entries a code point of such a run takes.
std::uint32_t PoolWidth(RunKind kind) {
  switch (kind) {
    case RunKind::kPool1:
    case RunKind::kPoolIdeograph:
      return 1;
    case RunKind::kPool2:
      return 2;
    case RunKind::kPool3:
      return 3;
    default:
      return 0;
  }
}

}  // namespace

UnicodeRules::UnicodeRules() {
  PackedReader lengths(unicode_tables::kPackedLengths);
  PackedReader shifts(unicode_tables::kPackedShifts);
  std::uint32_t first = 0;
  std::uint32_t pooled = 0;
  for (std::size_t i = 0; i < unicode_tables::kRunCount; ++i) {
    const RunKind kind{unicode_tables::kPackedKinds[i]};
    const std::uint32_t length = lengths.Next();
    run_starts[i] = first << 8 | static_cast<std::uint32_t>(kind);
    if (kind == RunKind::kShift || kind == RunKind::kShiftEven) {
      payloads[i] = shifts.NextSigned();
    } else if (const std::uint32_t width = PoolWidth(kind); width > 0) {
      payloads[i] = static_cast<std::int32_t>(pooled);
      pooled += length * width;
    }
    first += length;
  }
  PackedReader steps(unicode_tables::kPackedPool);
  std::int32_t entry = 0;
  for (char32_t& code_point : pool) {
    entry += steps.NextSigned();
    code_point = static_cast<char32_t>(entry);
  }
}

}  // namespace smartsynch
