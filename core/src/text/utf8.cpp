#include "smartsynch/text/utf8.h"

namespace smartsynch {
namespace {

bool IsBetween(unsigned value, unsigned low, unsigned high) {
  return value >= low && value <= high;
}

// What a lead byte promises. `low`..`high` bounds the second byte: this is what keeps overlong
// forms (E0 80.., F0 80..), surrogates (ED A0..) and values past U+10FFFF (F4 90..) out.
struct Lead {
  unsigned trailing;
  unsigned low;
  unsigned high;
  char32_t bits;
};

Lead ReadLead(unsigned byte) {
  if (IsBetween(byte, 0xC2, 0xDF)) return {1, 0x80, 0xBF, byte & 0x1Fu};
  if (IsBetween(byte, 0xE0, 0xEF)) {
    return {2, byte == 0xE0 ? 0xA0u : 0x80u, byte == 0xED ? 0x9Fu : 0xBFu, byte & 0x0Fu};
  }
  if (IsBetween(byte, 0xF0, 0xF4)) {
    return {3, byte == 0xF0 ? 0x90u : 0x80u, byte == 0xF4 ? 0x8Fu : 0xBFu, byte & 0x07u};
  }
  return {0, 0, 0, kReplacementCharacter};
}

void AppendByte(char32_t value, std::string& out) {
  out.push_back(static_cast<char>(static_cast<unsigned char>(value)));
}

}  // namespace

char32_t DecodeUtf8(std::string_view bytes, std::size_t& position) {
  if (position >= bytes.size()) return kReplacementCharacter;
  const unsigned first = static_cast<unsigned char>(bytes[position++]);
  if (first < 0x80) return first;
  Lead lead = ReadLead(first);
  for (unsigned i = 0; i < lead.trailing; ++i) {
    if (position >= bytes.size()) return kReplacementCharacter;
    const unsigned byte = static_cast<unsigned char>(bytes[position]);
    if (!IsBetween(byte, lead.low, lead.high)) return kReplacementCharacter;
    lead.low = 0x80;
    lead.high = 0xBF;
    lead.bits = (lead.bits << 6) | (byte & 0x3Fu);
    ++position;
  }
  return lead.bits;
}

void AppendUtf8(char32_t code_point, std::string& out) {
  const bool is_surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  if (is_surrogate || code_point > 0x10FFFF) code_point = kReplacementCharacter;
  unsigned trailing = 0;
  if (code_point >= 0x80) ++trailing;
  if (code_point >= 0x800) ++trailing;
  if (code_point >= 0x10000) ++trailing;
  constexpr char32_t kLeadMarks[] = {0x00, 0xC0, 0xE0, 0xF0};
  AppendByte(kLeadMarks[trailing] | (code_point >> (6 * trailing)), out);
  for (; trailing > 0; --trailing) {
    AppendByte(0x80 | ((code_point >> (6 * (trailing - 1))) & 0x3F), out);
  }
}

std::string RepairUtf8(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  for (std::size_t position = 0; position < bytes.size();) {
    AppendUtf8(DecodeUtf8(bytes, position), out);
  }
  return out;
}

}  // namespace smartsynch
