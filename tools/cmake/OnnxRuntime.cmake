# ONNX Runtime for native programs.
#   smartsynch_onnxruntime()                  defines onnxruntime::onnxruntime: the system's, else the
#                                             one that tools/setup.sh put into .cache/onnxruntime;
#                                             stops when there is neither
#   smartsynch_find_system_onnxruntime(VAR)   defines it from the system alone; VAR says where it was
#                                             found, and is empty when there is none
# A system-wide one is found by its CMake package (hint: onnxruntime_DIR or CMAKE_PREFIX_PATH) or by
# pkg-config's libonnxruntime. The .cache directory enters the build's RPATH by itself.
set(SMARTSYNCH_ONNXRUNTIME_CACHE ${CMAKE_CURRENT_LIST_DIR}/../../.cache/onnxruntime)

function(smartsynch_find_system_onnxruntime result)
  set(${result} "" PARENT_SCOPE)
  find_package(onnxruntime CONFIG QUIET)
  if(TARGET onnxruntime::onnxruntime)
    set(_target onnxruntime::onnxruntime)
    set(_found "${onnxruntime_DIR}")
  else()
    find_package(PkgConfig QUIET)
    if(PKG_CONFIG_FOUND)
      pkg_check_modules(SMARTSYNCH_ORT QUIET IMPORTED_TARGET libonnxruntime)
    endif()
    if(NOT TARGET PkgConfig::SMARTSYNCH_ORT)
      return()
    endif()
    set(_target PkgConfig::SMARTSYNCH_ORT)
    set(_found "pkg-config libonnxruntime ${SMARTSYNCH_ORT_VERSION}")
  endif()
  # Releases differ in whether the folder named is the headers' own or one above it.
  get_target_property(_folders ${_target} INTERFACE_INCLUDE_DIRECTORIES)
  find_path(SMARTSYNCH_ORT_HEADERS onnxruntime_cxx_api.h HINTS ${_folders}
            PATH_SUFFIXES onnxruntime onnxruntime/core/session)
  if(NOT SMARTSYNCH_ORT_HEADERS)
    message(FATAL_ERROR "ONNX Runtime (${_found}): expected its C++ headers beside it, found no"
                        " onnxruntime_cxx_api.h: install them, or remove that ONNX Runtime")
  endif()
  set_property(TARGET ${_target} APPEND PROPERTY
               INTERFACE_INCLUDE_DIRECTORIES ${SMARTSYNCH_ORT_HEADERS})
  set_property(TARGET ${_target} APPEND PROPERTY
               INTERFACE_SYSTEM_INCLUDE_DIRECTORIES ${SMARTSYNCH_ORT_HEADERS})
  if(NOT TARGET onnxruntime::onnxruntime)
    add_library(onnxruntime::onnxruntime ALIAS PkgConfig::SMARTSYNCH_ORT)
  endif()
  set(${result} "${_found}" PARENT_SCOPE)
endfunction()

function(smartsynch_onnxruntime)
  if(TARGET onnxruntime::onnxruntime)
    return()
  endif()
  smartsynch_find_system_onnxruntime(_system)
  if(_system)
    message(STATUS "ONNX Runtime: ${_system}")
    return()
  endif()
  get_filename_component(_cache "${SMARTSYNCH_ONNXRUNTIME_CACHE}" ABSOLUTE)
  set(_library ${_cache}/lib/libonnxruntime.so.1)
  if(NOT EXISTS ${_library} OR NOT EXISTS ${_cache}/include/onnxruntime_cxx_api.h)
    message(FATAL_ERROR "ONNX Runtime not found: expected a system-wide one (CMake package onnxruntime"
                        " or pkg-config libonnxruntime) or ${_library}: run tools/setup.sh --native")
  endif()
  add_library(onnxruntime::onnxruntime SHARED IMPORTED)
  set_target_properties(onnxruntime::onnxruntime PROPERTIES
    IMPORTED_LOCATION ${_library}
    IMPORTED_SONAME libonnxruntime.so.1
    INTERFACE_INCLUDE_DIRECTORIES ${_cache}/include
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES ${_cache}/include)
  message(STATUS "ONNX Runtime: ${_library}")
endfunction()
