// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The configuration of a case: the library's own JSON, with what a case needn't say filled in.
#include "parse.h"

#include "codec/json_writer.h"

namespace holdfast::cases {
namespace {

using codec::JsonType;
using codec::JsonValue;
using codec::JsonWriter;

void copy(JsonValue value, JsonWriter* out) {
  std::string_view text;
  int64_t number = 0;
  bool flag = false;
  if (value.get(text)) {
    out->string(text);
  } else if (value.get(flag)) {
    out->boolean(flag);
  } else if (value.get_signed(INT64_MIN, INT64_MAX, number)) {
    out->signed_number(number);
  } else if (value.type() == JsonType::array) {
    out->open_array();
    for (JsonValue v = value.first(); v.present(); v = v.next()) copy(v, out);
    out->close_array();
  } else if (value.type() == JsonType::object) {
    out->open_object();
    for (JsonValue v = value.first(); v.present(); v = v.next()) copy(v, &out->name(v.key()));
    out->close_object();
  } else {
    out->string(value.shown());  // null, a fraction: the library says what is wrong with it
  }
}

void write_server(JsonValue value, JsonWriter* out) {
  std::string_view name;
  const bool bare = value.get(name);
  if (!bare) (void)value.find("name").get(name);
  out->open_object();
  if (bare) out->member("name", name);
  for (JsonValue m = bare ? JsonValue() : value.first(); m.present(); m = m.next())
    copy(m, &out->name(m.key()));
  if (bare || !value.find("url").present())
    out->member("url", "https://" + std::string(name) + ".example");
  if (bare || !value.find("cluster_id").present()) out->member("cluster_id", "main");
  out->close_object();
}

}  // namespace

bool read_config(JsonValue value, Config* config, Errors* errors) {
  JsonWriter out;
  out.open_object();
  if (!value.find("device_id").present()) out.member("device_id", "device");
  bool servers = false;
  for (JsonValue m = value.first(); m.present(); m = m.next()) {
    out.name(m.key());
    if (m.key() != "servers" || m.type() != JsonType::array) {
      copy(m, &out);
      continue;
    }
    servers = true;
    out.open_array();
    for (JsonValue s = m.first(); s.present(); s = s.next()) write_server(s, &out);
    out.close_array();
  }
  if (!servers) {
    out.name("servers").open_array();
    for (const char* name : {"a", "b"})
      out.open_object()
          .member("name", name)
          .member("url", std::string("https://") + name + ".example")
          .member("cluster_id", "main")
          .close_object();
    out.close_array();
  }
  out.close_object();
  tl::expected<Config, std::vector<ConfigError>> parsed = parse_config(out.take());
  if (parsed) {
    *config = std::move(*parsed);
    return true;
  }
  for (const ConfigError& error : parsed.error()) errors->push_back(value.pointer() + error.text());
  return false;
}

}  // namespace holdfast::cases
