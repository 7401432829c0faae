// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

namespace print_server {

// An answer that refuses: thrown by an operation, rendered as application/problem+json (RFC 9457).
struct Problem {
  Problem(int status_code, std::string problem_name, std::string what)
      : status(status_code), name(std::move(problem_name)), detail(std::move(what)) {}

  Problem&& retry_after(int seconds) && {
    retry_after_s = seconds;
    return std::move(*this);
  }

  int status;
  std::string name;  // type is "urn:holdfast:problem:" + name
  std::string detail;
  int retry_after_s = -1;  // Retry-After is sent when not negative
  std::string claimed_by;  // job-claimed
  std::string state;       // job-ended
};

inline Problem invalid_request(std::string detail) {
  return Problem(400, "invalid-request", std::move(detail));
}

}  // namespace print_server
