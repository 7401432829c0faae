// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Certificates made by the `openssl` program when a test needs them, and its `s_server` as a peer.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "support/temporary_directory.h"

namespace holdfast::test {

// One set for the life of the object. Each name has NAME.pem and NAME.key:
//   ca, other-ca   authorities
//   server         for 127.0.0.1 and localhost, by ca
//   wrong-host     for print.example, by ca
//   127.0.0.1      so called, and without any alternative name, by ca
//   expired        for 127.0.0.1, ended years ago, by ca
//   future         for 127.0.0.1, begins in 2037, by ca
//   device         a client's, by ca
//   renewed        the same device's next one
//   stranger       a client's, by other-ca
//   lapsed         a client's, ended years ago, by ca
class TestCertificates {
 public:
  TestCertificates();

  std::string certificate(const std::string& name) const { return directory_ / (name + ".pem"); }
  std::string key(const std::string& name) const { return directory_ / (name + ".key"); }
  // base64 of the SHA-256 of NAME's public key.
  std::string pin(const std::string& name) const;

 private:
  TemporaryDirectory directory_;
};

// openssl s_server on a loopback port of the kernel's choice; answers each GET with a page.
class TlsServer {
 public:
  TlsServer(const TestCertificates& certificates, const std::string& name,
            const std::vector<std::string>& more_arguments = {});
  ~TlsServer();
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  uint16_t port() const { return port_; }
  std::string url() const { return "https://127.0.0.1:" + std::to_string(port_); }

 private:
  pid_t pid_ = -1;
  int output_ = -1;
  int input_ = -1;
  uint16_t port_ = 0;
};

}  // namespace holdfast::test
