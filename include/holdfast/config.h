// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Configuration. Plain structs; each field carries its unit in its name, and its default is the
// value shown. Where a number has a published source it is named; "(own)" marks a choice of this
// project, argued in docs/design.md. docs/config.schema.json describes the same fields as JSON.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "holdfast/status.h"
#include "holdfast/types.h"

namespace holdfast {

// How an existing server shows that it is alive. Prefer the application's own word: a hung server
// still accepts connections.
enum class ProbeKind : uint8_t {
  protocol,  // the device protocol's health operation
  http,      // GET `path`, `expect_status`, and optionally a JSON value in the answer
  tcp,       // a connection is enough
  ipp,       // Get-Printer-Attributes on `path` is answered successfully
};

struct ProbeConfig {
  ProbeKind kind = ProbeKind::protocol;
  std::string path = "/";        // http, ipp
  uint32_t expect_status = 200;  // http; 100..599
  std::string json_pointer;      // http; RFC 6901; empty: the body isn't looked at
  std::string json_value;        // http; JSON text that must stand at json_pointer
};

struct TlsConfig {
  std::string ca_file;          // PEM; empty with ca_pem empty: the system's store
  std::string ca_pem;           // PEM text, instead of a file
  std::string pin_sha256;       // base64 SHA-256 of the server's public key (SPKI); empty: no pin
  std::string pin_next_sha256;  // the key to come, so that a server can change it; needs pin_sha256
  std::string client_certificate_file;  // PEM
  std::string client_key_file;          // PEM
};

// One service, which may be several machines behind one address.
struct ServerConfig {
  std::string name;  // unique, 1..64 of [A-Za-z0-9._-]; shown on panels and in logs
  std::string url;   // http(s)://host[:port][/base]; no user info, query or fragment
  std::string
      cluster_id;  // which data it serves, 1..64 of [A-Za-z0-9._:-]. Never believed from the wire
  std::string token;  // the device's bearer token there; empty: its client certificate
  ProbeConfig probe;
  TlsConfig tls;
  // How long an outage may last that is a cluster's or a VM's own failover: probed densely
  // meanwhile, and returned from without the long hold-down. 0: none. 0..600000.
  uint32_t cluster_grace_ms = 30000;
};

enum class AcceptLogin : uint8_t {
  same_cluster,  // only servers of the home cluster may grant a login
  any,           // every configured server may; such a session is provisional
};

enum class FailbackMode : uint8_t { automatic, manual, window };

struct ProbePolicy {
  uint32_t probe_s = 10;  // between probes of a server that is up; 5..900, spread by +-20 %
  uint32_t user_present_probe_ms = 1000;   // the same with a user at the panel (own); 500..10000
  uint32_t suspect_interval_ms = 500;      // between probes of a suspect (own); 500..5000
  uint32_t suspect_timeout_ms = 1000;      // of such a probe, at most; 100..5000
  uint32_t first_timeout_ms = 2000;        // before three answers are known (c-ares); 100..10000
  uint32_t min_timeout_ms = 250;           // of 5 x the mean answer time (c-ares); 10..5000
  uint32_t max_timeout_ms = 5000;          // 100..30000
  uint32_t fresh_every = 3;                // each n-th probe uses a new connection; 1..100
  uint32_t quarantine_recheck_s = 300;     // 30..86400
  uint32_t name_not_found_recheck_s = 30;  // after NXDOMAIN; 5..3600
};

struct DownPolicy {
  uint32_t suspect_silence_ms = 1000;  // silence after which a server is suspect (own); 200..60000
  // And after which it may be down (own); above suspect_silence_ms, ..60000
  uint32_t down_silence_ms = 3000;
  uint32_t down_failures = 3;  // failed probes that it takes as well (RFC 3539, c-ares); 1..10
  uint32_t soft_failures = 3;  // 502, 503, 504, garbage: so many make a suspect; 1..10
  uint32_t server_errors = 5;  // 500 in a row that make a suspect; 1..100
  uint32_t gray_window = 10;   // real requests looked at for a gray failure; 4..100
  uint32_t gray_percent = 50;  // of them failed while probes pass; 10..100
  uint32_t retry_after_max_s = 300;  // a longer Retry-After is cut to this; 1..3600
  uint32_t backoff_min_ms = 1000;    // probes of a server that is down; 500..60000
  uint32_t backoff_max_ms = 120000;  // times 1.6 up to this (gRPC); backoff_min_ms..3600000
  // For servers preferred to the one in charge; backoff_min_ms..3600000
  uint32_t preferred_backoff_max_ms = 30000;
};

struct FailbackPolicy {
  FailbackMode mode = FailbackMode::automatic;
  uint32_t good_probes = 3;                // in a row, same instance and epoch (RFC 3539); 1..20
  uint32_t good_probe_spacing_ms = 10000;  // at least, between those; 500..600000
  uint32_t hold_down_s = 300;  // at least so long on the fallback (RFC 3539: 5 minutes); 0..86400
  // Doubled by failed returns up to this (own); hold_down_s..86400
  uint32_t hold_down_max_s = 3600;
  // A return waits U(0, spread) more; the server may ask for more; 0..86400
  uint32_t spread_s = 300;
  uint32_t grace_spread_s = 30;  // the same after an outage shorter than cluster_grace_ms; 0..3600
  uint32_t relapse_s = 600;      // a failure so soon after a return doubles the hold-down; 0..86400
  uint32_t stable_s = 3600;      // so long without one resets it; relapse_s..604800
  uint32_t max_switches_per_hour = 4;  // no return after so many switches in an hour (own); 1..60
  uint32_t window_start_min = 0;       // mode window: minutes after local midnight; 0..1439
  uint32_t window_end_min = 0;         // exclusive; may lie before the start (over midnight)
  int32_t utc_offset_min = 0;          // local time for the window; -840..840
};

struct RequestPolicy {
  uint32_t deadline_ms = 10000;      // of a call for which the host gives none; 500..300000
  uint32_t attempts_per_server = 3;  // 1..10
  // Sleep U(0, min(retry_max_ms, base x 2^n)) (AWS full jitter); 10..10000
  uint32_t retry_base_ms = 100;
  uint32_t retry_max_ms = 10000;    // retry_base_ms..60000
  uint32_t retry_tokens = 10;       // retry budget of a server (gRFC A6); 1..1000
  uint32_t hedge_min_ms = 30;       // clamp of the observed 98th percentile (own); 0..10000
  uint32_t hedge_max_ms = 1000;     // hedge_min_ms..60000
  uint32_t hedge_default_ms = 500;  // before 20 answers are known; 0..60000
  uint32_t hedge_percent = 2;       // of requests may be hedged; 0..100
  uint32_t hedge_burst = 5;         // plus so many; 0..100
  // An unrepeatable request waits so long for a suspect's verdict; 0..60000
  uint32_t verdict_wait_ms = 5000;
  uint32_t cold_join_ms = 1000;  // power-on: the next server joins after this; 0..60000
  // And the first one's answer is preferred until this; cold_join_ms..60000
  uint32_t cold_prefer_ms = 2000;
};

struct LoginPolicy {
  AcceptLogin accept_login_from = AcceptLogin::same_cluster;
  bool hedge_passwords_across_clusters = false;
  uint32_t offline_after_ms = 3000;  // no server answered: ask the credential cache; 100..60000
};

// Where the credential cache lives.
enum class CacheMode : uint8_t {
  off,        // nobody logs in without a server
  automatic,  // flash with a device key of tier soc_bound or better, else ram
  ram,        // dies with the power
  // Also with a device key of tier none, then for passwords only, of at most 10 users, for at most
  // 24 h: the integrator's explicit choice
  flash,
};

// What the home cluster may hand out of its users.
enum class UserSync : uint8_t {
  none,       // the cache knows who logged in here
  users,      // names, rights, and who may no longer log in
  verifiers,  // and verifiers of cards and passwords: each user can log in at once
  all,        // and of PINs, which whoever is handed them can search: a choice to be made knowingly
};

// Rights that an offline session loses as the outage ages.
struct RightsDecay {
  uint32_t after_h = 24;            // since the last authenticated contact with home; 1..336
  std::vector<std::string> rights;  // that are gone from then on
};

// A code on a sealed paper: lets somebody print when nothing else works. Off without a verifier.
struct BreakGlass {
  std::string salt;         // hex, 8..64 bytes
  uint32_t iterations = 0;  // 100000..10000000
  std::string verifier;     // hex; PBKDF2-HMAC-SHA256(code, salt, iterations); empty: off
  std::vector<std::string> rights = {"print"};
  uint32_t max_per_day = 4;  // granted logins in 24 h; 1..100
};

// Logins that the device decides itself, when no server answers. Numbers without a source: (own).
struct OfflinePolicy {
  CacheMode cache = CacheMode::off;
  UserSync sync = UserSync::none;
  // base64 of an uncompressed P-256 point: manifests of users must be signed with it. Empty: TLS is
  // all that vouches for them
  std::string users_key;
  bool cards = true;
  bool pins = true;
  bool passwords = true;
  uint32_t max_age_h = 72;            // since the last authenticated contact with home; 1..336
  uint32_t card_expiry_h = 720;       // since the credential was last good online; 1..8760
  uint32_t pin_expiry_h = 720;        // 1..8760
  uint32_t password_expiry_h = 336;   // 1..8760
  uint32_t max_users_ram = 5000;      // 1..100000; the least recently used leave
  uint32_t max_users_flash = 100000;  // 1..1000000
  uint32_t kdf_target_ms = 250;       // what a derivation is calibrated to; 20..2000
  // Of PBKDF2 for what is learnt here, from when the cache is made on; 10000..1000000. The host may
  // set it to what calibrate_kdf() (adapters/posix.h) finds for kdf_target_ms on this board
  uint32_t kdf_iterations = 100000;
  uint32_t pause_after = 5;          // failures of one user; 1..20
  uint32_t pause_s = 30;             // no offline login of that user meanwhile; 1..3600
  uint32_t online_only_after = 10;   // failures: until an online login succeeds; pause_after..100
  uint32_t device_failures = 32;     // of one kind at this device, whoever it was; 4..1000
  uint32_t device_forget_s = 600;    // one of them is forgotten each so many seconds; 10..86400
  uint32_t pin_guess_permille = 50;  // chance a day to guess anybody's PIN, at most; 1..1000
  std::vector<RightsDecay> rights_decay;  // at most 8
  BreakGlass break_glass;
  bool aes_only = false;      // for certifications that ask for AES
  uint32_t max_audit = 1000;  // events kept until home has them; 100..100000
};

struct SessionPolicy {
  uint32_t max_sessions = 8;  // 1..64
};

struct JobPolicy {
  // Go to DIRECT when no server is left (only what is on the device can be printed)
  bool direct_printing = false;
  uint32_t max_releases = 8;  // at once; 1..64
  // Printed jobs and unsent reports kept; the oldest fully reported leave first; 16..4096
  uint32_t max_remembered = 512;
  uint64_t max_document_bytes = 512ull * 1024 * 1024;  // 1..2^40
  uint32_t release_deadline_ms = 120000;  // to have the document on the device; 1000..3600000
  // A document's transfer without a byte for so long is given up; 500..60000
  uint32_t document_idle_ms = 5000;
};

struct LimitPolicy {
  uint32_t max_requests = 32;           // under way at once; 4..256
  uint32_t max_answer_bytes = 1048576;  // of anything that isn't a document; 1024..67108864
  uint32_t max_list_jobs = 1000;        // of one user's list; 1..100000
  uint32_t history = 32;                // switches remembered over restarts; 4..256
};

struct Config {
  std::string device_id;  // 1..64 of [A-Za-z0-9._:-]; unique in the fleet: jitter is seeded from it
  std::vector<ServerConfig>
      servers;  // in order of preference; 0..16. The first one's cluster is the device's home
  std::string server_list_key;  // base64 of an uncompressed P-256 point: accept signed server
                                // lists. Empty: never
  ProbePolicy probe;
  DownPolicy down;
  FailbackPolicy failback;
  RequestPolicy request;
  LoginPolicy login;
  OfflinePolicy offline;
  SessionPolicy session;
  JobPolicy job;
  LimitPolicy limit;
  // Plain http to other than loopback addresses: a lab's choice, never an office's
  bool allow_http = false;
};

// What is wrong with a configuration, in words for the person who wrote it.
struct ConfigError {
  std::string field;    // JSON pointer: "/servers/0/url"
  std::string value;    // what was found, shortened; "(missing)"; secrets are shown as "(hidden)"
  std::string allowed;  // what would be right

  // "/probe/probe_s: 2 is not allowed; use 5..900"
  std::string text() const;
};

// Every error found; empty when the configuration can be used. Checks ranges, forms and
// contradictions between fields.
std::vector<ConfigError> validate(const Config& config);

// Reads JSON text. Unknown, doubled, missing and mistyped fields are errors, as is what validate()
// finds. On error the list has at least one entry.
tl::expected<Config, std::vector<ConfigError>> parse_config(const std::string& json);

}  // namespace holdfast
