// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "codec/config_fields.h"
#include "codec/url.h"

namespace holdfast {
namespace codec {
namespace {

// Ranges and forms, field by field.
class Checker final : public FieldVisitor {
 public:
  explicit Checker(std::vector<ConfigError>& errors) : errors_(errors) {}
  ~Checker() override = default;

  bool enter(const char* name) override {
    starts_.push_back(path_.size());
    path_ += std::string("/") + name;
    return true;
  }
  void leave() override {
    path_.resize(starts_.back());
    starts_.pop_back();
  }
  size_t list(const char* name, size_t size, const ListRule& rule) override {
    list_ = name;
    return checked_size(name, size, rule);
  }
  bool enter_item(size_t index) override {
    return enter((std::string(list_) + "/" + std::to_string(index)).c_str());
  }

  void number(const char* name, uint32_t& value, const Range& range) override {
    check(name, value, range);
  }
  void number(const char* name, int32_t& value, const Range& range) override {
    check(name, value, range);
  }
  void number(const char* name, uint64_t& value, const Range& range) override {
    if (value > INT64_MAX) {
      complain(name, std::to_string(value), range.text());
    } else {
      check(name, static_cast<int64_t>(value), range);
    }
  }
  void flag(const char*, bool&) override {}
  void choice(const char* name, uint8_t& value, const Choices& choices) override {
    if (value >= choices.count) complain(name, std::to_string(value), choices.text());
  }
  void text(const char* name, std::string& value, const TextRule& rule) override {
    const bool good = value.empty() ? !rule.required : rule.good(value);
    if (good) return;
    // A URL with "@" may hold a password.
    const bool hidden =
        rule.secret || (rule.good == is_server_url && value.find('@') != value.npos);
    complain(name, hidden ? "(hidden)" : shown_value(value), rule.allowed);
  }
  void texts(const char* name, std::vector<std::string>& values, const TextRule& each,
             const ListRule& rule) override {
    const size_t count = checked_size(name, values.size(), rule);
    for (size_t i = 0; i < count; ++i)
      text((std::string(name) + "/" + std::to_string(i)).c_str(), values[i], each);
  }

 private:
  size_t checked_size(const char* name, size_t size, const ListRule& rule) {
    if (size <= rule.max) return size;
    complain(name, std::to_string(size) + " " + rule.of, rule.text());
    return rule.max;
  }
  void check(const char* name, int64_t value, const Range& range) {
    if (!range.contains(value)) complain(name, std::to_string(value), range.text());
  }
  void complain(const char* name, std::string value, std::string allowed) {
    errors_.push_back({path_ + "/" + name, std::move(value), std::move(allowed)});
  }

  std::vector<ConfigError>& errors_;
  const char* list_ = "";
  std::string path_;
  std::vector<size_t> starts_;
};

// Fields that are right alone and wrong together.
class Contradictions {
 public:
  explicit Contradictions(std::vector<ConfigError>& errors) : errors_(errors) {}

  void find(const Config& config);

 private:
  void server(const Config& config, size_t index);
  void probe(const ProbeConfig& probe, const std::string& path);
  void tls(const TlsConfig& tls, bool https, const std::string& path);
  void offline(const OfflinePolicy& policy);
  void break_glass(const BreakGlass& glass, bool cache);
  void verifiers_asked(const Config& config);
  void complain(const std::string& field, const std::string& value, const char* allowed) {
    errors_.push_back({field, value.empty() ? "(missing)" : shown_value(value), allowed});
  }

  std::vector<ConfigError>& errors_;
};

void Contradictions::find(const Config& config) {
  for (size_t i = 0; i < config.servers.size() && i < kMaxServers; ++i) server(config, i);
  if (config.probe.max_timeout_ms < config.probe.min_timeout_ms) {
    complain("/probe/max_timeout_ms", std::to_string(config.probe.max_timeout_ms),
             "at least min_timeout_ms");
  }
  const FailbackPolicy& failback = config.failback;
  if (failback.mode == FailbackMode::window &&
      failback.window_start_min == failback.window_end_min) {
    complain("/failback/window_end_min", std::to_string(failback.window_end_min),
             "another minute than window_start_min (mode is window)");
  }
  offline(config.offline);
  if (config.offline.sync == UserSync::verifiers || config.offline.sync == UserSync::all)
    verifiers_asked(config);
}

void Contradictions::server(const Config& config, size_t index) {
  const ServerConfig& server = config.servers[index];
  const std::string path = "/servers/" + std::to_string(index);
  for (size_t other = 0; other < index; ++other) {
    if (config.servers[other].name == server.name && !server.name.empty()) {
      complain(path + "/name", server.name, "a name that no other server has");
      break;
    }
  }
  ServerUrl url;
  if (parse_server_url(server.url, url)) {
    if (!url.https && !url.loopback() && !config.allow_http) {
      complain(path + "/url", server.url,
               "https; http only for localhost, 127.0.0.0/8 and [::1], or with allow_http");
    }
    tls(server.tls, url.https, path + "/tls");
  }
  probe(server.probe, path + "/probe");
}

void Contradictions::probe(const ProbeConfig& probe, const std::string& path) {
  const bool http = probe.kind == ProbeKind::http;
  if (!http && probe.kind != ProbeKind::ipp && probe.path != "/" && !probe.path.empty()) {
    complain(path + "/path", probe.path, "nothing: only probes of kind http or ipp have a path");
  }
  if (!http && probe.expect_status != 200) {
    complain(path + "/expect_status", std::to_string(probe.expect_status),
             "nothing: only probes of kind http expect a status");
  }
  if (!http && !probe.json_pointer.empty()) {
    complain(path + "/json_pointer", probe.json_pointer,
             "nothing: only probes of kind http read a body");
  }
  if (probe.json_value.empty() != probe.json_pointer.empty()) {
    const bool pointer_missing = probe.json_pointer.empty();
    complain(path + (pointer_missing ? "/json_pointer" : "/json_value"), "",
             "json_pointer and json_value together, or neither");
  }
}

void Contradictions::tls(const TlsConfig& tls, bool https, const std::string& path) {
  if (!tls.ca_file.empty() && !tls.ca_pem.empty()) {
    complain(path + "/ca_pem", tls.ca_pem, "either ca_file or ca_pem, not both");
  }
  if (!tls.pin_next_sha256.empty() && tls.pin_sha256.empty()) {
    complain(path + "/pin_sha256", "", "the pin of today's key, if pin_next_sha256 is there");
  }
  if (tls.client_certificate_file.empty() != tls.client_key_file.empty()) {
    const bool key_missing = tls.client_key_file.empty();
    complain(path + (key_missing ? "/client_key_file" : "/client_certificate_file"), "",
             "client_certificate_file and client_key_file together, or neither");
  }
  // Somebody believes that this server is checked. It isn't.
  const std::string* fields[] = {&tls.ca_file, &tls.ca_pem, &tls.pin_sha256,
                                 &tls.client_certificate_file};
  const char* names[] = {"/ca_file", "/ca_pem", "/pin_sha256", "/client_certificate_file"};
  for (size_t i = 0; !https && i < 4; ++i) {
    if (!fields[i]->empty()) complain(path + names[i], *fields[i], "nothing: the URL is http");
  }
}

void Contradictions::offline(const OfflinePolicy& policy) {
  const bool cache = policy.cache != CacheMode::off;
  if (!cache && policy.sync != UserSync::none)
    complain("/offline/sync", "users without a cache", "none, or a cache to keep them in");
  if (policy.sync == UserSync::all && !policy.pins)
    complain("/offline/sync", "all", "verifiers: pins is false");
  if (policy.sync == UserSync::none && !policy.users_key.empty())
    complain("/offline/users_key", policy.users_key, "nothing: sync is none");
  for (size_t i = 0; i < policy.rights_decay.size(); ++i) {
    const std::string path = "/offline/rights_decay/" + std::to_string(i);
    const RightsDecay& step = policy.rights_decay[i];
    if (step.rights.empty()) complain(path + "/rights", "[]", "the rights that are gone then");
    if (i > 0 && step.after_h <= policy.rights_decay[i - 1].after_h) {
      complain(path + "/after_h", std::to_string(step.after_h),
               "more than after_h of the step before it");
    }
  }
  break_glass(policy.break_glass, cache);
}

void Contradictions::break_glass(const BreakGlass& glass, bool cache) {
  constexpr uint32_t kMinIterations = 100000;
  const std::string path = "/offline/break_glass";
  const char* together = "salt, iterations and verifier together, or none of them";
  const bool any = !glass.salt.empty() || glass.iterations != 0 || !glass.verifier.empty();
  if (!any) return;
  if (glass.salt.empty()) complain(path + "/salt", "", together);
  if (glass.verifier.empty()) complain(path + "/verifier", "", together);
  if (glass.iterations < kMinIterations) {
    complain(path + "/iterations", std::to_string(glass.iterations),
             "100000..10000000, as the verifier was made with");
  }
  if (glass.rights.empty()) complain(path + "/rights", "[]", "at least one right");
  if (!cache) {
    errors_.push_back({path + "/verifier", "(hidden)",
                       "nothing while cache is off: such logins are counted in it"});
  }
}

// Verifiers can be searched by whoever is handed them: the server has to know for certain who asks.
void Contradictions::verifiers_asked(const Config& config) {
  for (size_t i = 0; i < config.servers.size() && i < kMaxServers; ++i) {
    const ServerConfig& server = config.servers[i];
    if (server.cluster_id != config.servers[0].cluster_id) continue;
    if (!server.tls.client_certificate_file.empty()) continue;
    complain("/servers/" + std::to_string(i) + "/tls/client_certificate_file", "",
             "https and a client certificate, or users for offline.sync: home hands verifiers out "
             "to nobody else");
  }
}

}  // namespace
}  // namespace codec

std::vector<ConfigError> validate(const Config& config) {
  std::vector<ConfigError> errors;
  codec::Checker checker(errors);
  // The visitor's interface is shared with the reader, which writes; a Checker only looks.
  codec::visit_fields(const_cast<Config&>(config), checker);
  codec::Contradictions(errors).find(config);
  return errors;
}

}  // namespace holdfast
