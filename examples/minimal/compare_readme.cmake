# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0

# cmake -DREADME=FILE -DSOURCE=FILE -P compare_readme.cmake: the README's first block of C++ is the
# source without its leading comment.
file(READ "${README}" readme)
file(READ "${SOURCE}" source)
string(FIND "${readme}" "```cpp\n" begin)
if(begin LESS 0)
  message(FATAL_ERROR "${README}: no block of C++")
endif()
math(EXPR begin "${begin} + 7")
string(SUBSTRING "${readme}" ${begin} -1 block)
string(FIND "${block}" "```" end)
string(SUBSTRING "${block}" 0 ${end} block)
string(FIND "${source}" "#include" begin)
string(SUBSTRING "${source}" ${begin} -1 source)
if(NOT block STREQUAL source)
  message(FATAL_ERROR "${README}: its first block of C++ differs from ${SOURCE}; copy it anew")
endif()
