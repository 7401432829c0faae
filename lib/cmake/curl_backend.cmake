# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0

# Whether libcurl's TLS is mbedTLS. Then the transport asks mbedTLS itself why a certificate failed,
# which libcurl doesn't pass on; without it such a server is quarantined for an unnamed reason. A
# static libcurl brings its backend along, so that one of its functions links; a shared one hides it,
# and -DHOLDFAST_CURL_MBEDTLS=ON says it instead.
if(NOT DEFINED HOLDFAST_CURL_MBEDTLS)
  find_package(MbedTLS QUIET)
  set(backend_found FALSE)
  if(TARGET MbedTLS::mbedtls)
    include(CheckCXXSourceCompiles)
    include(CMakePushCheckState)
    cmake_push_check_state(RESET)
    get_target_property(mbedtls_includes MbedTLS::mbedcrypto INTERFACE_INCLUDE_DIRECTORIES)
    if(mbedtls_includes)
      set(CMAKE_REQUIRED_INCLUDES "${mbedtls_includes}")
    endif()
    # A check's project doesn't know aliases.
    get_target_property(libcurl CURL::libcurl ALIASED_TARGET)
    if(NOT libcurl)
      set(libcurl CURL::libcurl)
    endif()
    set(CMAKE_REQUIRED_LIBRARIES ${libcurl})
    set(CMAKE_REQUIRED_QUIET ON)
    check_cxx_source_compiles("
      #include <curl/curl.h>
      #include <mbedtls/ssl.h>
      int main() {
        mbedtls_ssl_conf_verify(nullptr, nullptr, nullptr);
        return curl_version_info(CURLVERSION_NOW) == nullptr;
      }" HOLDFAST_CURL_LINKS_MBEDTLS)
    cmake_pop_check_state()
    if(HOLDFAST_CURL_LINKS_MBEDTLS)
      set(backend_found TRUE)
    endif()
  endif()
  set(HOLDFAST_CURL_MBEDTLS ${backend_found} CACHE BOOL
    "libcurl's TLS is mbedTLS, the one found here")
endif()
if(HOLDFAST_CURL_MBEDTLS)
  find_package(MbedTLS 2.28 REQUIRED)
endif()
