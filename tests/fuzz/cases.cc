// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// A case file: what is accepted has a valid configuration and steps in order of time.
#include "case.h"
#include "fuzz.h"

using namespace holdfast;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::vector<std::string> errors;
  const std::string text(fuzz::bytes_of(data, size));
  const std::vector<cases::Case> found = cases::parse_cases(text, &errors);
  if (!errors.empty()) return 0;
  HOLDFAST_MUST(!found.empty());
  for (const cases::Case& one : found) {
    HOLDFAST_MUST(!one.name.empty() && validate(one.config).empty());
    HOLDFAST_MUST(one.run_until >= cases::kOrigin);
    for (size_t i = 1; i < one.steps.size(); ++i)
      HOLDFAST_MUST(one.steps[i - 1].at <= one.steps[i].at);
  }
  return 0;
}
