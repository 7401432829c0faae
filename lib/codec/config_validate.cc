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
  size_t servers(std::vector<ServerConfig>& list) override {
    if (list.size() <= kMaxServers) return list.size();
    complain("servers", std::to_string(list.size()) + " servers",
             "an array of at most " + std::to_string(kMaxServers) + " servers");
    return kMaxServers;
  }
  bool enter_server(size_t index) override {
    return enter(("servers/" + std::to_string(index)).c_str());
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

 private:
  void check(const char* name, int64_t value, const Range& range) {
    if (!range.contains(value)) complain(name, std::to_string(value), range.text());
  }
  void complain(const char* name, std::string value, std::string allowed) {
    errors_.push_back({path_ + "/" + name, std::move(value), std::move(allowed)});
  }

  std::vector<ConfigError>& errors_;
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
