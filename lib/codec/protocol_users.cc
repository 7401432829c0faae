// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Users for the time without a server, and what happened in it.
#include <algorithm>

#include "base/base64.h"
#include "base/hex.h"
#include "base/text.h"
#include "codec/json_writer.h"
#include "codec/protocol_v1.h"
#include "codec/time_text.h"

namespace holdfast::codec {
namespace {

constexpr size_t kMaxChunks = 4096;
constexpr uint32_t kMaxChunkBytes = 65536;
constexpr size_t kMaxLines = 4096;  // of a chunk: a line has 16 bytes at least
constexpr size_t kMaxRights = 64;
constexpr size_t kMaxVerifiers = 64;  // cards, PINs and the password of one user
constexpr size_t kMaxSaltHex = 128;
constexpr size_t kMaxSignatureText = 128;
constexpr uint32_t kMaxIterations = 1000000;
constexpr size_t kMaxEvents = 50;

// The text that a manifest's signature is about (docs/protocol).
std::string signed_text(const DeviceIdentity& device, const std::string& cluster_id,
                        const UsersManifest& manifest, const std::vector<uint64_t>& entries) {
  std::string text = "holdfast-users-v1\n" + cluster_id + "\n" + device.device_id + "\n" +
                     std::to_string(manifest.base_version) + "\n" +
                     std::to_string(manifest.version) + "\n" +
                     (manifest.full ? "full\n" : "delta\n");
  for (size_t i = 0; i < manifest.chunks.size(); ++i) {
    const UsersChunk& chunk = manifest.chunks[i];
    text += chunk.id + " " + chunk.sha256 + " " + std::to_string(chunk.bytes) + " " +
            std::to_string(entries[i]) + "\n";
  }
  return text;
}

bool read_signature(Members& members, UsersManifest& manifest) {
  if (!members.find("signature").present()) return members.ok();
  std::string signature;
  members.id("key_id", manifest.key_id);
  members.text("signature", kMaxSignatureText, signature);
  members.require(base64_decode(signature, manifest.signature) && !manifest.signature.empty());
  return members.ok();
}

// Kinds that this version doesn't know verify nobody.
bool read_verifier(JsonValue object, std::vector<Verifier>& verifiers) {
  Members members(object);
  Verifier verifier;
  std::string kind, salt, derived;
  members.text("kind", kMaxIdBytes, kind);
  members.text("salt", kMaxSaltHex, salt);
  members.number("iterations", 1u, kMaxIterations, verifier.iterations);
  members.sha256("verifier", derived);
  members.require(salt.size() >= 16 && salt.size() % 2 == 0);
  if (!members.ok()) return false;
  verifier.salt.resize(salt.size() / 2);
  const bool bytes =
      hex_decode(salt, reinterpret_cast<uint8_t*>(&verifier.salt[0]), verifier.salt.size()) &&
      hex_decode(derived, verifier.derived.data(), verifier.derived.size());
  wipe(derived);
  if (!bytes) return false;
  if (kind == "card") {
    verifier.kind = CredentialKind::card;
  } else if (kind == "pin") {
    verifier.kind = CredentialKind::pin;
  } else if (kind == "password") {
    verifier.kind = CredentialKind::password;
  } else {
    return true;
  }
  verifiers.push_back(std::move(verifier));
  return true;
}

bool read_put(Members& members, UserChange& change) {
  members.words("name", change.user.name);
  members.words("display_name", change.user.display_name);
  members.offline_pages(change.user.offline_pages);
  members.boolean("disabled", change.disabled);
  const JsonValue rights = members.array("rights", kMaxRights);
  for (JsonValue right = rights.first(); right.present(); right = right.next()) {
    std::string_view name;
    members.require(right.get(name));
    if (is_id(name)) change.user.rights.emplace_back(name);
  }
  if (!members.find("verifiers").present()) return members.ok();
  const JsonValue verifiers = members.array("verifiers", kMaxVerifiers);
  for (JsonValue item = verifiers.first(); item.present(); item = item.next())
    members.require(read_verifier(item, change.verifiers));
  return members.ok();
}

bool read_line(std::string_view line, UserChange& change) {
  JsonLimits limits;
  limits.max_bytes = kMaxChunkBytes;
  const JsonDocument document = JsonDocument::parse(line, limits);
  if (!document.ok()) return false;
  Members members(document.root());
  std::string op;
  members.text("op", kMaxIdBytes, op);
  members.id("user_uid", change.user.user_uid);
  if (!members.ok()) return false;
  if (op == "delete") {
    change.removed = true;
    return true;
  }
  return op == "put" && read_put(members, change);
}

void write_event(JsonWriter& writer, const AuditEvent& event) {
  writer.open_object().member("sequence", event.sequence);
  writer.member("kind", to_string(event.kind)).member("at", format_time(event.unix_ms));
  if (!event.user_uid.empty()) writer.member("user_uid", event.user_uid);
  if (!event.credential.empty()) writer.member("credential", event.credential);
  if (!event.what.empty()) writer.member("what", event.what);
  writer.close_object();
}

}  // namespace

WireRequest ProtocolV1::users(const DeviceIdentity& device, uint64_t since) {
  return make_request(device, "GET", "/users?since=" + std::to_string(since));
}

Result<UsersManifest> ProtocolV1::read_users(const DeviceIdentity& device,
                                             const std::string& cluster_id,
                                             const WireAnswer& answer) {
  const JsonDocument document = parse_answer(answer);
  Members members(document.root());
  UsersManifest manifest;
  members.number("version", 0, uint64_t{INT64_MAX}, manifest.version);
  members.number("base_version", 0, uint64_t{INT64_MAX}, manifest.base_version);
  members.boolean("full", manifest.full);
  members.require(manifest.full ? manifest.base_version == 0
                                : manifest.base_version <= manifest.version);
  const JsonValue list = members.array("chunks", kMaxChunks);
  std::vector<uint64_t> entries;
  for (JsonValue item = list.first(); item.present(); item = item.next()) {
    Members fields(item);
    UsersChunk chunk;
    uint64_t count = 0;
    fields.id("id", chunk.id);
    fields.sha256("sha256", chunk.sha256);
    fields.number("bytes", 1u, kMaxChunkBytes, chunk.bytes);
    fields.number("entries", 1, uint64_t{kMaxLines}, count);
    members.require(fields.ok());
    manifest.chunks.push_back(std::move(chunk));
    entries.push_back(count);
  }
  if (!read_signature(members, manifest)) return failure(Code::corrupt);
  manifest.signed_bytes = signed_text(device, cluster_id, manifest, entries);
  return manifest;
}

WireRequest ProtocolV1::users_chunk(const DeviceIdentity& device, const std::string& chunk_id) {
  return make_request(device, "GET", "/users/chunks/" + chunk_id);
}

Result<std::vector<UserChange>> ProtocolV1::read_users_chunk(const std::string& bytes) const {
  if (bytes.empty() || bytes.size() > kMaxChunkBytes || bytes.back() != '\n')
    return failure(Code::corrupt);
  std::vector<UserChange> changes;
  for (size_t begin = 0; begin < bytes.size();) {
    const size_t end = bytes.find('\n', begin);
    UserChange change;
    if (changes.size() == kMaxLines ||
        !read_line(std::string_view(bytes).substr(begin, end - begin), change))
      return failure(Code::corrupt);
    changes.push_back(std::move(change));
    begin = end + 1;
  }
  return changes;
}

WireRequest ProtocolV1::audit(const DeviceIdentity& device, const std::string& epoch,
                              const std::vector<AuditEvent>& events) {
  JsonWriter writer;
  writer.open_object().member("epoch", epoch).name("events").open_array();
  for (size_t i = 0; i < std::min(events.size(), kMaxEvents); ++i) write_event(writer, events[i]);
  writer.close_array().close_object();
  WireRequest request = make_request(device, "POST", "/audit");
  set_json_body(request, writer.take());
  return request;
}

Result<uint64_t> ProtocolV1::read_audit(const WireAnswer& answer) {
  const JsonDocument document = parse_answer(answer);
  Members members(document.root());
  uint64_t taken = 0;
  members.number("stable_through", 0, uint64_t{INT64_MAX}, taken);
  if (!members.ok()) return failure(Code::corrupt);
  return taken;
}

}  // namespace holdfast::codec
