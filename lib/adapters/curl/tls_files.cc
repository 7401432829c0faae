// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/tls_files.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "holdfast/types.h"

#ifdef HOLDFAST_CURL_MBEDTLS
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/pk.h>
#include <mbedtls/version.h>
#include <mbedtls/x509_crt.h>
#elif defined(HOLDFAST_CURL_OPENSSL)
#include <openssl/err.h>
#include <openssl/pem.h>
#endif

namespace holdfast::curl {
namespace {

constexpr off_t kMostBytes = 4 << 20;  // a system's whole store has 200 to 300 KB

// Whole and regular: a pipe would block the loop that everybody waits for. The room is there before
// the first byte, so that a key leaves no outgrown copy behind.
bool read_file(const std::string& path, std::string& content) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return false;
  struct stat found = {};
  bool whole = ::fstat(fd, &found) == 0 && S_ISREG(found.st_mode) && found.st_size > 0 &&
               found.st_size <= kMostBytes;
  if (whole) content.resize(static_cast<size_t>(found.st_size));
  for (size_t at = 0; whole && at < content.size();) {
    const ssize_t got = ::read(fd, &content[at], content.size() - at);
    if (got > 0) {
      at += static_cast<size_t>(got);
    } else {
      whole = got < 0 && errno == EINTR;
    }
  }
  (void)::close(fd);
  return whole;
}

bool contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

#ifdef HOLDFAST_CURL_MBEDTLS

const unsigned char* bytes_of(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.c_str());
}

// As libcurl will: with the NUL that makes mbedTLS look for PEM.
int parse_certificates(const std::string& pem) {
  mbedtls_x509_crt chain;
  mbedtls_x509_crt_init(&chain);
  const int result = mbedtls_x509_crt_parse(&chain, bytes_of(pem), pem.size() + 1);
  mbedtls_x509_crt_free(&chain);
  return result;
}

// Some of many authorities may be of a kind that mbedTLS doesn't know; libcurl goes on as well.
bool are_authorities(const std::string& pem) { return parse_certificates(pem) >= 0; }
bool is_certificate(const std::string& pem) { return parse_certificates(pem) == 0; }

bool is_key(const std::string& pem) {
  mbedtls_pk_context key;
  mbedtls_pk_init(&key);
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
  mbedtls_entropy_context entropy;
  mbedtls_ctr_drbg_context random;
  mbedtls_entropy_init(&entropy);
  mbedtls_ctr_drbg_init(&random);
  int result = mbedtls_ctr_drbg_seed(&random, mbedtls_entropy_func, &entropy, nullptr, 0);
  if (result == 0) {
    result = mbedtls_pk_parse_key(&key, bytes_of(pem), pem.size() + 1, nullptr, 0,
                                  mbedtls_ctr_drbg_random, &random);
  }
  mbedtls_ctr_drbg_free(&random);
  mbedtls_entropy_free(&entropy);
#else
  const int result = mbedtls_pk_parse_key(&key, bytes_of(pem), pem.size() + 1, nullptr, 0);
#endif
  const bool usable = result == 0 && (mbedtls_pk_can_do(&key, MBEDTLS_PK_RSA) != 0 ||
                                      mbedtls_pk_can_do(&key, MBEDTLS_PK_ECKEY) != 0);
  mbedtls_pk_free(&key);
  return usable;
}

#elif defined(HOLDFAST_CURL_OPENSSL)

struct BioDeleter {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Bio = std::unique_ptr<BIO, BioDeleter>;

Bio reader_of(const std::string& pem) {
  return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

// The first one; libcurl reads on and says itself what it doesn't like.
bool is_certificate(const std::string& pem) {
  const Bio bio = reader_of(pem);
  X509* const first = bio ? PEM_read_bio_X509_AUX(bio.get(), nullptr, nullptr, nullptr) : nullptr;
  const bool found = first != nullptr;
  X509_free(first);
  ERR_clear_error();
  return found;
}

bool are_authorities(const std::string& pem) { return is_certificate(pem); }

bool is_key(const std::string& pem) {
  const Bio bio = reader_of(pem);
  const auto no_passphrase = [](char*, int, int, void*) { return -1; };
  EVP_PKEY* const key =
      bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr) : nullptr;
  const bool found = key != nullptr;
  EVP_PKEY_free(key);
  ERR_clear_error();
  return found;
}

#else

// The other backends say themselves what they don't like.
bool are_authorities(const std::string& pem) { return contains(pem, "-----BEGIN "); }
bool is_certificate(const std::string& pem) { return contains(pem, "-----BEGIN "); }
bool is_key(const std::string& pem) { return contains(pem, "-----BEGIN "); }

#endif

}  // namespace

bool TlsFiles::same(const Stamp& a, const Stamp& b) {
  const auto equal = [](const timespec& x, const timespec& y) {
    return x.tv_sec == y.tv_sec && x.tv_nsec == y.tv_nsec;
  };
  return a.device == b.device && a.inode == b.inode && a.size == b.size &&
         equal(a.modified, b.modified) && equal(a.changed, b.changed);
}

TlsFiles::Stamp TlsFiles::stamp_of(const std::string& path) {
  struct stat found = {};
  if (path.empty() || ::stat(path.c_str(), &found) != 0) return {};
  return {found.st_dev, found.st_ino, found.st_size, found.st_mtim, found.st_ctim};
}

bool TlsFiles::holds(const std::string& path, Kind kind) {
  if (path.empty()) return true;
  std::string content;
  bool good = read_file(path, content);
  if (good && kind == Kind::authorities) good = are_authorities(content);
  if (good && kind == Kind::certificate) good = is_certificate(content);
  // Nobody is there to type a passphrase in, and OpenSSL would ask for it on the terminal.
  if (good && kind == Kind::key) good = !contains(content, "ENCRYPTED") && is_key(content);
  wipe(content);
  if (!good) culprit_ = path;
  return good;
}

Status TlsFiles::check() {
  const std::array<Stamp, 3> now = {stamp_of(tls_.ca_file), stamp_of(tls_.client_certificate_file),
                                    stamp_of(tls_.client_key_file)};
  if (looked_ && same(now[0], stamps_[0]) && same(now[1], stamps_[1]) && same(now[2], stamps_[2])) {
    return found_;
  }
  looked_ = true;
  stamps_ = now;
  culprit_.clear();
  found_ = {};
  if (!holds(tls_.ca_file, Kind::authorities)) {
    found_ = Status(Code::invalid_argument, CURLE_SSL_CACERT_BADFILE);
  } else if (!tls_.ca_pem.empty() && !are_authorities(tls_.ca_pem)) {
    culprit_ = "ca_pem";
    found_ = Status(Code::invalid_argument, CURLE_SSL_CACERT_BADFILE);
  } else if (!holds(tls_.client_certificate_file, Kind::certificate) ||
             !holds(tls_.client_key_file, Kind::key)) {
    found_ = Status(Code::invalid_argument, CURLE_SSL_CERTPROBLEM);
  }
  return found_;
}

}  // namespace holdfast::curl
