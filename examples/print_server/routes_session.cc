// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "app.h"
#include "fields.h"

namespace print_server {
namespace {

using nlohmann::json;

Answer versions() { return {200, dumped({{"versions", {1}}, {"software", kSoftware}})}; }

Answer health(App& app, const HttpRequest& request) {
  const Role role = app.roles.role();
  const Identity identity = app.store.identity();
  json journal = json::array();
  if (role != Role::passive) {
    app.store.check_writable();
    for (const JournalSet& set : app.ledger.journal(request.device)) {
      journal.push_back(
          {{"journal_epoch", set.journal_epoch}, {"count", set.count}, {"set_hash", set.set_hash}});
    }
  }
  return {200, dumped({{"protocol_versions", {1}},
                       {"cluster_id", app.options.cluster_id},
                       {"instance_id", app.instance_id},
                       {"incarnation_id", identity.incarnation_id},
                       {"server_epoch", identity.server_epoch},
                       {"role", role_name(role)},
                       {"accepting", role == Role::active},
                       {"users_version", identity.users_version},
                       {"servers_version", app.servers_version},
                       {"spread_s", app.options.spread_s},
                       {"probe_s", app.options.probe_s},
                       {"server_time", rfc3339(now_s())},
                       {"journal", journal}})};
}

Answer login(App& app, const HttpRequest& request) {
  const json body = parse_body(request.body);
  const Fields fields(body, "");
  LoginRequest wanted;
  wanted.device = request.device;
  wanted.attempt_id = fields.uuid("attempt_id");
  wanted.kind = fields.one_of("kind", {"card", "pin", "password"});
  wanted.secret = fields.text("secret", 1024);
  if (wanted.kind == "password") wanted.user = fields.text("user");
  const LoginAnswer answer = app.auth.login(wanted);
  app.metrics.count("logins_total{verdict=\"" + answer.outcome + "\"}");
  return {200, answer.body};
}

Answer logout(App& app, const HttpRequest& request) {
  const std::string receipt = request.header("Holdfast-Receipt");
  if (receipt.empty()) throw Problem(403, "receipt-invalid", "Holdfast-Receipt is missing");
  app.auth.logout(request.device, receipt);
  return {204, ""};
}

Answer users(App& app, const HttpRequest& request) {
  const std::string since = request.query("since");
  if (since.size() > 18 || since.find_first_not_of("0123456789") != std::string::npos) {
    throw invalid_request("since must be a version, as health gives it");
  }
  return {200, app.feed.manifest(std::atoll(since.c_str()), request.device)};
}

Answer users_chunk(App& app, const HttpRequest& request) {
  Answer answer(200, app.feed.chunk(request.args[0]));
  answer.type = "application/x-ndjson";
  return answer;
}

Answer servers(App& app) {
  if (app.servers_payload.empty()) {
    throw Problem(404, "no-server-list", "this server hands out no server list");
  }
  return {200, dumped({{"payload", base64(app.servers_payload)},
                       {"key_id", app.key->key_id()},
                       {"signature", base64(app.key->sign(app.servers_payload))}})};
}

}  // namespace

std::vector<Route> session_routes(App& app) {
  using R = const HttpRequest&;
  std::vector<Route> routes;
  const auto add = [&](const char* method, const char* path, const char* name,
                       std::function<Answer(R)> handle) -> Route& {
    routes.push_back({method, std::string("/holdfast") + path, name, Access::device, false, false,
                      false, std::move(handle)});
    return routes.back();
  };
  Route& open = add("GET", "/versions", "getVersions", [](R) { return versions(); });
  open.access = Access::open;
  open.when_draining = open.when_passive = true;
  Route& probe = add("GET", "/v1/health", "getHealth", [&app](R r) { return health(app, r); });
  probe.when_draining = probe.when_passive = true;
  add("POST", "/v1/login", "login", [&app](R r) { return login(app, r); });
  add("POST", "/v1/logout", "logout", [&app](R r) { return logout(app, r); }).when_draining = true;
  add("GET", "/v1/users", "getUsers", [&app](R r) { return users(app, r); });
  add("GET", "/v1/users/chunks/([^/]+)", "getUsersChunk",
      [&app](R r) { return users_chunk(app, r); });
  add("GET", "/v1/servers", "getServers", [&app](R) { return servers(app); });
  return routes;
}

}  // namespace print_server
