// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "codec/server_list.h"

#include "base/base64.h"
#include "base/text.h"
#include "codec/config_fields.h"
#include "codec/protocol_v1.h"

namespace holdfast::codec {
namespace {

constexpr size_t kSignatureBytes = 64;

bool read_server(JsonValue object, ListedServer& server) {
  Members members(object);
  members.id("name", server.name);
  members.require(is_server_name(server.name));
  members.text("url", 1024, server.url);
  members.require(is_server_url(server.url));
  members.id("cluster_id", server.cluster_id);
  return members.ok();
}

}  // namespace

WireRequest ProtocolV1::server_list(const DeviceIdentity& device) {
  return make_request(device, "GET", "/servers");
}

Result<SignedServerList> ProtocolV1::read_server_list(const WireAnswer& answer) {
  const JsonDocument document = parse_answer(answer);
  Members members(document.root());
  SignedServerList list;
  std::string payload;
  std::string signature;
  members.text("payload", kMaxAnswerBytes, payload);
  members.id("key_id", list.key_id);
  members.text("signature", 128, signature);
  members.require(base64_decode(payload, list.payload) && !list.payload.empty());
  members.require(base64_decode(signature, list.signature) &&
                  list.signature.size() == kSignatureBytes);
  if (!members.ok()) return failure(Code::corrupt);
  return list;
}

Result<ServerList> parse_server_list(const std::string& payload) {
  const JsonDocument document = JsonDocument::parse(payload);
  if (!document.ok()) return failure(Code::corrupt);
  Members members(document.root());
  ServerList list;
  members.number("version", 1, uint64_t{INT64_MAX}, list.version);
  members.text("device", kMaxIdBytes, list.device);
  members.require(list.device == "*" || is_id(list.device));
  members.time("not_after", list.not_after_ms);
  const JsonValue servers = members.array("servers", kMaxListedServers);
  for (JsonValue item = servers.first(); item.present(); item = item.next()) {
    ListedServer server;
    members.require(read_server(item, server));
    for (const ListedServer& other : list.servers) members.require(other.name != server.name);
    list.servers.push_back(std::move(server));
  }
  if (!members.ok()) return failure(Code::corrupt);
  return list;
}

}  // namespace holdfast::codec
