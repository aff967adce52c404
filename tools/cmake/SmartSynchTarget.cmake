# Flags that every target of the project shares.
#   smartsynch_target(name)   warnings as errors in developer mode, sanitizers, bit-exact floating point
function(smartsynch_target name)
  # Contracting a*b+c into one rounding would give other bits on machines with FMA than on those without.
  target_compile_options(${name} PRIVATE -ffp-contract=off)
  if(SMARTSYNCH_DEVELOPER)
    target_compile_options(${name} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
                                           -Wnon-virtual-dtor -Wold-style-cast -Werror)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      # GCC 12 sees overlaps in std::string concatenation that are not there (GCC bug 105651).
      target_compile_options(${name} PRIVATE -Wno-restrict)
    endif()
  endif()
  if(SMARTSYNCH_SANITIZE)
    target_compile_options(${name} PRIVATE -fsanitize=address,undefined -fno-sanitize-recover=all
                                           -fno-omit-frame-pointer)
    target_link_options(${name} PRIVATE -fsanitize=address,undefined)
  endif()
  if(SMARTSYNCH_TSAN)
    target_compile_options(${name} PRIVATE -fsanitize=thread -fno-omit-frame-pointer)
    target_link_options(${name} PRIVATE -fsanitize=thread)
  endif()
  if(SMARTSYNCH_COVERAGE)
    target_compile_options(${name} PRIVATE -fprofile-instr-generate -fcoverage-mapping)
    target_link_options(${name} PRIVATE -fprofile-instr-generate)
  endif()
  if(SMARTSYNCH_FUZZ)
    target_compile_options(${name} PRIVATE -fsanitize=fuzzer-no-link)
  endif()
  if(EMSCRIPTEN)
    target_compile_options(${name} PRIVATE -msimd128)
  endif()
endfunction()
