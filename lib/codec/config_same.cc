// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>

#include "codec/config_fields.h"

namespace holdfast::codec {
namespace {

// Writes down each value, so that two policies can be compared without a second list of fields.
class Written final : public FieldVisitor {
 public:
  const std::string& text() const { return text_; }

  bool enter(const char*) override { return true; }
  void leave() override {}
  size_t list(const char*, size_t size, const ListRule&) override {
    add(size);
    return size;
  }
  bool enter_item(size_t) override { return true; }
  void number(const char*, uint32_t& value, const Range&) override { add(value); }
  void number(const char*, int32_t& value, const Range&) override { add(value); }
  void number(const char*, uint64_t& value, const Range&) override { add(value); }
  void flag(const char*, bool& value) override { add(value ? 1 : 0); }
  void choice(const char*, uint8_t& value, const Choices&) override { add(value); }
  void text(const char*, std::string& value, const TextRule&) override {
    add(value.size());
    text_ += value;
  }
  void texts(const char*, std::vector<std::string>& values, const TextRule& rule,
             const ListRule&) override {
    add(values.size());
    for (std::string& value : values) text("", value, rule);
  }

 private:
  template <class Number>
  void add(Number value) {
    text_ += std::to_string(value) + ' ';
  }

  std::string text_;
};

std::string written(OfflinePolicy policy) {
  Config config;
  config.offline = std::move(policy);
  Written visitor;
  visit_fields(config, visitor);
  return visitor.text();
}

}  // namespace

bool same(const OfflinePolicy& a, const OfflinePolicy& b) { return written(a) == written(b); }

}  // namespace holdfast::codec
