# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0

# Finds mbedTLS and defines MbedTLS::mbedcrypto, MbedTLS::mbedx509 and MbedTLS::mbedtls, the names of
# its own CMake package, which not every distribution ships. A package that the build provides wins.
# Each major version is asked for by name: the package of one says no to any other.
foreach(version IN ITEMS 3.0 2.28)
  find_package(MbedTLS ${version} CONFIG QUIET)
  if(TARGET MbedTLS::mbedcrypto)
    include(FindPackageHandleStandardArgs)
    find_package_handle_standard_args(MbedTLS CONFIG_MODE)
    return()
  endif()
endforeach()

find_path(MbedTLS_INCLUDE_DIR mbedtls/version.h)
find_library(MbedTLS_CRYPTO_LIBRARY mbedcrypto)
find_library(MbedTLS_X509_LIBRARY mbedx509)
find_library(MbedTLS_TLS_LIBRARY mbedtls)
mark_as_advanced(MbedTLS_INCLUDE_DIR MbedTLS_CRYPTO_LIBRARY MbedTLS_X509_LIBRARY
  MbedTLS_TLS_LIBRARY)

# The version moved from version.h to build_info.h with 3.0.
foreach(header IN ITEMS build_info.h version.h)
  set(header_path "${MbedTLS_INCLUDE_DIR}/mbedtls/${header}")
  if(MbedTLS_INCLUDE_DIR AND NOT MbedTLS_VERSION AND EXISTS "${header_path}")
    file(STRINGS "${header_path}" version_line REGEX "define MBEDTLS_VERSION_STRING +\"")
    string(REGEX MATCH "[0-9]+\\.[0-9]+\\.[0-9]+" MbedTLS_VERSION "${version_line}")
  endif()
endforeach()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(MbedTLS
  REQUIRED_VARS MbedTLS_CRYPTO_LIBRARY MbedTLS_X509_LIBRARY MbedTLS_TLS_LIBRARY MbedTLS_INCLUDE_DIR
  VERSION_VAR MbedTLS_VERSION)

if(MbedTLS_FOUND)
  add_library(MbedTLS::mbedcrypto UNKNOWN IMPORTED)
  set_target_properties(MbedTLS::mbedcrypto PROPERTIES
    IMPORTED_LOCATION "${MbedTLS_CRYPTO_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${MbedTLS_INCLUDE_DIR}")
  add_library(MbedTLS::mbedx509 UNKNOWN IMPORTED)
  set_target_properties(MbedTLS::mbedx509 PROPERTIES
    IMPORTED_LOCATION "${MbedTLS_X509_LIBRARY}"
    INTERFACE_LINK_LIBRARIES MbedTLS::mbedcrypto)
  add_library(MbedTLS::mbedtls UNKNOWN IMPORTED)
  set_target_properties(MbedTLS::mbedtls PROPERTIES
    IMPORTED_LOCATION "${MbedTLS_TLS_LIBRARY}"
    INTERFACE_LINK_LIBRARIES MbedTLS::mbedx509)
endif()
