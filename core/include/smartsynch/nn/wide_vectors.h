// Kernels compiled once more for the processor's wider vectors (AVX2, AVX-512), where it has them.
// Wider vectors compute more outputs side by side and change no bit: nothing is contracted
// (-ffp-contract=off) and no sum is reordered. Elsewhere (WebAssembly, arm64) the plain kernel is
// the only one.
//
//   template <std::size_t kBytes>  // of a vector: 16, 32 or 64
//   SMARTSYNCH_ALWAYS_INLINE void ScaleKernel(float* x, std::size_t n) { ... }
//   SMARTSYNCH_WIDE_VECTORS(ScaleKernel, Scale, (float* x, std::size_t n), (x, n))
//
// defines Scale(), which asks the processor on every call; that costs about as much as a branch.
// What a kernel calls must be inlined into it, or it is compiled without the wider vectors.
#pragma once

#if defined(__GNUC__)
#define SMARTSYNCH_ALWAYS_INLINE inline __attribute__((always_inline))
#else
#define SMARTSYNCH_ALWAYS_INLINE inline
#endif

// A name, a list of parameters and one of arguments cannot stand in parentheses of their own.
// NOLINTBEGIN(bugprone-macro-parentheses)
#if defined(__GNUC__) && defined(__x86_64__)
#define SMARTSYNCH_WIDE_VECTORS(kernel, name, parameters, arguments)                        \
  __attribute__((target("avx2"))) void name##Avx2 parameters { kernel<32> arguments; }      \
  __attribute__((target("avx512f"))) void name##Avx512 parameters { kernel<64> arguments; } \
  void name##Plain parameters { kernel<16> arguments; }                                     \
  void name parameters {                                                                    \
    if (__builtin_cpu_supports("avx512f")) return name##Avx512 arguments;                   \
    if (__builtin_cpu_supports("avx2")) return name##Avx2 arguments;                        \
    name##Plain arguments;                                                                  \
  }
#else
#define SMARTSYNCH_WIDE_VECTORS(kernel, name, parameters, arguments) \
  void name parameters { kernel<16> arguments; }
#endif
// NOLINTEND(bugprone-macro-parentheses)
