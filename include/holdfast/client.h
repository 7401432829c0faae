// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The library's face. One thread owns a Client and everything it was given; only wake() may come
// from another thread.
//
//   auto client = holdfast::Client::create(config, ports, listener, now(), wall());
//
// Calls that ask for something return a ticket at once and never block; the answer comes to the
// Listener from a later poll(), by the deadline given. Without exceptions in the build, running out
// of memory ends the process.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "holdfast/config.h"
#include "holdfast/listener.h"
#include "holdfast/ports/crypto.h"
#include "holdfast/ports/database.h"
#include "holdfast/ports/device_key.h"
#include "holdfast/ports/documents.h"
#include "holdfast/ports/executor.h"
#include "holdfast/ports/log.h"
#include "holdfast/ports/network.h"
#include "holdfast/ports/print_engine.h"
#include "holdfast/ports/protocol.h"
#include "holdfast/ports/random.h"
#include "holdfast/ports/resolver.h"
#include "holdfast/ports/state.h"
#include "holdfast/ports/transport.h"
#include "holdfast/status.h"
#include "holdfast/time.h"
#include "holdfast/types.h"

namespace holdfast {

// May the cache be on flash, by policy and the tier of the device key? If not, `credentials` has to
// be a database in RAM; one that keeps its rows over a restart isn't used then.
bool credentials_on_flash(const OfflinePolicy& policy, KeyTier tier);

// What the device provides. Borrowed: each must outlive the client. From `crypto` on they may be
// null: without crypto, documents or an engine nothing is released (unsupported), without crypto no
// signed list of servers is taken, without network the host tells by link() what it knows,
// without resolver the transport finds the addresses of names, with whatever stalls that has.
// Offline login needs crypto, device_key and credentials. The last two are used on the executor's
// worker: end the executor before them.
struct Ports {
  Transport* transport = nullptr;
  ServerProtocol* protocol = nullptr;
  StateStore* state = nullptr;
  Executor* executor = nullptr;
  Random* random = nullptr;
  Crypto* crypto = nullptr;
  Documents* documents = nullptr;
  PrintEngine* engine = nullptr;
  Log* log = nullptr;
  NetworkMonitor* network = nullptr;
  Resolver* resolver = nullptr;
  DeviceKey* device_key = nullptr;
  Database* credentials = nullptr;  // of its own: the cache clears it when it was damaged
};

// May a request be sent again, when it isn't known whether it arrived?
enum class Repeat : uint8_t {
  safe,   // to any server, any number of times, also to two at once: it only asks
  keyed,  // within one cluster: it carries an idempotency key that the servers there honour
  never,  // it is sent once; what isn't answered is maybe_done
};

// Answers with 401, 403, 404 and other 4xx are the host's to read; 408, 429 and 5xx are acted upon
// as docs/design.md says, and passed on when nothing better came.
struct HostRequest {
  std::string method = "GET";
  std::string target;  // a path with query
  Headers headers;
  std::string body;
  bool body_is_secret = false;  // wiped after use
  Repeat repeat = Repeat::never;
  SessionId session = SessionId::none;  // goes first where that session is served
};

struct Step {
  Instant
      call_again;  // latest time of the next poll(); never() only when nothing can happen by itself
};

struct ServerSnapshot {
  std::string name;
  std::string cluster_id;
  ServerState state = ServerState::initial;
  Duration in_state{};  // how long
  std::string cause;    // why it is in that state
  bool in_charge = false;
  Duration mean_answer{};  // 0: not known
  uint64_t server_epoch = 0;
  std::string instance_id;
  uint64_t probes = 0, probes_failed = 0, requests = 0, requests_failed = 0;
};

// Of the credential cache.
struct OfflineSnapshot {
  bool on = false;
  bool on_flash = false;
  KeyTier tier = KeyTier::none;
  uint64_t users = 0;
  uint64_t credentials = 0;
  uint64_t users_version = 0;  // synchronised whole; 0: none
  uint64_t ambiguous_pins = 0;
  uint64_t audit_waiting = 0;  // events that home has yet to hear
  uint64_t audit_dropped = 0;
  Duration contact_age{-1};  // since home answered last; negative: never
};

struct Snapshot {
  Route route;
  LocalHealth local = LocalHealth::ok;
  LinkState link;                       // as the monitor or the host said last
  std::vector<ServerSnapshot> servers;  // in order of preference
  std::vector<SwitchRecord> history;    // oldest first
  Duration
      return_in{};  // until the earliest possible return to a preferred server; 0: none planned
  uint32_t switches_last_hour = 0;
  uint32_t sessions = 0;
  uint32_t requests_under_way = 0;
  uint64_t hedges = 0, retries = 0, requests = 0;
  uint32_t reports_waiting = 0;  // job states that some server has yet to hear
  OfflineSnapshot offline;
  std::vector<JobKey> undecided;  // jobs in state unknown: resolve() each
};

class Client {
 public:
  // Checks the configuration and the ports, loads the state and makes everything it will need.
  // Doesn't touch the network. invalid_argument: see validate() for the words; otherwise what the
  // state store or the transport said.
  static Result<std::unique_ptr<Client>> create(const Config& config, const Ports& ports,
                                                Listener& listener, Instant now, WallClock wall);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Does what is due; bounded work, no blocking but what docs/threading.md names. Call it when
  // wait() returned, when `call_again` has come and after any other call. In all calls `now` is the
  // time of the call, and must never go back.
  Step poll(Instant now, WallClock wall);
  // Sleeps in the transport until something happens, also at the monitor and the engine, or `limit`
  // has passed.
  void wait(Duration limit);
  // Ends a wait(). Any thread.
  void wake() noexcept;

  // Logs a user in; on_login follows within `deadline` (0: the configured one). The credential is
  // wiped as soon as no attempt needs it. busy: too many requests or sessions. A granted login is a
  // session until logout().
  Result<TicketId> login(Credential credential, Instant now, Duration deadline = {});
  // Lists what the session's user may release; on_jobs follows.
  Result<TicketId> jobs(SessionId session, Instant now, Duration deadline = {});
  // Claims, fetches, verifies and prints a job of the last list; on_release follows several times.
  // already_exists: it is being released, or was printed here.
  Result<TicketId> release(SessionId session, const std::string& job_uuid, Instant now);
  // Cancels a release under way; its on_release says what came out.
  Status cancel(TicketId release, Instant now);
  // Decides about a job whose outcome is unknown.
  Status resolve(const JobKey& job, Resolution resolution);
  Status logout(SessionId session, Instant now);

  // Before anything is copied, or printed without a server: may this session's user spend so many
  // impressions? on_pages follows. While a server of home is in charge it says yes, for home counts
  // itself; else they are taken off what home lets the user spend here (User::offline_pages), and
  // are durably taken when on_pages says ok. A limited user whom the cache doesn't hold is refused,
  // as nothing could count. not_found: no such session; busy: too much to do, ask again.
  Result<TicketId> reserve_pages(SessionId session, uint32_t pages, Instant now);
  // What came out, 0 included; more than was reserved counts as well. on_pages follows with
  // `settled`; if it isn't ok, settle again. Also after logout. What is never settled stays spent:
  // after a restart, and of more than 64 at a time the oldest. not_found: not reserved, or settled.
  Status settle_pages(TicketId reservation, uint32_t used, Instant now);

  // Sends a request of the host's own protocol to the server in charge, with the same care as the
  // library's own: deadline, next server, hedge. on_request follows. Nothing is added to it but
  // what HTTP needs. invalid_argument: a target that isn't a path, headers with control characters.
  Result<TicketId> request(HostRequest request, Instant now, Duration deadline = {});

  // Forgets every cached user and credential, keys first; sessions go on. The cache begins anew,
  // empty. unsupported: there is none.
  Status wipe_credentials(Instant now);
  // Replaces the key under which the cache is sealed; what is in it stays.
  Status rotate_credential_key(Instant now);

  // Tells what the panel and the network interface know. Presence makes probes dense; it is implied
  // by a session and by a login under way. With a NetworkMonitor there is no need of link(): what
  // was said last counts, by whomever.
  void user_present(bool present);
  void link(LinkState state, Instant now);
  // New bearer token for one server (after Alarm::device_refused, say).
  Status set_token(const std::string& server, const std::string& token, Instant now);
  // Returns to the most preferred server that has proved itself, in any mode, without hold-down or
  // spread. not_found: there is none.
  Status fail_back(Instant now);

  // Replaces the configuration: all of it or, on error, nothing. Servers are recognised by name;
  // sessions, releases and what is known of a server stay. `limit`, `session`, `offline` and the
  // maxima of `job` can't change at run time.
  tl::expected<void, std::vector<ConfigError>> reconfigure(const Config& config, Instant now);

  Snapshot snapshot() const;

 private:
  class Impl;
  explicit Client(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The snapshot as one JSON object, for tools and logs.
std::string to_json(const Snapshot& snapshot);

}  // namespace holdfast
