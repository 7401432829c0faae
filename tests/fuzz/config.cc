// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// A configuration's text: what is accepted is valid, means the same when written out again, and
// makes probes that are one request each; what is refused says why, in words fit to print.
#include "client/evidence.h"
#include "codec/config_fields.h"
#include "codec/json_writer.h"
#include "fuzz.h"

using namespace holdfast;

namespace {

class Writer final : public codec::FieldVisitor {
 public:
  Writer() { json_.open_object(); }
  ~Writer() override = default;

  bool enter(const char* name) override {
    json_.name(name).open_object();
    return true;
  }
  void leave() override {
    json_.close_object();
  }
  size_t list(const char* name, size_t size, const codec::ListRule&) override {
    json_.name(name).open_array();
    return size;
  }
  bool enter_item(size_t) override {
    json_.open_object();
    return true;
  }
  void leave_list() override { json_.close_array(); }

  void number(const char* name, uint32_t& value, const codec::Range&) override {
    json_.member(name, uint64_t{value});
  }
  void number(const char* name, int32_t& value, const codec::Range&) override {
    json_.name(name).signed_number(value);
  }
  void number(const char* name, uint64_t& value, const codec::Range&) override {
    json_.member(name, value);
  }
  void flag(const char* name, bool& value) override { json_.member(name, value); }
  void choice(const char* name, uint8_t& value, const codec::Choices& choices) override {
    HOLDFAST_MUST(value < choices.count);
    json_.member(name, choices.names[value]);
  }
  void text(const char* name, std::string& value, const codec::TextRule&) override {
    json_.member(name, std::string_view(value));
  }
  void texts(const char* name, std::vector<std::string>& values, const codec::TextRule&,
             const codec::ListRule&) override {
    json_.name(name).open_array();
    for (const std::string& value : values) json_.string(value);
    json_.close_array();
  }

  std::string take() { return json_.close_object().take(); }

 private:
  codec::JsonWriter json_;
};

std::string written(Config config) {
  Writer writer;
  codec::visit_fields(config, writer);
  return writer.take();
}

void check_errors(const std::vector<ConfigError>& errors) {
  HOLDFAST_MUST(!errors.empty());
  for (const ConfigError& error : errors) {
    HOLDFAST_MUST(!error.allowed.empty() && !error.value.empty());
    HOLDFAST_MUST(error.field.empty() || error.field[0] == '/');
    const std::string text = error.text();
    HOLDFAST_MUST(printable(text, text.size()) == text);
  }
}

void check_probes(const Config& config) {
  const auto protocol = device_protocol_v1();
  for (const ServerConfig& server : config.servers) {
    if (server.probe.kind == ProbeKind::tcp) continue;  // sends nothing
    const DeviceIdentity device{config.device_id, server.token};
    fuzz::must_be_one_request(client::probe_words(server.probe, server, device, *protocol));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto config = parse_config(std::string(fuzz::bytes_of(data, size)));
  if (!config) {
    check_errors(config.error());
    return 0;
  }
  HOLDFAST_MUST(validate(*config).empty());
  check_probes(*config);
  const std::string text = written(*config);
  const auto again = parse_config(text);
  HOLDFAST_MUST(again.has_value());
  HOLDFAST_MUST(written(*again) == text);
  return 0;
}
