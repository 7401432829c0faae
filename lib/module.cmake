# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0

# holdfast_module(<name> <sources>... [DEPENDS <layer or imported target>...])
#
# Compiles one layer as the object library holdfast_<name> and puts its objects into the one archive
# `holdfast`. Layers are object libraries so that a test can ask each for its size and its undefined
# symbols. DEPENDS takes layers (base, core, ...) and imported targets (CURL::libcurl); what must be
# linked by users of the archive is handed on, what is only headers (nlohmann_json) is not.
function(holdfast_module name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "DEPENDS")
  set(target holdfast_${name})
  add_library(${target} OBJECT ${arg_UNPARSED_ARGUMENTS})
  holdfast_compile_options(${target})
  target_include_directories(${target} PUBLIC
    "${PROJECT_SOURCE_DIR}/include" "${PROJECT_SOURCE_DIR}/lib")
  foreach(dependency IN LISTS arg_DEPENDS)
    if(NOT dependency MATCHES "::")
      continue()  # Layers see each other by include path; their order is checked by tests/tidy.
    endif()
    target_link_libraries(${target} PRIVATE ${dependency})
    if(NOT dependency STREQUAL "nlohmann_json::nlohmann_json")
      target_link_libraries(holdfast PRIVATE ${dependency})
    endif()
  endforeach()
  # After the others: its folder may be one of headers in general, where an older curl or mbedTLS than
  # the one that was found has its own as well.
  target_link_libraries(${target} PRIVATE tl::expected)
  target_sources(holdfast PRIVATE $<TARGET_OBJECTS:${target}>)
  set_property(GLOBAL APPEND PROPERTY HOLDFAST_MODULES ${name})
endfunction()

# What every source of ours is compiled with. Nothing of it reaches a user of the library.
function(holdfast_compile_options target)
  target_compile_features(${target} PRIVATE cxx_std_17)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  if(HOLDFAST_WARNINGS)
    target_compile_options(${target} PRIVATE -Wall -Wextra -Wconversion -Wshadow
      # clang counts it to -Wconversion, GCC doesn't for C++: one rule for both.
      $<$<CXX_COMPILER_ID:Clang>:-Wno-sign-conversion>)
  endif()
  if(HOLDFAST_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  if(HOLDFAST_NO_EXCEPTIONS)
    target_compile_options(${target} PRIVATE -fno-exceptions -fno-rtti)
  endif()
endfunction()
