# Header-only libraries, each linked alone into the build tree: a cross build must never see the whole of
# /usr/include, whose libc headers belong to the host.
function(smartsynch_header_only target header_dir)
  find_path(${target}_ROOT NAMES ${header_dir} PATHS /usr/include /usr/local/include
            NO_CMAKE_FIND_ROOT_PATH)
  if(NOT ${target}_ROOT)
    message(FATAL_ERROR "headers '${header_dir}' not found: install them (see tools/setup.sh)")
  endif()
  set(_link_root ${CMAKE_BINARY_DIR}/header_only/${target})
  file(MAKE_DIRECTORY ${_link_root})
  file(CREATE_LINK ${${target}_ROOT}/${header_dir} ${_link_root}/${header_dir} SYMBOLIC)
  add_library(${target} INTERFACE)
  target_include_directories(${target} SYSTEM INTERFACE ${_link_root})
endfunction()

smartsynch_header_only(smartsynch_nlohmann_json nlohmann)
# One definition of the exception mode for every translation unit, so that the linker never mixes two.
target_compile_definitions(smartsynch_nlohmann_json INTERFACE JSON_NOEXCEPTION)
smartsynch_header_only(smartsynch_expected tl)
if(SMARTSYNCH_DEVELOPER)
  smartsynch_header_only(smartsynch_doctest doctest)
endif()
