# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0

# Finds c-ares and defines c-ares::cares, the name of its own CMake package, which not every
# distribution ships. A package that the build provides wins.
find_package(c-ares CONFIG QUIET)
if(TARGET c-ares::cares)
  include(FindPackageHandleStandardArgs)
  find_package_handle_standard_args(c-ares CONFIG_MODE)
  return()
endif()

find_path(CARES_INCLUDE_DIR ares.h)
find_library(CARES_LIBRARY cares)
mark_as_advanced(CARES_INCLUDE_DIR CARES_LIBRARY)

if(CARES_INCLUDE_DIR AND EXISTS "${CARES_INCLUDE_DIR}/ares_version.h")
  file(STRINGS "${CARES_INCLUDE_DIR}/ares_version.h" version_line
    REGEX "define ARES_VERSION_STR +\"")
  string(REGEX MATCH "[0-9]+\\.[0-9]+\\.[0-9]+" c-ares_VERSION "${version_line}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(c-ares
  REQUIRED_VARS CARES_LIBRARY CARES_INCLUDE_DIR VERSION_VAR c-ares_VERSION)

if(c-ares_FOUND)
  add_library(c-ares::cares UNKNOWN IMPORTED)
  set_target_properties(c-ares::cares PROPERTIES
    IMPORTED_LOCATION "${CARES_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${CARES_INCLUDE_DIR}")
endif()
