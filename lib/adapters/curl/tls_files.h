// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The device's own TLS files, looked at before libcurl is asked to use them. What can't be used is
// named, and libcurl never meets it: its mbedTLS backend loses about 1 KB each time it does.
#pragma once

#include <sys/stat.h>

#include <array>
#include <string>

#include "holdfast/config.h"
#include "holdfast/status.h"

namespace holdfast::curl {

class TlsFiles {
 public:
  explicit TlsFiles(const TlsConfig& tls) : tls_(tls) {}

  // invalid_argument with the CURLcode that libcurl has for it: a file can't be read, doesn't hold
  // what it should, or is a key with a passphrase. Files that haven't changed aren't read again.
  Status check();
  // After check() wasn't ok: the file's path, or "ca_pem".
  const std::string& culprit() const { return culprit_; }

 private:
  // Which version of a file was looked at.
  struct Stamp {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = -1;
    timespec modified = {};
    timespec changed = {};
  };
  enum class Kind { authorities, certificate, key };

  static bool same(const Stamp& a, const Stamp& b);
  static Stamp stamp_of(const std::string& path);
  bool holds(const std::string& path, Kind kind);

  TlsConfig tls_;
  bool looked_ = false;
  std::array<Stamp, 3> stamps_;
  Status found_;
  std::string culprit_;
};

}  // namespace holdfast::curl
