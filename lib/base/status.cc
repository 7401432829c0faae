// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "holdfast/status.h"

namespace holdfast {

const char* Status::message() const {
  switch (code_) {
    case Code::ok:
      return "ok";
    case Code::invalid_argument:
      return "the call or a value in it is wrong; correct the caller";
    case Code::not_found:
      return "there is nothing under that key, id or ticket; ask for what exists";
    case Code::busy:
      return "a configured limit is reached; try again when something has ended";
    case Code::unsupported:
      return "a port, a backend or a record's version can't do that; use another or update";
    case Code::io_error:
      return "a port failed to read or write; look at the number (errno) and the device";
    case Code::no_space:
      return "the disk or a quota is full; free space and try again";
    case Code::read_only:
      return "the state can't be written; make its place writable";
    case Code::corrupt:
      return "data isn't what it claims to be; it was not used, look at where it came from";
    case Code::unavailable:
      return "no server can be asked now; try again later or look at the network";
    case Code::timed_out:
      return "the deadline passed without an answer; try again, or allow more time";
    case Code::refused:
      return "the other side said no; look at rights, token or certificate";
    case Code::crypto_failed:
      return "the cryptographic backend failed; don't go on without it";
    case Code::already_exists:
      return "that name or id is taken; choose another or use what is there";
  }
  return "unknown status; the caller is newer or damaged";
}

const char* to_string(Code code) {
  switch (code) {
    case Code::ok:
      return "ok";
    case Code::invalid_argument:
      return "invalid_argument";
    case Code::not_found:
      return "not_found";
    case Code::busy:
      return "busy";
    case Code::unsupported:
      return "unsupported";
    case Code::io_error:
      return "io_error";
    case Code::no_space:
      return "no_space";
    case Code::read_only:
      return "read_only";
    case Code::corrupt:
      return "corrupt";
    case Code::unavailable:
      return "unavailable";
    case Code::timed_out:
      return "timed_out";
    case Code::refused:
      return "refused";
    case Code::crypto_failed:
      return "crypto_failed";
    case Code::already_exists:
      return "already_exists";
  }
  return "?";
}

}  // namespace holdfast
