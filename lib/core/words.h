// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The core's words: what it is told (events) and what it decides (actions). Plain data, no strings,
// no memory of its own.
#pragma once

#include <cstdint>

#include "holdfast/time.h"
#include "holdfast/types.h"

namespace holdfast::core {

// What an exchange with a server came to, after transport and codec have looked at it.
enum class Outcome : uint8_t {
  good,             // a valid answer
  client_error,     // another 4xx: an answer like any other
  not_found,        // 404
  device_refused,   // 401 or 403 about the device, or its client certificate refused
  request_timeout,  // 408
  too_many,         // 429
  server_error,     // 500
  bad_gateway,      // 502, 504
  unavailable,      // 503
  not_active,       // the node says that it is passive or draining; it has done nothing
  garbage,          // 200 with a body that isn't ours, or one too large
  refused,          // connection refused, reset or cut
  timed_out,
  unreachable,       // this device has no way there
  name_not_found,    // NXDOMAIN
  name_unavailable,  // the resolver failed
  untrusted,         // certificate, name or pin
  not_yet_valid,     // its certificate is from the future
  wrong_cluster,     // it claims to serve other data than configured
  misconfigured,     // our own files or options
};
const char* to_string(Outcome outcome);

// What a health answer says of the server. Zero means "not said".
struct Identity {
  uint64_t instance = 0;  // fingerprint of instance_id
  uint64_t epoch = 0;
  bool active = true;  // role active, and accepting
  uint32_t spread_s = 0;
  uint32_t probe_s = 0;
};

// The result of a probe or of an attempt.
struct Evidence {
  Outcome outcome = Outcome::timed_out;
  bool sent = true;                    // false: certainly nothing left the device
  bool bulk = false;                   // a document: how long it took says nothing
  uint32_t retry_after_s = 0;          // 0: not said
  Identity identity;                   // of a good health answer
  Verdict verdict = Verdict::unknown;  // of a good login answer
};

// May the request be made again?
enum class Repeat : uint8_t {
  safe,   // anywhere, any number of times (a login, a list)
  keyed,  // within one cluster, by its idempotency key
  never,
};

enum class RequestKind : uint8_t {
  login,
  general,
};

struct RequestSpec {
  RequestKind kind = RequestKind::general;
  Repeat repeat = Repeat::safe;
  bool password = false;           // a login whose secret shouldn't go to two clusters
  bool single_cluster = false;     // never at two clusters at the same moment (a claim)
  bool cache = false;              // a login that the credential cache may answer
  bool background = false;         // nobody at the panel waits for it
  bool bulk = false;               // a document: long, with an idle time-out of its own
  ServerIndex only = kNoServer;    // this server or none
  ServerIndex prefer = kNoServer;  // the session's server, while it can be asked
  Duration deadline{};             // from now
};

enum class RequestEnd : uint8_t {
  answered,     // `attempt` holds the answer; its outcome is good, client_error, not_found, ...
  granted,      // login
  provisional,  // login, granted by another cluster than home, or by the cache while home is asked
  denied,       // login
  unreachable,  // nobody can be asked
  timed_out,
  outcome_unknown,  // sent, unanswered, and may not be repeated
  device_refused,
  too_busy,  // 429, for longer than the deadline
  cancelled,
};
const char* to_string(RequestEnd end);

enum class ActionKind : uint8_t {
  probe,           // send one to `server`; result by `id`, within `timeout`
  attempt,         // send request `request` to `server`; result by `id`
  cancel_probe,    // `id`
  cancel_attempt,  // `id`
  finish,          // request `request` ended as `end`; the answer is that of attempt `id` (0: none)
  contradicted,    // a provisional login `request` was denied by home after all
  ask_cache,       // login `request` may be answered by the credential cache now
  refresh_credentials,  // `server` refuses the device; answer with refreshed()
  drop_pool,            // close what is open to `server`, resolve its name anew
  state_changed,        // of `server`: from, to, cause
  switched,             // of the route: from_route, to_route, reason
  local_changed,        // local
  alarm_split_brain,    // `server`
  save,                 // persistent() has changed
};
const char* to_string(ActionKind kind);

struct Action {
  ActionKind kind = ActionKind::save;
  ServerIndex server = kNoServer;
  uint32_t id = 0;
  uint32_t request = 0;
  Duration timeout{};
  bool fresh = false;              // new connection
  bool last_good_address = false;  // the resolver fails; go where the last answer came from
  RequestEnd end = RequestEnd::answered;
  ServerState from = ServerState::initial;
  ServerState to = ServerState::initial;
  Route from_route;
  Route to_route;
  SwitchReason reason = SwitchReason::started;
  LocalHealth local = LocalHealth::ok;
  const char* cause = "";  // static text
};

}  // namespace holdfast::core
