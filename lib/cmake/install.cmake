# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0

# Installs the archive, the headers, a CMake package and a pkg-config file.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/holdfast")
install(TARGETS holdfast EXPORT holdfastTargets
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
  FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(EXPORT holdfastTargets NAMESPACE holdfast:: DESTINATION "${package_dir}")

configure_package_config_file("${PROJECT_SOURCE_DIR}/lib/cmake/holdfastConfig.cmake.in"
  "${PROJECT_BINARY_DIR}/holdfastConfig.cmake" INSTALL_DESTINATION "${package_dir}"
  NO_SET_AND_CHECK_MACRO)
# Before 1.0 a minor release may break the API.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/holdfastConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/holdfastConfig.cmake"
  "${PROJECT_BINARY_DIR}/holdfastConfigVersion.cmake"
  "${PROJECT_SOURCE_DIR}/lib/cmake/FindMbedTLS.cmake"
  "${PROJECT_SOURCE_DIR}/lib/cmake/Findc-ares.cmake" DESTINATION "${package_dir}")

# A static library's users link what it needs: hence Libs, not Libs.private.
set(pc_requires)
set(pc_libs)
if(HOLDFAST_CURL)
  list(APPEND pc_requires libcurl)
  if(HOLDFAST_CURL_OPENSSL)
    list(APPEND pc_requires libssl libcrypto)
  endif()
endif()
if(HOLDFAST_CARES)
  list(APPEND pc_requires libcares)
endif()
if(HOLDFAST_SQLITE)
  list(APPEND pc_requires sqlite3)
endif()
if(HOLDFAST_CURL_MBEDTLS)
  list(APPEND pc_libs -lmbedtls -lmbedx509 -lmbedcrypto)
elseif(HOLDFAST_MBEDTLS)
  list(APPEND pc_libs -lmbedcrypto)
endif()
if(HOLDFAST_POSIX OR HOLDFAST_MBEDTLS)
  list(APPEND pc_libs -pthread)
endif()
# The file finds the prefix from where it lies, so an installed tree can be moved.
file(RELATIVE_PATH pc_prefix "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
string(REGEX REPLACE "/$" "" pc_prefix "${pc_prefix}")
list(JOIN pc_requires " " pc_requires)
list(JOIN pc_libs " " pc_libs)
configure_file("${PROJECT_SOURCE_DIR}/lib/cmake/holdfast.pc.in"
  "${PROJECT_BINARY_DIR}/holdfast.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/holdfast.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
