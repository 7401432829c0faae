// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// A printer's answer, byte by byte from an enemy.
#include "adapters/ipp/answers.h"
#include "fuzz.h"

using namespace holdfast;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes = fuzz::bytes_of(data, size);
  const bool whole = codec::ipp::is_whole(bytes);
  codec::ipp::Reader reader(bytes);
  codec::ipp::Value value;
  size_t values = 0;
  while (reader.next(value)) {
    (void)value.text();
    (void)value.number(0);
    (void)value.boolean(false);
    HOLDFAST_MUST(!value.name.empty() && ++values <= codec::ipp::kMaxValues);
  }
  HOLDFAST_MUST(reader.failed() != whole);

  TransferResult result;
  result.outcome = TransferOutcome::answered;
  result.http_status = 200;
  result.body.assign(bytes);
  (void)ipp::judge(result, reader.request_id());
  if (!whole) return 0;
  (void)ipp::read_printer(bytes, "application/pdf");
  ipp::JobFacts job;
  (void)ipp::read_job(bytes, "attempt", job);
  return 0;
}
