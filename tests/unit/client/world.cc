// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "unit/client/world.h"

#include <algorithm>

#include "base/hex.h"
#include "codec/time_text.h"

namespace holdfast::test {
namespace {

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

std::string between(const std::string& text, const std::string& before, const std::string& after,
                    size_t from = 0) {
  const size_t start = text.find(before, from);
  if (start == std::string::npos) return {};
  const size_t begin = start + before.size();
  return text.substr(begin, text.find(after, begin) - begin);
}

std::string header(const Transfer& transfer, const std::string& name) {
  for (const auto& [key, value] : transfer.headers)
    if (key == name) return value;
  return {};
}

Reply problem(int status, const std::string& name) {
  Reply reply;
  reply.status = status;
  reply.headers = {{"content-type", "application/problem+json"}};
  reply.body = R"({"type":"urn:holdfast:problem:)" + name + R"(","title":"t","status":)" +
               std::to_string(status) + R"(,"detail":"d"})";
  return reply;
}

Reply json(const std::string& body) {
  Reply reply;
  reply.headers = {{"content-type", "application/json"}};
  reply.body = body;
  return reply;
}

}  // namespace

std::string sha256_hex(const std::string& text) {
  auto crypto = mbedtls_crypto();
  auto hash = (*crypto)->sha256();
  (void)(*hash)->update(reinterpret_cast<const uint8_t*>(text.data()), text.size());
  const auto digest = (*hash)->finish();
  return hex_encode(digest->data(), digest->size());
}

// ---- server

Reply FakeServer::answer(const Transfer& transfer) {
  log.push_back(transfer.method + " " + transfer.url);
  Reply reply;
  if (refuses) {
    reply.outcome = TransferOutcome::refused;
    return reply;
  }
  if (silent) {
    reply.never = true;
    return reply;
  }
  if (status != 0) {
    reply.status = status;
    reply.body = "<html>error</html>";
    return reply;
  }
  return dispatch(transfer);
}

Reply FakeServer::dispatch(const Transfer& transfer) {
  const std::string& url = transfer.url;
  if (ends_with(url, "/health")) {
    return json(R"({"protocol_versions":[1],"cluster_id":")" + cluster_id + R"(","instance_id":")" +
                instance_id + R"(","incarnation_id":")" + incarnation + R"(","server_epoch":)" +
                std::to_string(epoch) + R"(,"role":")" + role +
                R"(","accepting":true,"users_version":)" + std::to_string(users_version) +
                R"(,"servers_version":)" + std::to_string(servers_version) +
                R"(,"spread_s":0,"probe_s":10,"server_time":")" +
                codec::format_time(clock == nullptr ? 0 : clock->unix_ms) + R"(","journal":[]})");
  }
  if (url.compare(0, 6, "/shop/") == 0) {
    Reply reply;
    reply.status = host_status == 0 ? 200 : host_status;
    reply.body = "host answer";
    return reply;
  }
  if (role != "active") return problem(503, "not-active");
  if (ends_with(url, "/login")) {
    last_login_body = transfer.body;
    const auto verdict = card_verdicts.find(between(transfer.body, R"("secret":")", "\""));
    Reply reply = json(R"({"verdict":"denied","reason":")" + denial + R"("})");
    if (verdict != card_verdicts.end() && !verdict->second.empty()) {
      reply =
          json(R"({"verdict":"granted","user":{"user_uid":")" + verdict->second +
               R"(","name":"ann","display_name":"Ann","rights":["print"])" +
               (offline_pages < 0 ? "" : R"(,"offline_pages":)" + std::to_string(offline_pages)) +
               R"(},"receipt":"receipt-)" + cluster_id +
               R"(","receipt_expires":"2026-01-02T00:00:00Z"})");
    }
    reply.after = login_takes;
    return reply;
  }
  if (ends_with(url, "/job-status")) {
    std::string accepted;
    for (size_t at = transfer.body.find("\"report_id\""); at != std::string::npos;
         at = transfer.body.find("\"report_id\"", at + 1)) {
      const std::string id = between(transfer.body, "\"report_id\":\"", "\"", at);
      if (report_ids.insert(id).second && transfer.body.find("\"completed\"") != std::string::npos)
        printed.insert(job_uuid);
      accepted += (accepted.empty() ? "\"" : ",\"") + id + "\"";
    }
    return json(R"({"accepted":[)" + accepted + "]}");
  }
  if (ends_with(url, "/servers")) return json(servers_body);
  if (url.find("/users?since=") != std::string::npos) return json(users_manifest);
  const size_t chunk = url.find("/users/chunks/");
  if (chunk != std::string::npos) {
    const auto found = chunks.find(url.substr(chunk + 14));
    return found == chunks.end() ? problem(404, "chunk-unknown") : json(found->second);
  }
  if (ends_with(url, "/audit")) {
    audited.push_back(transfer.body);
    const size_t last = transfer.body.rfind("\"sequence\":");
    return json(R"({"stable_through":)" +
                std::to_string(std::stoull(transfer.body.substr(last + 11))) + "}");
  }
  if (ends_with(url, "/logout"))
    return Reply{TransferOutcome::answered, 204, "", {}, false, milliseconds(5)};
  return jobs(transfer);
}

Reply FakeServer::jobs(const Transfer& transfer) {
  const bool own = header(transfer, "Holdfast-Receipt") == "receipt-" + cluster_id;
  if (receipts_invalid && own) return problem(403, "receipt-invalid");
  if (!own && !accepts_asserted) return problem(403, "user-not-asserted");
  const std::string& url = transfer.url;
  if (ends_with(url, "/jobs")) {
    if (printed.count(job_uuid) != 0) return json(R"({"jobs":[]})");
    return json(R"({"jobs":[{"uuid":")" + job_uuid +
                R"(","user_uid":"u1","name":"Report","mime":"application/pdf","bytes":)" +
                std::to_string(document.size()) + R"(,"sha256":")" + sha256_hex(document) +
                R"(","pages":2,"state":"pending","submitted_at":"2026-01-01T00:00:00Z"}]})");
  }
  if (ends_with(url, "/claim") && transfer.method == "DELETE") {
    ++claims_given_back;
    return Reply{TransferOutcome::answered, 204, "", {}, false, milliseconds(5)};
  }
  if (ends_with(url, "/claim")) {
    if (!claim_problem.empty()) return problem(claim_status, claim_problem);
    return json(R"({"lease_id":"l1","fencing_token":7,"lease_s":60})");
  }
  if (ends_with(url, "/document")) {
    Reply reply;
    reply.body = served_document.empty() ? document : served_document;
    reply.headers = {{"content-type", "application/pdf"}};
    return reply;
  }
  return problem(404, "job-unknown");
}

// ---- transport

Status FakeTransport::set_server(ServerIndex server, const ServerConfig& config, const TlsConfig&) {
  if (config.url == refuses_url) return Code::invalid_argument;
  url_of[server] = config.url;
  return {};
}

Status FakeTransport::start(Transfer&& transfer) {
  const auto url = url_of.find(transfer.server);
  const auto server = url == url_of.end() ? by_url.end() : by_url.find(url->second);
  if (server == by_url.end()) return Code::not_found;
  told_addresses.emplace_back(transfer.server, transfer.addresses);
  // The first one that answers is found sooner or later.
  const auto dead = [this](const std::string& one) { return dead_addresses.count(one) != 0; };
  const auto& given = transfer.addresses;
  const auto alive = std::find_if_not(given.begin(), given.end(), dead);
  const std::string address = given.empty()          ? "192.0.2.1"
                              : alive == given.end() ? given.front()
                                                     : *alive;
  Reply reply;
  if (transfer.addresses.empty() && finds_no_names) {
    reply.outcome = TransferOutcome::name_unavailable;
  } else if (dead(address)) {
    reply.never = true;
  } else {
    reply = server->second->answer(transfer);
  }
  Pending pending;
  pending.due = now + reply.after;
  pending.never = reply.never;
  pending.result.id = transfer.id;
  pending.result.outcome = reply.outcome;
  pending.result.sent = reply.outcome != TransferOutcome::refused;
  if (reply.outcome == TransferOutcome::answered) {
    pending.result.http_status = reply.status;
    pending.result.headers = reply.headers;
    pending.result.body = reply.body;
    pending.result.address = address;
    if (transfer.sink != nullptr && reply.status == 200) {
      const Status taken = transfer.sink->write(reinterpret_cast<const uint8_t*>(reply.body.data()),
                                                reply.body.size());
      if (!taken.ok()) pending.result.outcome = TransferOutcome::too_large;
      pending.result.body.clear();
    }
  }
  pending_[transfer.id] = std::move(pending);
  return {};
}

void FakeTransport::cancel(TransferId id) { pending_.erase(id); }

bool FakeTransport::take(TransferResult& result) {
  auto first = pending_.end();
  for (auto it = pending_.begin(); it != pending_.end(); ++it) {
    if (it->second.never || it->second.due > now) continue;
    if (first == pending_.end() || it->second.due < first->second.due) first = it;
  }
  if (first == pending_.end()) return false;
  result = std::move(first->second.result);
  pending_.erase(first);
  return true;
}

Instant FakeTransport::next() const {
  Instant next = Instant::never();
  for (const auto& [id, pending] : pending_)
    if (!pending.never) next = earlier(next, pending.due);
  return next;
}

// ---- engine

Status FakeEngine::start(const PrintAttempt& attempt, std::unique_ptr<DocumentReader> document) {
  if (busy) return Code::busy;
  started.push_back(attempt);
  std::string bytes(document->size(), '\0');
  (void)document->read(reinterpret_cast<uint8_t*>(bytes.data()), bytes.size());
  printed.push_back(bytes);
  say(attempt.attempt_id, PrintPhase::accepted, 0);
  if (!hold) say(attempt.attempt_id, outcome, outcome == PrintPhase::completed ? attempt.pages : 0);
  return {};
}

Status FakeEngine::reattach(const PrintAttempt& attempt, const std::string&) {
  const auto known = outcome_after_restart.find(attempt.attempt_id);
  if (known == outcome_after_restart.end()) return Code::not_found;
  say(attempt.attempt_id, known->second, 2);
  return {};
}

void FakeEngine::cancel(const std::string& attempt_id) {
  cancelled.push_back(attempt_id);
  say(attempt_id, PrintPhase::canceled, 1);
}

void FakeEngine::say(const std::string& attempt_id, PrintPhase phase, uint32_t impressions) {
  events_.push_back({attempt_id, phase, impressions, "engine-job", ""});
}

bool FakeEngine::take(PrintEvent& event) {
  if (events_.empty()) return false;
  event = events_.front();
  events_.pop_front();
  return true;
}

// ---- world

bool Told::alarmed(Alarm alarm) const {
  return std::any_of(alarms.begin(), alarms.end(), [&](const auto& a) { return a.first == alarm; });
}

World::World() {
  a.clock = b.clock = &wall;
  a.cluster_id = "cluster-1";
  b.cluster_id = "cluster-2";
  a.card_verdicts = b.card_verdicts = {{"1234", "u1"}};
  transport.by_url = {{"https://a.example", &a}, {"https://b.example", &b}};
  config.device_id = "mfp-1";
  for (const char* name : {"a", "b"}) {
    ServerConfig server;
    server.name = name;
    server.url = std::string("https://") + name + ".example";
    server.cluster_id = std::string(name) == "a" ? "cluster-1" : "cluster-2";
    server.token = "token";
    config.servers.push_back(server);
  }
  config.login.accept_login_from = AcceptLogin::any;
  crypto = std::move(*mbedtls_crypto());
  protocol = device_protocol_v1();
}

void World::start() {
  Ports ports;
  ports.transport = &transport;
  ports.protocol = protocol.get();
  ports.state = &state;
  ports.executor = &executor;
  ports.random = &random;
  if (can_print) {
    ports.crypto = crypto.get();
    ports.documents = &documents;
    ports.engine = &engine;
  }
  ports.log = log;
  ports.network = network;
  ports.resolver = resolver;
  ports.device_key = device_key;
  ports.credentials = credentials;
  auto made = Client::create(config, ports, listener != nullptr ? *listener : told, now, wall);
  if (made) client = std::move(*made);
}

Duration World::until(const std::function<bool()>& done, Duration limit) {
  const Instant begin = now;
  const Instant end = now + limit;
  while (!done() && now <= end) {
    transport.now = now;
    if (executor_runs) executor.run_all();
    const Instant again = client->poll(now, wall).call_again;
    if (done()) break;
    const bool busy = executor_runs && executor.queued() > 0;
    const Instant next = busy ? now + microseconds(100) : earlier(again, transport.next());
    const Instant to = later(next, now + microseconds(1));
    const Instant reached = earlier(to, end + microseconds(1));
    wall.unix_ms += (reached.us / 1000 - now.us / 1000);
    now = reached;
  }
  return now - begin;
}

void World::run(Duration time) {
  until([] { return false; }, time);
}

Credential World::card(const std::string& number) const {
  Credential credential;
  credential.secret = Secret(std::string(number));
  return credential;
}

LoginResult World::login(const std::string& number) {
  const size_t before = told.logins.size();
  if (!client->login(card(number), now)) return {};
  until([&] { return told.logins.size() > before; });
  return told.logins.size() > before ? told.logins.back() : LoginResult{};
}

JobsResult World::jobs(SessionId session) {
  const size_t before = told.lists.size();
  if (!client->jobs(session, now)) return {};
  until([&] { return told.lists.size() > before; });
  return told.lists.size() > before ? told.lists.back() : JobsResult{};
}

ReleaseUpdate World::release(SessionId session, const std::string& uuid) {
  const size_t before = told.releases.size();
  if (!client->release(session, uuid, now)) return {};
  const auto over = [&] {
    return told.releases.size() > before && (told.releases.back().step == ReleaseStep::done ||
                                             told.releases.back().step == ReleaseStep::failed);
  };
  until(over, seconds(60));
  return over() ? told.releases.back() : ReleaseUpdate{};
}

}  // namespace holdfast::test
