// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/offline/wire.h"

#include <utility>

#include "codec/json.h"
#include "codec/json_writer.h"
#include "codec/time_text.h"

namespace holdfast::sim::offline {
namespace {

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

std::string health_json(const Cluster& cluster, int64_t server_ms) {
  codec::JsonWriter writer;
  writer.open_object().name("protocol_versions").open_array().number(1).close_array();
  writer.member("cluster_id", cluster.id()).member("instance_id", "i-" + cluster.incarnation());
  writer.member("incarnation_id", cluster.incarnation()).member("server_epoch", uint64_t{1});
  writer.member("role", "active").member("accepting", true);
  writer.member("users_version", cluster.version()).member("servers_version", uint64_t{0});
  writer.member("spread_s", uint64_t{0}).member("probe_s", uint64_t{10});
  writer.member("server_time", codec::format_time(server_ms));
  writer.name("journal").open_array().close_array().close_object();
  return writer.take();
}

std::string text_in(const codec::JsonDocument& document, const char* name) {
  std::string_view text;
  return document.root().find(name).get(text) ? std::string(text) : std::string();
}

CredentialKind kind_of(const std::string& name) {
  if (name == "card") return CredentialKind::card;
  return name == "pin" ? CredentialKind::pin : CredentialKind::password;
}

}  // namespace

Status Wire::start(Transfer&& transfer) {
  const std::string& url = url_of_[transfer.server];
  const auto node = nodes.find(url);
  if (node == nodes.end()) return Code::not_found;
  Pending pending;
  pending.url = url;
  pending.due = now + milliseconds(2) + prng_.up_to(milliseconds(28));
  pending.result.id = transfer.id;
  pending.result.address = "192.0.2.1";
  if (node->second.down) {
    pending.result.outcome = TransferOutcome::refused;
    pending.result.sent = false;
    pending.never = node->second.silent;
  } else {
    pending.result.outcome = TransferOutcome::answered;
    pending.result.http_status = 200;
    pending.result.headers = {{"content-type", "application/json"}};
    pending.passing.home = node->second.home;
    answer(node->second, transfer, pending);
  }
  pending_[transfer.id] = std::move(pending);
  return {};
}

void Wire::answer(Node& node, const Transfer& transfer, Pending& pending) {
  const std::string& url = transfer.url;
  Passing& passing = pending.passing;
  std::string& body = pending.result.body;
  if (ends_with(url, "/health")) {
    passing.what = Passing::What::health;
    // Told in whole seconds or not, it is never late by more than the way.
    passing.server_ms = true_ms();
    body = health_json(*node.cluster, passing.server_ms);
  } else if (ends_with(url, "/login")) {
    answer_login(node, transfer, pending);
  } else if (url.find("/users") != std::string::npos) {
    answer_list(node, transfer, pending);
  } else if (ends_with(url, "/audit")) {
    passing.what = Passing::What::audit;
    if (node.home) body = on_audit(transfer.body);
  } else if (ends_with(url, "/logout")) {
    pending.result.http_status = 204;
  } else {
    pending.result.http_status = 404;
  }
}

void Wire::answer_login(Node& node, const Transfer& transfer, Pending& pending) {
  const auto document = codec::JsonDocument::parse(transfer.body);
  Credential credential;
  credential.kind = kind_of(text_in(document, "kind"));
  credential.user = text_in(document, "user");
  credential.secret = Secret(text_in(document, "secret"));
  pending.passing.what = Passing::What::login;
  pending.passing.attempt_id = text_in(document, "attempt_id");
  pending.passing.answer = node.cluster->login(credential);
  on_login_sent(pending.passing.attempt_id);
  pending.result.body = node.cluster->login_json(pending.passing.answer);
  pending.due = pending.due + prng_.up_to(slow_login);
}

void Wire::answer_list(Node& node, const Transfer& transfer, Pending& pending) {
  const std::string& url = transfer.url;
  if (node.home) on_list_asked();
  const size_t since = url.find("since=");
  if (since != std::string::npos) {
    pending.passing.what = Passing::What::manifest;
    pending.result.body = node.cluster->manifest(std::stoull(url.substr(since + 6)));
    pending.passing.list = &node.cluster->lists().back();
    return;
  }
  pending.passing.what = Passing::What::chunk;
  const std::string* bytes = node.cluster->chunk(url.substr(url.rfind('/') + 1));
  if (bytes == nullptr) {
    pending.result.http_status = 404;
    return;
  }
  pending.result.body = *bytes;
  if (node.cluster->bad_chunks) pending.result.body[bytes->size() / 2] ^= 1;
}

void Wire::node_went_down(const std::string& url) {
  for (auto& [id, pending] : pending_) {
    if (pending.url != url || pending.due <= now) continue;
    pending.result = {};
    pending.result.id = id;
    pending.result.outcome = TransferOutcome::refused;
    pending.passing = {};
    pending.never = nodes[url].silent;
    pending.due = now + milliseconds(2);
  }
}

bool Wire::take(TransferResult& result) {
  auto first = pending_.end();
  for (auto it = pending_.begin(); it != pending_.end(); ++it) {
    if (it->second.never || it->second.due > now) continue;
    if (first == pending_.end() || it->second.due < first->second.due) first = it;
  }
  if (first == pending_.end()) return false;
  result = std::move(first->second.result);
  const Passing passing = std::move(first->second.passing);
  const bool answered = result.outcome == TransferOutcome::answered && result.http_status < 300;
  pending_.erase(first);
  if (answered) on_answer(passing);
  return true;
}

Instant Wire::next() const {
  Instant next = Instant::never();
  for (const auto& [id, pending] : pending_)
    if (!pending.never) next = earlier(next, pending.due);
  return next;
}

}  // namespace holdfast::sim::offline
