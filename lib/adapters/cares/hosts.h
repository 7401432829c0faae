// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The hosts file. c-ares can read it, but asks DNS for the family that the file hasn't, and in some
// versions (1.18) loses a few bytes with each name that it finds there.
#pragma once

#include <string>
#include <vector>

namespace holdfast::cares {

// The addresses that `file` gives to `host`, in its order, at most kMaxAddresses; none where it
// can't be read.
std::vector<std::string> find_in_hosts(const std::string& file, const std::string& host);

}  // namespace holdfast::cares
