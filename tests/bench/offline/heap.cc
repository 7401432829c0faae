// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "heap.h"

#include <curl/curl.h>
#include <malloc.h>
#include <openssl/crypto.h>
#include <sqlite3.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>

extern "C" {
// glibc's own, below the ones that are replaced here.
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* block, size_t size);
void* __libc_memalign(size_t alignment, size_t size);
void __libc_free(void* block);
}

namespace holdfast::bench::heap {
namespace {

class Count {
 public:
  void add(size_t bytes) {
    const size_t now = now_.fetch_add(bytes, std::memory_order_relaxed) + bytes;
    size_t peak = peak_.load(std::memory_order_relaxed);
    while (now > peak && !peak_.compare_exchange_weak(peak, now, std::memory_order_relaxed)) {
    }
  }
  void remove(size_t bytes) { now_.fetch_sub(bytes, std::memory_order_relaxed); }
  size_t now() const { return now_.load(); }
  size_t peak() const { return peak_.load(); }
  void forget_peak() { peak_.store(now()); }

 private:
  std::atomic<size_t> now_{0};
  std::atomic<size_t> peak_{0};
};

Count own;
Count apart;
size_t marked = 0;

template <Count& count>
void* counted(void* block) {
  if (block != nullptr) count.add(malloc_usable_size(block));
  return block;
}

template <Count& count>
void release(void* block) {
  if (block == nullptr) return;
  count.remove(malloc_usable_size(block));
  __libc_free(block);
}

template <Count& count>
void* reallocate(void* block, size_t size) {
  const size_t before = block == nullptr ? 0 : malloc_usable_size(block);
  void* const moved = __libc_realloc(block, size);
  if (moved == nullptr && size != 0) return nullptr;
  count.remove(before);
  return counted<count>(moved);
}

void* curl_allocate(size_t size) { return counted<apart>(__libc_malloc(size)); }
void* curl_zeroed(size_t count, size_t size) { return counted<apart>(__libc_calloc(count, size)); }
void* curl_reallocate(void* block, size_t size) { return reallocate<apart>(block, size); }
void curl_release(void* block) { release<apart>(block); }
char* curl_duplicate(const char* text) {
  const size_t size = std::strlen(text) + 1;
  void* const copy = curl_allocate(size);
  if (copy != nullptr) std::memcpy(copy, text, size);
  return static_cast<char*>(copy);
}

void* tls_allocate(size_t size, const char*, int) {
  return size == 0 ? nullptr : curl_allocate(size);
}
void* tls_reallocate(void* block, size_t size, const char*, int) {
  if (size != 0) return reallocate<apart>(block, size);
  release<apart>(block);
  return nullptr;
}
void tls_release(void* block, const char*, int) { release<apart>(block); }

}  // namespace

bool count_apart() {
  return CRYPTO_set_mem_functions(tls_allocate, tls_reallocate, tls_release) == 1 &&
         curl_global_init_mem(CURL_GLOBAL_DEFAULT, curl_allocate, curl_release, curl_reallocate,
                              curl_duplicate, curl_zeroed) == CURLE_OK;
}

void forget_peaks() {
  own.forget_peak();
  apart.forget_peak();
  (void)sqlite3_memory_highwater(1);
}

void mark() {
  forget_peaks();
  marked = own.now();
}

Use since_mark() {
  return {own.peak() - marked, apart.peak(), static_cast<size_t>(sqlite3_memory_highwater(0))};
}

}  // namespace holdfast::bench::heap

extern "C" {

using holdfast::bench::heap::counted;
using holdfast::bench::heap::own;

void* malloc(size_t size) { return counted<own>(__libc_malloc(size)); }
void* calloc(size_t count, size_t size) { return counted<own>(__libc_calloc(count, size)); }
void* realloc(void* block, size_t size) {
  return holdfast::bench::heap::reallocate<own>(block, size);
}
void* memalign(size_t alignment, size_t size) {
  return counted<own>(__libc_memalign(alignment, size));
}
void* aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }
int posix_memalign(void** block, size_t alignment, size_t size) {
  *block = memalign(alignment, size);
  return *block == nullptr ? ENOMEM : 0;
}
void free(void* block) { holdfast::bench::heap::release<own>(block); }
}
