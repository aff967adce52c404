# `cmake --install`: the core's library and headers, the base model, and a package for
# find_package(SmartSynch), which gives SmartSynch::core and SMARTSYNCH_MODEL_DIR.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set_target_properties(smartsynch_core PROPERTIES EXPORT_NAME core)
install(TARGETS smartsynch_core EXPORT SmartSynchTargets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY ${CMAKE_SOURCE_DIR}/core/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY ${CMAKE_SOURCE_DIR}/models/base_model DESTINATION ${CMAKE_INSTALL_DATADIR}/smartsynch)
install(FILES ${CMAKE_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/smartsynch)

set(_package ${CMAKE_INSTALL_LIBDIR}/cmake/SmartSynch)
set(SMARTSYNCH_MODEL_DIR ${CMAKE_INSTALL_DATADIR}/smartsynch/base_model)
install(EXPORT SmartSynchTargets NAMESPACE SmartSynch:: DESTINATION ${_package})
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/SmartSynchConfig.cmake.in
                              ${CMAKE_BINARY_DIR}/SmartSynchConfig.cmake
                              INSTALL_DESTINATION ${_package} PATH_VARS SMARTSYNCH_MODEL_DIR)
# Before 1.0 a minor release may break: only the same one is compatible.
write_basic_package_version_file(${CMAKE_BINARY_DIR}/SmartSynchConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/SmartSynchConfig.cmake
              ${CMAKE_BINARY_DIR}/SmartSynchConfigVersion.cmake DESTINATION ${_package})
