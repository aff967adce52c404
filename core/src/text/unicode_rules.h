// The generated tables, unpacked. They are packed in the library because browsers download it;
// unpacked, a code point's run is found by binary search over plain numbers.
#pragma once

#include <array>
#include <cstdint>

#include "text/unicode_tables.h"

namespace smartsynch {

struct UnicodeRules {
  UnicodeRules();  // unpacks, in about a tenth of a millisecond

  // Run i covers run_starts[i] >> 8 up to the start of run i + 1; its RunKind is in the low 8 bits.
  std::array<std::uint32_t, unicode_tables::kRunCount> run_starts{};
  // The shift of a kShift or kShiftEven run, where in the pool the results of a kPool... run begin,
  // 0 for the others.
  std::array<std::int32_t, unicode_tables::kRunCount> payloads{};
  std::array<char32_t, unicode_tables::kPoolSize> pool{};
};

}  // namespace smartsynch
