// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// A user's program: it includes the library's face, calls it and expects a clear answer.
#include <holdfast/client.h>
#include <holdfast/version.h>

#include <cstdio>

int main() {
  const holdfast::Config empty;
  if (holdfast::validate(empty).empty()) {
    std::puts("a configuration without servers was accepted");
    return 1;
  }
  holdfast::Listener listener;
  const auto client = holdfast::Client::create(empty, holdfast::Ports{}, listener, {}, {});
  if (client.has_value() || client.error().code() != holdfast::Code::invalid_argument) {
    std::puts("a client without servers and ports was made");
    return 1;
  }
  std::printf("holdfast %s: %s\n", HOLDFAST_VERSION, client.error().message());
  return 0;
}
