// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What a server says of its users. The first letter says what: 'm' a manifest, 'c' a chunk, 'a' the
// answer to audit events. What is accepted keeps to the limits of the protocol, can be asked for,
// and means nothing else when it is signed.
#include <algorithm>

#include "base/hex.h"
#include "codec/protocol_v1.h"
#include "fuzz.h"

using namespace holdfast;

namespace {

const DeviceIdentity kDevice{"mfp-1", "token"};

size_t lines_of(const std::string& text) {
  return static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
}

void check_manifest(codec::ProtocolV1& protocol, const WireAnswer& answer) {
  const auto manifest = protocol.read_users(kDevice, "hq", answer);
  if (!manifest) return;
  HOLDFAST_MUST(manifest->version <= uint64_t{INT64_MAX});
  HOLDFAST_MUST(manifest->full ? manifest->base_version == 0
                               : manifest->base_version <= manifest->version);
  HOLDFAST_MUST(manifest->chunks.size() <= 4096);
  for (const UsersChunk& chunk : manifest->chunks) {
    HOLDFAST_MUST(is_id(chunk.id) && is_lower_hex(chunk.sha256, 64));
    HOLDFAST_MUST(chunk.bytes >= 1 && chunk.bytes <= 65536);
    fuzz::must_be_one_request(protocol.users_chunk(kDevice, chunk.id));
  }
  // One line for each thing that is signed: nothing in it can make another.
  HOLDFAST_MUST(lines_of(manifest->signed_bytes) == 6 + manifest->chunks.size());
  HOLDFAST_MUST(manifest->signature.empty() || is_id(manifest->key_id));
  fuzz::must_be_one_request(protocol.users(kDevice, manifest->version));
}

void check_put(const UserChange& change) {
  const User& user = change.user;
  HOLDFAST_MUST(!user.name.empty() && printable(user.name, user.name.size()) == user.name);
  HOLDFAST_MUST(printable(user.display_name, user.display_name.size()) == user.display_name);
  HOLDFAST_MUST(user.rights.size() <= 64 &&
                std::all_of(user.rights.begin(), user.rights.end(), is_id));
  HOLDFAST_MUST(change.verifiers.size() <= 64);
  for (const Verifier& verifier : change.verifiers) {
    HOLDFAST_MUST(verifier.salt.size() >= 8 && verifier.salt.size() <= 64);
    HOLDFAST_MUST(verifier.iterations >= 1 && verifier.iterations <= 1000000);
    HOLDFAST_MUST(verifier.kind <= CredentialKind::password);
  }
}

void check_chunk(codec::ProtocolV1& protocol, const std::string& bytes) {
  const auto changes = protocol.read_users_chunk(bytes);
  if (!changes) {
    HOLDFAST_MUST(changes.error().code() == Code::corrupt);
    return;
  }
  HOLDFAST_MUST(bytes.size() <= 65536 && changes->size() == lines_of(bytes));
  for (const UserChange& change : *changes) {
    HOLDFAST_MUST(is_id(change.user.user_uid));
    if (!change.removed) check_put(change);
    HOLDFAST_MUST(!change.removed || change.verifiers.empty());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view rest = fuzz::bytes_of(data, size);
  const char kind = fuzz::take_byte(rest);
  codec::ProtocolV1 protocol;
  const std::string body(rest);
  const Headers headers;
  const WireAnswer answer{200, &headers, &body};
  if (kind == 'm') check_manifest(protocol, answer);
  if (kind == 'c') check_chunk(protocol, body);
  if (kind != 'a') return 0;
  const auto through = protocol.read_audit(answer);
  HOLDFAST_MUST(!through || *through <= uint64_t{INT64_MAX});
  return 0;
}
