// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Stored records after whatever the medium did to them. The first letter says what the rest is: 'f'
// and 'j' a whole record, 'F' and 'J' what stands within its envelope, which a fuzzer would never
// get past: it is put around here.
#include "codec/bytes.h"
#include "codec/state_records.h"
#include "fuzz.h"

using namespace holdfast;

namespace {

std::string sealed(char kind, std::string_view payload) {
  codec::ByteWriter writer;
  writer.raw("HFST");
  writer.number(static_cast<uint8_t>(kind), 1);
  writer.number(1, 2);
  writer.number(payload.size(), 4);
  writer.raw(payload);
  writer.number(codec::crc32(writer.bytes()), 4);
  return writer.take();
}

// Each record has one form only.
void check_failover(const std::string& bytes) {
  const auto record = codec::decode_failover(bytes);
  if (!record) {
    HOLDFAST_MUST(record.error().code() == Code::corrupt ||
                  record.error().code() == Code::unsupported);
    return;
  }
  const auto again = codec::encode(*record);
  HOLDFAST_MUST(again.has_value() && *again == bytes);
}

// But for the names, which a writer may put in any order, or in vain.
void check_jobs(const std::string& bytes) {
  const auto record = codec::decode_jobs(bytes);
  if (!record) {
    HOLDFAST_MUST(record.error().code() == Code::corrupt ||
                  record.error().code() == Code::unsupported);
    return;
  }
  HOLDFAST_MUST(record->jobs.size() <= codec::kMaxStoredJobs);
  const auto once = codec::encode(*record);
  HOLDFAST_MUST(once.has_value());
  const auto decoded = codec::decode_jobs(*once);
  HOLDFAST_MUST(decoded.has_value() && decoded->jobs.size() == record->jobs.size());
  const auto twice = codec::encode(*decoded);
  HOLDFAST_MUST(twice.has_value() && *twice == *once);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view rest = fuzz::bytes_of(data, size);
  const char kind = fuzz::take_byte(rest);
  if (kind == 'f') check_failover(std::string(rest));
  if (kind == 'j') check_jobs(std::string(rest));
  if (kind == 'F') check_failover(sealed(kind, rest));
  if (kind == 'J') check_jobs(sealed(kind, rest));
  return 0;
}
