# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0

# Cross build for aarch64 with Debian's cross compiler; programs run under qemu-user, so ctest works as
# on the host. The C and C++ libraries come with the compiler; everything else from a private sysroot
# that toolchains/sysroot.sh makes (HOLDFAST_SYSROOT names another one).
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)

set(HOLDFAST_SYSROOT "${CMAKE_CURRENT_LIST_DIR}/../build/sysroot-aarch64" CACHE PATH
  "Root of the libraries and headers for aarch64")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES HOLDFAST_SYSROOT)
get_filename_component(holdfast_root "${HOLDFAST_SYSROOT}" ABSOLUTE)
if(NOT EXISTS "${holdfast_root}/complete")
  message(FATAL_ERROR
    "No sysroot for aarch64 at ${holdfast_root}: run toolchains/sysroot.sh aarch64 first, or set "
    "HOLDFAST_SYSROOT to yours (and create the file 'complete' in it).")
endif()

# Libraries of one's own (toolchains/minimal_curl.sh) come first, wherever CMAKE_PREFIX_PATH says.
set(CMAKE_FIND_ROOT_PATH ${CMAKE_PREFIX_PATH} "${holdfast_root}")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_LIBDIR}
  "${holdfast_root}/usr/lib/aarch64-linux-gnu/pkgconfig:${holdfast_root}/usr/share/pkgconfig")
set(ENV{PKG_CONFIG_SYSROOT_DIR} "${holdfast_root}")

# Shared libraries of the sysroot need others of it; the linker must look there for them.
add_link_options("-Wl,-rpath-link,${holdfast_root}/usr/lib/aarch64-linux-gnu"
  "-Wl,-rpath-link,${holdfast_root}/lib/aarch64-linux-gnu")

set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64-static -L "${holdfast_root}")
