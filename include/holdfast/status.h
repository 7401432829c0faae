// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Errors. A Status is 8 bytes, owns nothing and allocates nothing; its text is static and says what
// to do.
#pragma once

#include <cstdint>
#include <tl/expected.hpp>

namespace holdfast {

enum class Code : uint16_t {
  ok = 0,
  invalid_argument,  // the call is wrong; the detail says how
  not_found,         // no such key, session, job or ticket
  busy,              // a limit of the configuration is reached; try again later
  unsupported,       // a port or a backend can't do what is asked
  io_error,          // a port failed; the number is the platform's errno where there is one
  no_space,          // the disk or a quota is full
  read_only,         // the state can't be written
  corrupt,           // stored or received data isn't what it claims to be
  unavailable,       // no server can be asked now
  timed_out,         // the deadline passed without an answer
  refused,           // a server said no
  crypto_failed,     // the cryptographic backend failed or refused its self-test
  already_exists,    // the name or id is taken
};

class [[nodiscard]] Status {
 public:
  constexpr Status() = default;
  // `number` is extra evidence (an errno, an HTTP status, a CURLcode); 0 when there is none.
  constexpr Status(Code code, int32_t number = 0) : code_(code), number_(number) {}

  constexpr bool ok() const { return code_ == Code::ok; }
  constexpr Code code() const { return code_; }
  constexpr int32_t number() const { return number_; }

  // Static, English, one line, never null: what happened and what to do about it.
  const char* message() const;

 private:
  Code code_ = Code::ok;
  [[maybe_unused]] uint16_t reserved_ = 0;
  int32_t number_ = 0;
};
static_assert(sizeof(Status) == 8, "a Status travels in a register");

constexpr bool operator==(Status a, Status b) {
  return a.code() == b.code() && a.number() == b.number();
}

// A value or a Status that isn't ok. Check before use: with exceptions off an unchecked access is
// undefined.
template <class T>
using Result = tl::expected<T, Status>;

inline tl::unexpected<Status> failure(Code code, int32_t number = 0) {
  return tl::unexpected<Status>(Status(code, number));
}
inline tl::unexpected<Status> failure(Status status) { return tl::unexpected<Status>(status); }

// "io_error", "busy", ...: the enumerator's own name, for logs.
const char* to_string(Code code);

}  // namespace holdfast
