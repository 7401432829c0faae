// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What a port wants the owner's sleep to end for, where the port has descriptors of its own.
#pragma once

namespace holdfast {

// Waited for with poll(2) semantics: ready also means that it failed or was closed. Borrowed for
// one wait; it stays the port's.
struct WaitOn {
  int fd = -1;
  bool read = true;
  bool write = false;
};

}  // namespace holdfast
