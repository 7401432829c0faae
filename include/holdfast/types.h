// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The words that the host, the library and the ports share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "holdfast/time.h"

namespace holdfast {

// ---- ids

// Numbers that the library gives out; 0 is never given. Distinct types, so that one can't be passed
// for another.
enum class SessionId : uint32_t { none = 0 };
enum class TicketId : uint32_t { none = 0 };

// A server's place in the library's table. It stays the same as long as the server is configured;
// the order of preference is a separate thing.
using ServerIndex = uint8_t;
constexpr ServerIndex kNoServer = 0xff;
constexpr size_t kMaxServers = 16;

// ---- servers

// RFC 3539's states (initial, up = OKAY, suspect, down, reopen) and two for what a live server says
// of itself.
enum class ServerState : uint8_t {
  initial,   // never heard of since power-on
  up,        // answers
  suspect,   // silent or failing for a moment; repeatable requests race it against the next server
  down,      // judged dead; probed, never asked
  reopen,    // answers again, and has to prove it
  draining,  // answers, and says that it is passive, draining or busy until a given time
  quarantined,  // can't be trusted: certificate, pin or cluster_id are wrong. Alarm.
};
const char* to_string(ServerState state);

// Is it us? Judged before any server is blamed.
enum class LocalHealth : uint8_t {
  ok,
  network_down,     // link down, no address or no route
  local_stall,      // the host's loop came back too late; time-outs of that moment mean nothing
  clock_untrusted,  // every server's certificate is "not yet valid": the device's clock is wrong
  device_refused,   // every server that answers refuses this device (401, 403)
};
const char* to_string(LocalHealth health);

// What is known of the network interface. The first that is false is what somebody must look at;
// what stands on it may be false as well.
struct LinkState {
  bool link_up = true;      // a cable is in, a radio is associated
  bool has_address = true;  // more than a link-local one
  bool has_route = true;    // a way out, or to the servers

  bool usable() const { return link_up && has_address && has_route; }
};
inline bool operator==(const LinkState& a, const LinkState& b) {
  return a.link_up == b.link_up && a.has_address == b.has_address && a.has_route == b.has_route;
}
inline bool operator!=(const LinkState& a, const LinkState& b) { return !(a == b); }
// "usable", or the first that is missing: "no_link", "no_address", "no_route".
const char* to_string(const LinkState& state);

// Where requests go.
enum class RouteKind : uint8_t {
  none,    // no server can be asked
  server,  // the server in charge
  direct,  // no server; the device prints by its own policy
};
const char* to_string(RouteKind kind);

struct Route {
  RouteKind kind = RouteKind::none;
  ServerIndex server = kNoServer;
};
constexpr bool operator==(Route a, Route b) { return a.kind == b.kind && a.server == b.server; }
constexpr bool operator!=(Route a, Route b) { return !(a == b); }

enum class SwitchReason : uint8_t {
  started,        // the first choice after power-on
  failed,         // the server in charge is down
  draining,       // the server in charge asked to be left
  quarantined,    // the server in charge can't be trusted any more
  returned,       // back to a preferred server
  return_failed,  // the canary of a return failed
  recovered,      // from none or direct to a server
  reconfigured,   // the configuration changed
  requested,      // the host asked for it
};
const char* to_string(SwitchReason reason);

// One change of the server in charge. `unix_ms` is 0 where the clock wasn't trusted. Names, because
// a history outlives a server list.
struct SwitchRecord {
  std::string from;  // server name, "none" or "direct"
  std::string to;
  SwitchReason reason = SwitchReason::started;
  int64_t unix_ms = 0;
};

// ---- users

// A string that is wiped when it goes out of scope, is assigned over or moved from. Never logged,
// never compared.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string&& text);  // wipes `text`
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  // Valid until the Secret changes. Copy nothing that outlives the use.
  const std::string& reveal() const { return text_; }
  bool empty() const { return text_.empty(); }

 private:
  std::string text_;
};

// Overwrites `size` bytes at `data` in a way the optimiser keeps.
void wipe(void* data, size_t size) noexcept;
// Wipes the whole capacity of `text` and empties it.
void wipe(std::string& text) noexcept;

enum class CredentialKind : uint8_t { card, pin, password };
const char* to_string(CredentialKind kind);

struct Credential {
  CredentialKind kind = CredentialKind::card;
  std::string user;  // for password only; 1..256 bytes of UTF-8
  Secret secret;     // card number, PIN or password; 1..1024 bytes
};

enum class Verdict : uint8_t {
  granted,
  denied,   // by an authority that may deny: final, never followed by a cache
  unknown,  // nobody who could say was reached
};
const char* to_string(Verdict verdict);

// Who gave a verdict or an answer.
enum class AnswerSource : uint8_t { none, home, fallback, cache };
const char* to_string(AnswerSource source);

struct User {
  std::string user_uid;  // immutable, given by the server
  std::string name;
  std::string display_name;
  std::vector<std::string> rights;  // "print", "color", "copy", "scan", ...
  // Impressions that home lets this device spend for the user while it can't be heard; -1: no
  // limit. Of a login that the cache granted: what is left. Client::reserve_pages() spends them.
  int64_t offline_pages = -1;
};

// ---- jobs

// What makes two jobs the same job, on whatever server: nobody suppresses another's job by its UUID
// alone.
struct JobKey {
  std::string uuid;  // RFC 9562 text, lower case
  std::string user_uid;
  std::string sha256;  // of the document, 64 lower-case hex digits
};
inline bool operator==(const JobKey& a, const JobKey& b) {
  return a.uuid == b.uuid && a.user_uid == b.user_uid && a.sha256 == b.sha256;
}

// IPP job states (RFC 8011, 5.3.7), and one that a printer can't name: the device doesn't know
// whether it printed.
enum class JobState : uint8_t {
  pending,
  pending_held,
  processing,
  processing_stopped,
  canceled,
  aborted,
  completed,
  unknown,
};
const char* to_string(JobState state);

struct Job {
  JobKey key;
  std::string name;
  std::string mime;  // document-format
  uint64_t bytes = 0;
  uint32_t pages = 0;  // 0: not known
  JobState state = JobState::pending;
};

// What a person decides about a job whose outcome is unknown.
enum class Resolution : uint8_t {
  print_again,  // offer it again
  discard,      // it is to be forgotten: reported as canceled
  was_printed,  // reported as completed
};

// ---- HTTP, as ports exchange it

using Headers = std::vector<std::pair<std::string, std::string>>;

}  // namespace holdfast
