// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// For config_schema_test.py. "fields": prints the library's list of fields, one JSON object a line.
// "check": reads one configuration a line and prints for each a JSON array of its errors.
#include <cstdio>
#include <cstring>
#include <string>

#include "codec/config_fields.h"
#include "codec/json_writer.h"

namespace holdfast {
namespace {

class Describer final : public codec::FieldVisitor {
 public:
  bool enter(const char* name) override {
    path_ += std::string("/") + name;
    return true;
  }
  void leave() override { path_.resize(path_.rfind('/')); }
  size_t list(const char* name, size_t, const codec::ListRule&) override {
    list_ = std::string(name) + "[]";
    return 1;
  }
  bool enter_item(size_t) override { return enter(list_.c_str()); }

  void number(const char* name, uint32_t& value, const codec::Range& range) override {
    describe_number(name, value, range);
  }
  void number(const char* name, int32_t& value, const codec::Range& range) override {
    describe_number(name, value, range);
  }
  void number(const char* name, uint64_t& value, const codec::Range& range) override {
    describe_number(name, static_cast<int64_t>(value), range);
  }
  void flag(const char* name, bool& value) override {
    begin(name, "boolean").name("default").boolean(value);
    end();
  }
  void choice(const char* name, uint8_t& value, const codec::Choices& choices) override {
    begin(name, "string").member("default", choices.names[value]).name("enum").open_array();
    for (size_t i = 0; i < choices.count; ++i) writer_.string(choices.names[i]);
    writer_.close_array();
    end();
  }
  void text(const char* name, std::string& value, const codec::TextRule& rule) override {
    begin(name, "string")
        .member("default", value)
        .member("required", rule.required && value.empty());
    end();
  }
  void texts(const char* name, std::vector<std::string>& values, const codec::TextRule&,
             const codec::ListRule& rule) override {
    begin(name, "array").name("default").open_array();
    for (const std::string& value : values) writer_.string(value);
    writer_.close_array().name("maxItems").signed_number(static_cast<int64_t>(rule.max));
    end();
  }

 private:
  codec::JsonWriter& begin(const char* name, const char* type) {
    writer_.open_object().member("path", path_ + "/" + name).member("type", type);
    return writer_;
  }
  void end() {
    writer_.close_object();
    std::puts(writer_.take().c_str());
    writer_ = {};
  }
  void describe_number(const char* name, int64_t value, const codec::Range& range) {
    begin(name, "integer").name("default").signed_number(value);
    writer_.name("minimum").signed_number(range.least).name("maximum").signed_number(range.max);
    end();
  }

  std::string path_;
  std::string list_;
  codec::JsonWriter writer_;
};

bool read_line(std::string& line) {
  line.clear();
  for (int c = std::getchar(); c != EOF; c = std::getchar()) {
    if (c == '\n') return true;
    line.push_back(static_cast<char>(c));
  }
  return !line.empty();
}

void check_lines() {
  for (std::string line; read_line(line);) {
    const auto config = parse_config(line);
    codec::JsonWriter writer;
    writer.open_array();
    if (!config) {
      for (const ConfigError& error : config.error()) {
        writer.open_object()
            .member("field", error.field)
            .member("text", error.text())
            .close_object();
      }
    }
    writer.close_array();
    std::puts(writer.take().c_str());
  }
}

}  // namespace
}  // namespace holdfast

int main(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], "fields") == 0) {
    holdfast::Config config;
    holdfast::Describer describer;
    holdfast::codec::visit_fields(config, describer);
    return 0;
  }
  if (argc == 2 && std::strcmp(argv[1], "check") == 0) {
    holdfast::check_lines();
    return 0;
  }
  std::fputs("usage: holdfast-config-check fields|check\n", stderr);
  return 2;
}
