// SHA-256 (FIPS 180-4), used as the identity of model files, vocabularies and data sets. Written
// here because the core must run in WebAssembly without a cryptography library behind it; it guards
// against damage and mix-ups, and is checked against the standard's own vectors. Thread safety: the
// functions are pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace smartsynch {

// 64 lower-case hexadecimal digits. Sha256Hex("abc") starts with "ba7816bf".
std::string Sha256Hex(std::string_view bytes);

// FNV-1a, 64 bits: for hash tables and sticky assignment, never for identity. `before`: the hash of
// what stands before the bytes, from which it is carried on.
inline constexpr std::uint64_t kFnv1a64Start = 0xcbf29ce484222325ULL;
constexpr std::uint64_t Fnv1a64(std::string_view bytes, std::uint64_t before = kFnv1a64Start) {
  std::uint64_t hash = before;
  for (const char c : bytes) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3ULL;
  }
  return hash;
}

// FNV's high bits hardly depend on the last letters; this spreads them (the finalizer of
// SplitMix64: Steele, Lea and Flood, OOPSLA 2014).
constexpr std::uint64_t SpreadBits(std::uint64_t hash) {
  hash = (hash ^ (hash >> 30U)) * 0xBF58476D1CE4E5B9U;
  hash = (hash ^ (hash >> 27U)) * 0x94D049BB133111EBU;
  return hash ^ (hash >> 31U);
}

}  // namespace smartsynch
