// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// A client with simulated ports and servers, under a clock that the test moves. The servers speak
// the device protocol; what a test does with them it does by their fields.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "holdfast/adapters/mbedtls_crypto.h"
#include "holdfast/client.h"
#include "support/fake_documents.h"
#include "support/fake_random.h"
#include "support/fake_state.h"
#include "support/manual_executor.h"

namespace holdfast::test {

struct Reply {
  TransferOutcome outcome = TransferOutcome::answered;
  int status = 200;
  std::string body;
  Headers headers;
  bool never = false;  // silent
  Duration after = milliseconds(5);
};

struct FakeServer {
  std::string cluster_id;
  std::string instance_id = "i1";
  uint64_t epoch = 1;
  std::string role = "active";
  uint64_t servers_version = 0;
  std::string servers_body;  // of /servers
  bool refuses = false;      // connections
  bool silent = false;
  int status = 0;       // answers everything with it
  int host_status = 0;  // answers requests of the host's own protocol with it
  bool accepts_asserted = true;
  bool receipts_invalid = false;
  std::string document = "the document";
  std::string served_document;  // instead of it, when not empty
  std::string job_uuid = "0b3f2a52-5a0a-4a0e-9a52-1f0d3f3e7a01";
  std::string claim_problem;  // problem name answered to a claim
  int claim_status = 409;
  int64_t offline_pages = -1;                        // the lease in a login's answer; -1: none
  std::map<std::string, std::string> card_verdicts;  // secret -> user_uid, "" for denied
  Duration login_takes = milliseconds(5);
  std::set<std::string> printed;  // job uuids reported completed
  std::set<std::string> report_ids;
  std::vector<std::string> log;  // "METHOD path"
  uint32_t claims_given_back = 0;
  std::string last_login_body;
  std::string denial = "unknown-credential";
  const WallClock* clock = nullptr;  // the server's own; it is right
  uint64_t users_version = 1;
  std::string incarnation = "inc";
  std::string users_manifest;                 // of /users, JSON
  std::map<std::string, std::string> chunks;  // by id
  std::vector<std::string> audited;           // bodies

  Reply answer(const Transfer& transfer);

 private:
  Reply dispatch(const Transfer& transfer);
  Reply jobs(const Transfer& transfer);
};

// A document's digest, as the servers name it.
std::string sha256_hex(const std::string& text);

class FakeTransport final : public Transport {
 public:
  std::map<std::string, FakeServer*> by_url;
  std::map<ServerIndex, std::string> url_of;
  std::string refuses_url;               // set_server fails for it
  std::set<std::string> dead_addresses;  // nothing comes from there
  bool finds_no_names = false;           // where it isn't told the addresses
  // Of each exchange begun: the server and the addresses it was told.
  std::vector<std::pair<ServerIndex, std::vector<std::string>>> told_addresses;
  size_t dropped_pools = 0;
  std::vector<WaitOn> also;  // of the last wait
  Instant now{};

  Status set_server(ServerIndex server, const ServerConfig& config, const TlsConfig&) override;
  void remove_server(ServerIndex server) override { url_of.erase(server); }
  Status start(Transfer&& transfer) override;
  void cancel(TransferId id) override;
  void drop_pool(ServerIndex) override { ++dropped_pools; }
  void poll() override {}
  bool take(TransferResult& result) override;
  void wait(Duration) override {}
  void wait_also(Duration, const WaitOn* first, size_t count) override {
    also.assign(first, first + count);
  }
  void wake() noexcept override {}
  Instant next() const;

 private:
  struct Pending {
    Instant due;
    TransferResult result;
    bool never = false;
  };
  std::map<TransferId, Pending> pending_;
};

class FakeEngine final : public PrintEngine {
 public:
  std::vector<PrintAttempt> started;
  std::vector<std::string> printed;  // bytes
  std::map<std::string, PrintPhase> outcome_after_restart;
  PrintPhase outcome = PrintPhase::completed;
  bool busy = false;
  bool hold = false;  // accepts, and doesn't end
  std::vector<std::string> cancelled;
  int fd = -1;  // to be waited for, if any

  Status start(const PrintAttempt& attempt, std::unique_ptr<DocumentReader> document) override;
  Status reattach(const PrintAttempt& attempt, const std::string& engine_job) override;
  void cancel(const std::string& attempt_id) override;
  Instant poll(Instant) override { return Instant::never(); }
  bool take(PrintEvent& event) override;
  void descriptors(std::vector<WaitOn>& out) const override {
    if (fd >= 0) out.push_back({fd, true, false});
  }
  void say(const std::string& attempt_id, PrintPhase phase, uint32_t impressions);

 private:
  std::deque<PrintEvent> events_;
};

struct Told final : Listener {
  std::vector<LoginResult> logins;
  std::vector<JobsResult> lists;
  std::vector<ReleaseUpdate> releases;
  std::vector<RequestResult> requests;
  std::vector<PagesResult> pages;
  std::vector<SwitchRecord> switches;
  std::vector<std::pair<Alarm, std::string>> alarms;
  std::vector<std::pair<SessionId, SessionEnd>> ended;
  std::vector<AuditEvent> audit;

  void on_login(const LoginResult& r) override { logins.push_back(r); }
  void on_jobs(const JobsResult& r) override { lists.push_back(r); }
  void on_release(const ReleaseUpdate& r) override { releases.push_back(r); }
  void on_request(const RequestResult& r) override { requests.push_back(r); }
  void on_pages(const PagesResult& r) override { pages.push_back(r); }
  void on_switch(const SwitchRecord& r) override { switches.push_back(r); }
  void on_alarm(Alarm a, const std::string& what) override { alarms.emplace_back(a, what); }
  void on_audit(const AuditEvent& event) override { audit.push_back(event); }
  void on_session_end(SessionId s, SessionEnd e) override { ended.emplace_back(s, e); }
  bool alarmed(Alarm alarm) const;
};

// Two servers, "a" of cluster-1 and "b" of cluster-2, a card "1234" of user "u1" and one job on
// both.
class World {
 public:
  World();
  void start();  // makes the client; again after stop()
  void stop() { client.reset(); }
  void run(Duration time);  // moves the clock
  // Runs until `done` or until `limit` has passed; the time it took.
  Duration until(const std::function<bool()>& done, Duration limit = seconds(30));

  LoginResult login(const std::string& card = "1234");
  JobsResult jobs(SessionId session);
  ReleaseUpdate release(SessionId session, const std::string& uuid);
  Credential card(const std::string& number) const;

  FakeServer a, b;
  Config config;
  FakeTransport transport;
  FakeState state;
  ManualExecutor executor;
  FakeRandom random;
  FakeDocuments documents;
  FakeEngine engine;
  Told told;
  Log* log = nullptr;
  NetworkMonitor* network = nullptr;
  Resolver* resolver = nullptr;
  DeviceKey* device_key = nullptr;
  Database* credentials = nullptr;
  Listener* listener = nullptr;  // instead of `told`
  std::unique_ptr<Crypto> crypto;
  std::unique_ptr<ServerProtocol> protocol;
  std::unique_ptr<Client> client;
  Instant now = {seconds(1000).us};
  WallClock wall{1767225600000, true};
  bool can_print = true;
  bool executor_runs = true;  // false: tasks wait for the test
};

}  // namespace holdfast::test
