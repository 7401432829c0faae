# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0

# The distribution's Python has the packages that the tests need; another one earlier in PATH may not.
find_program(HOLDFAST_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH)
find_program(HOLDFAST_PYTHON python3 REQUIRED)
set(Python3_EXECUTABLE "${HOLDFAST_PYTHON}")
find_package(Python3 3.9 REQUIRED COMPONENTS Interpreter)
# It is the host's: a cross build's tests must not start it under the emulator.
set_target_properties(Python3::Interpreter PROPERTIES CROSSCOMPILING_EMULATOR "")
find_package(doctest 2.4 CONFIG REQUIRED)

# doctest and JSON cost seconds for each file: keep the files that include them few. doctest's main()
# is compiled once, here.
if(NOT TARGET holdfast_test_main)
  add_library(holdfast_test_main OBJECT "${CMAKE_CURRENT_LIST_DIR}/test_main.cc")
  holdfast_compile_options(holdfast_test_main)
  target_link_libraries(holdfast_test_main PUBLIC doctest::doctest)
  if(HOLDFAST_NO_EXCEPTIONS)
    target_compile_definitions(holdfast_test_main PUBLIC
      DOCTEST_CONFIG_NO_EXCEPTIONS_BUT_WITH_ALL_ASSERTS)
  endif()
endif()

# holdfast_test(<name> <sources>... LABELS <labels>... [LINKS <targets>...] [TIMEOUT <seconds>]
#               [SERIAL])
#
# One doctest program and one CTest test of that name. Labels: unit, cases, sim, fault, real, package; tests/CMakeLists.txt says what they mean. Tests that
# measure real time also take SERIAL.
function(holdfast_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "SERIAL" "TIMEOUT" "LABELS;LINKS")
  if(NOT arg_LABELS)
    message(FATAL_ERROR "holdfast_test(${name}): LABELS is missing")
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  add_executable(${name} ${arg_UNPARSED_ARGUMENTS})
  holdfast_compile_options(${name})
  target_link_libraries(${name} PRIVATE ${arg_LINKS} holdfast_internal holdfast_test_main)
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/tests")
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT}
    RUN_SERIAL ${arg_SERIAL})
endfunction()
