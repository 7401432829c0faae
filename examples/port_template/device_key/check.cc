// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Says whether the board has its key. Replace it by a test on the board that calls
// holdfast::conformance::device_key().
#include <cstdio>

#include "board_key.h"

int main() {
  std::string problem;
  const auto key = board_key(BoardKeyConfig{}, &problem);
  if (key) {
    std::printf("device key of tier %s\n", to_string((*key)->tier()));
    return 1;  // not in the template
  }
  std::printf("%s: %s\n", key.error().message(), problem.c_str());
  return key.error().code() == holdfast::Code::crypto_failed && !problem.empty() ? 0 : 1;
}
