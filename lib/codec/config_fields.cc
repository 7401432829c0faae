// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "codec/config_fields.h"

#include <algorithm>

#include "base/base64.h"
#include "base/text.h"
#include "codec/json.h"
#include "codec/url.h"

namespace holdfast::codec {
namespace {

constexpr size_t kMaxShownBytes = 64;
constexpr size_t kMaxTokenBytes = 4096;
constexpr size_t kMaxPathBytes = 1024;
constexpr size_t kMaxFileBytes = 4096;
constexpr size_t kMaxPemBytes = 1 << 20;
constexpr size_t kMaxJsonValueBytes = 4096;
constexpr size_t kMaxRightsDecay = 8;
constexpr size_t kMaxRights = 64;

constexpr const char* kProbeKinds[] = {"protocol", "http", "tcp", "ipp"};
constexpr const char* kAcceptLogins[] = {"same_cluster", "any"};
constexpr const char* kFailbackModes[] = {"automatic", "manual", "window"};
constexpr const char* kCacheModes[] = {"off", "automatic", "ram", "flash"};
constexpr const char* kUserSyncs[] = {"none", "users", "verifiers", "all"};

constexpr size_t kMinSaltDigits = 16;
constexpr size_t kMaxSaltDigits = 128;
constexpr size_t kVerifierDigits = 64;

bool is_token(std::string_view text) {
  return text.size() <= kMaxTokenBytes && is_visible_ascii(text);
}
bool is_sha256_pin(std::string_view text) {
  std::string bytes;
  return base64_decode(text, bytes) && bytes.size() == 32;
}
bool is_p256_point(std::string_view text) {
  std::string bytes;
  return base64_decode(text, bytes) && bytes.size() == 65 && bytes[0] == 4;
}
bool is_file_name(std::string_view text) {
  return text.size() <= kMaxFileBytes && printable(text, text.size()) == text;
}
bool is_pem(std::string_view text) {
  return text.size() <= kMaxPemBytes && text.find('\0') == std::string_view::npos &&
         text.find("-----BEGIN CERTIFICATE-----") != std::string_view::npos;
}
bool is_request_path(std::string_view text) {
  return text.size() <= kMaxPathBytes && text[0] == '/' && is_visible_ascii(text) &&
         text.find('#') == std::string_view::npos;
}
bool is_short_pointer(std::string_view text) {
  return text.size() <= kMaxPathBytes && is_json_pointer(text);
}
bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  });
}
bool is_salt(std::string_view text) {
  return text.size() >= kMinSaltDigits && text.size() <= kMaxSaltDigits && text.size() % 2 == 0 &&
         is_hex(text);
}
bool is_verifier(std::string_view text) { return text.size() == kVerifierDigits && is_hex(text); }
bool is_json_text(std::string_view text) {
  JsonLimits limits;
  limits.max_bytes = kMaxJsonValueBytes;
  return JsonDocument::parse(text, limits).ok();
}

constexpr TextRule kDeviceId = {is_id, "1..64 of [A-Za-z0-9._:-]", true};
constexpr TextRule kServerName = {
    is_server_name, "1..64 of [A-Za-z0-9._-], but not none or direct, and not twice", true};
constexpr TextRule kServerUrl = {is_server_url,
                                 "http(s)://host[:port][/base] without user info, query, fragment, "
                                 "\"%\" or a slash at the end",
                                 true};
constexpr TextRule kClusterId = {is_id, "1..64 of [A-Za-z0-9._:-]", true};
constexpr TextRule kToken = {is_token, "at most 4096 printable ASCII characters without spaces",
                             false, true};
constexpr TextRule kRequestPath = {
    is_request_path, "\"/\" and at most 1023 printable ASCII characters without spaces or \"#\"",
    true};
constexpr TextRule kJsonPointer = {is_short_pointer, "a JSON pointer (RFC 6901) such as /status"};
constexpr TextRule kJsonValue = {is_json_text,
                                 "JSON text such as \"up\" (with its quotes) or true"};
constexpr TextRule kFile = {is_file_name, "a file's name without control characters"};
constexpr TextRule kPem = {is_pem, "PEM text with at least one certificate, at most 1 MiB"};
constexpr TextRule kPin = {is_sha256_pin, "the base64 form of 32 bytes (44 characters)"};
constexpr TextRule kPoint = {is_p256_point,
                             "the base64 form of an uncompressed P-256 point (65 bytes, first 04)"};

constexpr TextRule kSalt = {is_salt, "8 to 64 bytes as hexadecimal digits", false, true};
constexpr TextRule kVerifier = {is_verifier, "32 bytes as 64 hexadecimal digits", false, true};
constexpr TextRule kRight = {is_id, "1..64 of [A-Za-z0-9._:-], such as print or color", true};

constexpr ListRule kServers = {kMaxServers, "servers", true};
constexpr ListRule kSteps = {kMaxRightsDecay, "steps"};
constexpr ListRule kRights = {kMaxRights, "rights"};

constexpr Range range(int64_t min, int64_t max) { return {min, max, nullptr, false, min}; }
// From another field's value on; `least` is that field's own lower bound.
constexpr Range at_least(const char* field, uint32_t value, int64_t least, int64_t max) {
  return {value, max, field, false, least};
}
constexpr Range more_than(const char* field, uint32_t value, int64_t least, int64_t max) {
  return {int64_t{value} + 1, max, field, true, least + 1};
}

template <class Enum, size_t kCount>
void choice(FieldVisitor& v, const char* name, Enum& value, const char* const (&names)[kCount]) {
  auto number = static_cast<uint8_t>(value);
  v.choice(name, number, Choices{names, kCount});
  // Written only when changed: validate() walks constant configurations.
  if (number != static_cast<uint8_t>(value)) value = static_cast<Enum>(number);
}

// Visits a list of objects; a visitor that reads makes it longer.
template <class Item, class Visit>
void visit_list(FieldVisitor& v, const char* name, std::vector<Item>& items, const ListRule& rule,
                const Visit& visit_item) {
  const size_t count = v.list(name, items.size(), rule);
  if (count > items.size()) items.resize(count);
  for (size_t i = 0; i < count; ++i) {
    if (!v.enter_item(i)) continue;
    visit_item(items[i]);
    v.leave();
  }
  v.leave_list();
}

void visit(FieldVisitor& v, ServerConfig& c) {
  v.text("name", c.name, kServerName);
  v.text("url", c.url, kServerUrl);
  v.text("cluster_id", c.cluster_id, kClusterId);
  v.text("token", c.token, kToken);
  if (v.enter("probe")) {
    choice(v, "kind", c.probe.kind, kProbeKinds);
    v.text("path", c.probe.path, kRequestPath);
    v.number("expect_status", c.probe.expect_status, range(100, 599));
    v.text("json_pointer", c.probe.json_pointer, kJsonPointer);
    v.text("json_value", c.probe.json_value, kJsonValue);
    v.leave();
  }
  if (v.enter("tls")) {
    v.text("ca_file", c.tls.ca_file, kFile);
    v.text("ca_pem", c.tls.ca_pem, kPem);
    v.text("pin_sha256", c.tls.pin_sha256, kPin);
    v.text("pin_next_sha256", c.tls.pin_next_sha256, kPin);
    v.text("client_certificate_file", c.tls.client_certificate_file, kFile);
    v.text("client_key_file", c.tls.client_key_file, kFile);
    v.leave();
  }
  v.number("cluster_grace_ms", c.cluster_grace_ms, range(0, 600000));
}

void visit(FieldVisitor& v, ProbePolicy& c) {
  v.number("probe_s", c.probe_s, range(5, 900));
  v.number("user_present_probe_ms", c.user_present_probe_ms, range(500, 10000));
  v.number("suspect_interval_ms", c.suspect_interval_ms, range(500, 5000));
  v.number("suspect_timeout_ms", c.suspect_timeout_ms, range(100, 5000));
  v.number("first_timeout_ms", c.first_timeout_ms, range(100, 10000));
  v.number("min_timeout_ms", c.min_timeout_ms, range(10, 5000));
  v.number("max_timeout_ms", c.max_timeout_ms, range(100, 30000));
  v.number("fresh_every", c.fresh_every, range(1, 100));
  v.number("quarantine_recheck_s", c.quarantine_recheck_s, range(30, 86400));
  v.number("name_not_found_recheck_s", c.name_not_found_recheck_s, range(5, 3600));
}

void visit(FieldVisitor& v, DownPolicy& c) {
  v.number("suspect_silence_ms", c.suspect_silence_ms, range(200, 60000));
  v.number("down_silence_ms", c.down_silence_ms,
           more_than("suspect_silence_ms", c.suspect_silence_ms, 200, 60000));
  v.number("down_failures", c.down_failures, range(1, 10));
  v.number("soft_failures", c.soft_failures, range(1, 10));
  v.number("server_errors", c.server_errors, range(1, 100));
  v.number("gray_window", c.gray_window, range(4, 100));
  v.number("gray_percent", c.gray_percent, range(10, 100));
  v.number("retry_after_max_s", c.retry_after_max_s, range(1, 3600));
  v.number("backoff_min_ms", c.backoff_min_ms, range(500, 60000));
  v.number("backoff_max_ms", c.backoff_max_ms,
           at_least("backoff_min_ms", c.backoff_min_ms, 500, 3600000));
  v.number("preferred_backoff_max_ms", c.preferred_backoff_max_ms,
           at_least("backoff_min_ms", c.backoff_min_ms, 500, 3600000));
}

void visit(FieldVisitor& v, FailbackPolicy& c) {
  choice(v, "mode", c.mode, kFailbackModes);
  v.number("good_probes", c.good_probes, range(1, 20));
  v.number("good_probe_spacing_ms", c.good_probe_spacing_ms, range(500, 600000));
  v.number("hold_down_s", c.hold_down_s, range(0, 86400));
  v.number("hold_down_max_s", c.hold_down_max_s, at_least("hold_down_s", c.hold_down_s, 0, 86400));
  v.number("spread_s", c.spread_s, range(0, 86400));
  v.number("grace_spread_s", c.grace_spread_s, range(0, 3600));
  v.number("relapse_s", c.relapse_s, range(0, 86400));
  v.number("stable_s", c.stable_s, at_least("relapse_s", c.relapse_s, 0, 604800));
  v.number("max_switches_per_hour", c.max_switches_per_hour, range(1, 60));
  v.number("window_start_min", c.window_start_min, range(0, 1439));
  v.number("window_end_min", c.window_end_min, range(0, 1439));
  v.number("utc_offset_min", c.utc_offset_min, range(-840, 840));
}

void visit(FieldVisitor& v, RequestPolicy& c) {
  v.number("deadline_ms", c.deadline_ms, range(500, 300000));
  v.number("attempts_per_server", c.attempts_per_server, range(1, 10));
  v.number("retry_base_ms", c.retry_base_ms, range(10, 10000));
  v.number("retry_max_ms", c.retry_max_ms, at_least("retry_base_ms", c.retry_base_ms, 10, 60000));
  v.number("retry_tokens", c.retry_tokens, range(1, 1000));
  v.number("hedge_min_ms", c.hedge_min_ms, range(0, 10000));
  v.number("hedge_max_ms", c.hedge_max_ms, at_least("hedge_min_ms", c.hedge_min_ms, 0, 60000));
  v.number("hedge_default_ms", c.hedge_default_ms, range(0, 60000));
  v.number("hedge_percent", c.hedge_percent, range(0, 100));
  v.number("hedge_burst", c.hedge_burst, range(0, 100));
  v.number("verdict_wait_ms", c.verdict_wait_ms, range(0, 60000));
  v.number("cold_join_ms", c.cold_join_ms, range(0, 60000));
  v.number("cold_prefer_ms", c.cold_prefer_ms, at_least("cold_join_ms", c.cold_join_ms, 0, 60000));
}

void visit(FieldVisitor& v, LoginPolicy& c) {
  choice(v, "accept_login_from", c.accept_login_from, kAcceptLogins);
  v.flag("hedge_passwords_across_clusters", c.hedge_passwords_across_clusters);
  v.number("offline_after_ms", c.offline_after_ms, range(100, 60000));
}

void visit(FieldVisitor& v, BreakGlass& c) {
  v.text("salt", c.salt, kSalt);
  v.number("iterations", c.iterations, range(0, 10000000));
  v.text("verifier", c.verifier, kVerifier);
  v.texts("rights", c.rights, kRight, kRights);
  v.number("max_per_day", c.max_per_day, range(1, 100));
}

void visit(FieldVisitor& v, OfflinePolicy& c) {
  choice(v, "cache", c.cache, kCacheModes);
  choice(v, "sync", c.sync, kUserSyncs);
  v.text("users_key", c.users_key, kPoint);
  v.flag("cards", c.cards);
  v.flag("pins", c.pins);
  v.flag("passwords", c.passwords);
  v.number("max_age_h", c.max_age_h, range(1, 336));
  v.number("card_expiry_h", c.card_expiry_h, range(1, 8760));
  v.number("pin_expiry_h", c.pin_expiry_h, range(1, 8760));
  v.number("password_expiry_h", c.password_expiry_h, range(1, 8760));
  v.number("max_users_ram", c.max_users_ram, range(1, 100000));
  v.number("max_users_flash", c.max_users_flash, range(1, 1000000));
  v.number("kdf_target_ms", c.kdf_target_ms, range(20, 2000));
  v.number("kdf_iterations", c.kdf_iterations, range(10000, 1000000));
  v.number("pause_after", c.pause_after, range(1, 20));
  v.number("pause_s", c.pause_s, range(1, 3600));
  v.number("online_only_after", c.online_only_after,
           at_least("pause_after", c.pause_after, 1, 100));
  v.number("device_failures", c.device_failures, range(4, 1000));
  v.number("device_forget_s", c.device_forget_s, range(10, 86400));
  v.number("pin_guess_permille", c.pin_guess_permille, range(1, 1000));
  visit_list(v, "rights_decay", c.rights_decay, kSteps, [&](RightsDecay& step) {
    v.number("after_h", step.after_h, range(1, 336));
    v.texts("rights", step.rights, kRight, kRights);
  });
  if (v.enter("break_glass")) {
    visit(v, c.break_glass);
    v.leave();
  }
  v.flag("aes_only", c.aes_only);
  v.number("max_audit", c.max_audit, range(100, 100000));
}

void visit(FieldVisitor& v, SessionPolicy& c) {
  v.number("max_sessions", c.max_sessions, range(1, 64));
}

void visit(FieldVisitor& v, JobPolicy& c) {
  v.flag("direct_printing", c.direct_printing);
  v.number("max_releases", c.max_releases, range(1, 64));
  v.number("max_remembered", c.max_remembered, range(16, 4096));
  v.number("max_document_bytes", c.max_document_bytes, range(1, int64_t{1} << 40));
  v.number("release_deadline_ms", c.release_deadline_ms, range(1000, 3600000));
  v.number("document_idle_ms", c.document_idle_ms, range(500, 60000));
}

void visit(FieldVisitor& v, LimitPolicy& c) {
  v.number("max_requests", c.max_requests, range(4, 256));
  v.number("max_answer_bytes", c.max_answer_bytes, range(1024, 67108864));
  v.number("max_list_jobs", c.max_list_jobs, range(1, 100000));
  v.number("history", c.history, range(4, 256));
}

template <class Section>
void visit_section(FieldVisitor& v, const char* name, Section& section) {
  if (!v.enter(name)) return;
  visit(v, section);
  v.leave();
}

}  // namespace

void visit_fields(Config& config, FieldVisitor& visitor) {
  visitor.text("device_id", config.device_id, kDeviceId);
  visit_list(visitor, "servers", config.servers, kServers,
             [&](ServerConfig& server) { visit(visitor, server); });
  visitor.text("server_list_key", config.server_list_key, kPoint);
  visit_section(visitor, "probe", config.probe);
  visit_section(visitor, "down", config.down);
  visit_section(visitor, "failback", config.failback);
  visit_section(visitor, "request", config.request);
  visit_section(visitor, "login", config.login);
  visit_section(visitor, "offline", config.offline);
  visit_section(visitor, "session", config.session);
  visit_section(visitor, "job", config.job);
  visit_section(visitor, "limit", config.limit);
  visitor.flag("allow_http", config.allow_http);
}

std::string Range::text() const {
  const std::string top = std::to_string(max);
  if (field == nullptr) return std::to_string(min) + ".." + top;
  const std::string other = std::string(field) + " (" + std::to_string(above ? min - 1 : min) + ")";
  return above ? "above " + other + ", up to " + top : other + ".." + top;
}

std::string ListRule::text() const {
  return "an array of at most " + std::to_string(max) + " " + of;
}

std::string Choices::text() const {
  std::string text;
  for (size_t i = 0; i < count; ++i) {
    if (i > 0) text += i + 1 == count ? " or " : ", ";
    text += names[i];
  }
  return text;
}

std::string shown_value(std::string_view value) {
  if (value.empty()) return "\"\"";
  const bool whole = value.size() <= kMaxShownBytes;
  return printable(value, whole ? kMaxShownBytes : kMaxShownBytes - 3) + (whole ? "" : "...");
}

// A switch's history names servers, or says "none" or "direct".
bool is_server_name(std::string_view text) {
  return is_name(text) && text != "none" && text != "direct";
}

bool is_server_url(std::string_view text) {
  ServerUrl url;
  return parse_server_url(text, url);
}

}  // namespace holdfast::codec
