// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0

// Preloaded into the print server: notes what makes data durable, and each answer, in the order in
// which they happen. kill -9 can't tell whether anything was synced, since the kernel keeps it.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

void note(const char* what, const char* which) {
  static const int log = [] {
    const char* path = std::getenv("TRACE_SYNC_LOG");
    return path == nullptr ? -1 : open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  }();
  char line[600];
  const int size = std::snprintf(line, sizeof line, "%s %s\n", what, which);
  if (log >= 0 && size > 0 && write(log, line, static_cast<size_t>(size)) < 0) std::abort();
}

void note(const char* what, int descriptor) {
  char link[64];
  char path[512] = "";
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  const ssize_t size = readlink(link, path, sizeof path - 1);
  note(what, size > 0 ? path : "?");
}

template <typename Function>
Function next(Function, const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

int fsync(int descriptor) {
  const int result = next(&fsync, "fsync")(descriptor);
  note("fsync", descriptor);
  return result;
}

int fdatasync(int descriptor) {
  const int result = next(&fdatasync, "fdatasync")(descriptor);
  note("fsync", descriptor);
  return result;
}

int rename(const char* from, const char* to) noexcept {
  const int result = next(&rename, "rename")(from, to);
  note("rename", to);
  return result;
}

ssize_t send(int socket, const void* data, size_t size, int flags) {
  const char* text = static_cast<const char*>(data);
  if (size > 12 && std::memcmp(text, "HTTP/1.1 2", 10) == 0) note("answer", "");
  return next(&send, "send")(socket, data, size, flags);
}

}  // extern "C"
