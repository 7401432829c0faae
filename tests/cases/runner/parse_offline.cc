// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// A file of cases of logins without a server.
#include <algorithm>

#include "offline_case.h"
#include "parse.h"
#include "words.h"

namespace holdfast::cases {
namespace {

using codec::JsonType;
using codec::JsonValue;

constexpr int64_t kLongest_ms = 100LL * 365 * 24 * 3600 * 1000;
const std::vector<std::string> kTiers = {"none", "soc_bound", "tee", "secure_element"};
const std::vector<std::string> kScopeNumbers = {"max_users", "max_age_h"};
const std::vector<std::string> kScopeFlags = {"on", "on_flash", "passwords_only", "verifiers",
                                              "pin_verifiers"};

std::vector<std::string> given_words() {
  std::vector<std::string> words =
      words_of(core::OfflineRefusal::off, core::OfflineRefusal::too_old);
  words.emplace_back("granted");
  return words;
}

// "<name>_ms", "<name>_s" or "<name>_h".
std::optional<int64_t> read_time(ObjectReader* reader, const std::string& name) {
  std::optional<int64_t> found;
  for (const auto& [unit, factor] : {std::pair{"_ms", int64_t{1}}, std::pair{"_s", int64_t{1000}},
                                     std::pair{"_h", int64_t{3600000}}}) {
    const auto number = reader->number((name + unit).c_str(), 0, kLongest_ms / factor);
    if (number && found) reader->complain(name + ": give one time");
    if (number) found = *number * factor;
  }
  return found;
}

std::vector<std::string> read_texts(JsonValue list, ObjectReader* reader) {
  std::vector<std::string> texts;
  for (JsonValue v = list.first(); v.present(); v = v.next()) {
    std::string_view text;
    if (!v.get(text)) reader->complain(v, "a string");
    texts.emplace_back(text);
  }
  return texts;
}

void read_credential(ObjectReader* reader, OfflineStep* step) {
  step->user = reader->text("user").value_or("");
  const std::vector<std::string> kinds = words_of(CredentialKind::card, CredentialKind::password);
  step->credential = value_of(reader->word("kind", kinds).value_or("card"), CredentialKind::card,
                              CredentialKind::password);
}

void read_attempt(JsonValue value, OfflineStep* step, Errors* errors) {
  ObjectReader reader(value, errors);
  if (step->kind == OfflineStepKind::attempt) read_credential(&reader, step);
  step->right = reader.flag("right").value_or(true);
  const auto gives = reader.word("gives", given_words());
  if (!gives) reader.complain("needs \"gives\"");
  step->gives = gives.value_or("");
  step->verdict = reader.word("verdict", verdict_words());
  step->wait_s = reader.number("wait_s", 0, kLongest_ms);
  if (reader.has("rights")) step->rights = read_texts(reader.take("rights"), &reader);
}

void read_scope(JsonValue value, OfflineStep* step, Errors* errors) {
  ObjectReader reader(value, errors);
  for (const std::string& name : kScopeNumbers)
    if (const auto n = reader.number(name.c_str(), 0, UINT32_MAX))
      step->numbers.emplace_back(name, *n);
  for (const std::string& name : kScopeFlags)
    if (const auto b = reader.flag(name.c_str())) step->numbers.emplace_back(name, *b ? 1 : 0);
}

void read_expect(JsonValue value, OfflineStep* step, Errors* errors) {
  ObjectReader reader(value, errors);
  step->age_s = read_time(&reader, "age");
  if (step->age_s) *step->age_s /= 1000;
  if (reader.has("clock")) step->clock = read_clock(reader.take("clock"), errors);
  step->set_back = reader.flag("set_back");
}

void read_contact(JsonValue value, OfflineStep* step, Errors* errors) {
  ObjectReader reader(value, errors);
  if (reader.has("clock")) step->clock = read_clock(reader.take("clock"), errors);
  step->lowered = reader.flag("lowered");
}

void read_pin_alone(JsonValue value, OfflineStep* step, Errors* errors) {
  ObjectReader reader(value, errors);
  step->cached = reader.number("cached", 0, INT64_MAX).value_or(0);
  step->digits = reader.number("digits", 0, 1000).value_or(0);
  step->flag = reader.flag("allowed").value_or(true);
}

void read_what(ObjectReader* reader, OfflineStep* step, Errors* errors) {
  const auto is = [&](const char* name, OfflineStepKind kind) {
    if (!reader->has(name)) return false;
    step->kind = kind;
    return true;
  };
  if (is("learn", OfflineStepKind::learn)) {
    ObjectReader learn(reader->take("learn"), errors);
    read_credential(&learn, step);
  } else if (is("contact", OfflineStepKind::contact)) {
    read_contact(reader->take("contact"), step, errors);
  } else if (is("change", OfflineStepKind::change)) {
    ObjectReader change(reader->take("change"), errors);
    step->user = change.text("user").value_or("");
    step->change = change.word("to", {"revoked", "disabled", "ambiguous"}).value_or("");
    step->flag = change.flag("is").value_or(true);
  } else if (is("attempt", OfflineStepKind::attempt)) {
    read_attempt(reader->take("attempt"), step, errors);
  } else if (is("break_glass", OfflineStepKind::break_glass)) {
    read_attempt(reader->take("break_glass"), step, errors);
  } else if (is("clock", OfflineStepKind::clock)) {
    step->clock = read_clock(reader->take("clock"), errors);
  } else if (is("scope", OfflineStepKind::scope)) {
    read_scope(reader->take("scope"), step, errors);
  } else if (is("pin_alone", OfflineStepKind::pin_alone)) {
    read_pin_alone(reader->take("pin_alone"), step, errors);
  } else if (is("expect", OfflineStepKind::expect)) {
    read_expect(reader->take("expect"), step, errors);
  } else if (const auto off = read_time(reader, "restart_after")) {
    step->kind = OfflineStepKind::restart;
    step->off_ms = *off;
  } else {
    reader->complain(
        "needs one of learn, contact, change, attempt, break_glass, clock, scope, pin_alone, "
        "expect, restart_after_s");
  }
}

OfflineStep read_offline_step(JsonValue value, Errors* errors) {
  OfflineStep step;
  step.where = value.pointer();
  ObjectReader reader(value, errors);
  if (value.type() != JsonType::object) return step;
  const auto at = read_time(&reader, "at");
  if (!at) reader.complain("needs \"at_s\"");
  step.at_ms = at.value_or(0);
  step.every_ms = read_time(&reader, "every").value_or(0);
  step.until_ms = read_time(&reader, "until").value_or(0);
  if (step.every_ms > 0 && step.until_ms < step.at_ms) reader.complain("needs \"until_s\"");
  read_what(&reader, &step, errors);
  return step;
}

OfflineCase read_offline_case(JsonValue value, Errors* errors) {
  OfflineCase c;
  ObjectReader reader(value, errors);
  c.name = reader.text("name").value_or("");
  if (c.name.empty()) reader.complain("needs a \"name\"");
  if (reader.text("about").value_or("").empty())
    reader.complain("needs \"about\": what the case shows");
  c.tier = static_cast<uint8_t>(
      std::find(kTiers.begin(), kTiers.end(), reader.word("tier", kTiers).value_or("soc_bound")) -
      kTiers.begin());
  c.client_certificate = reader.flag("client_certificate").value_or(false);
  c.whole_list = reader.flag("whole_list").value_or(false);
  c.clock.unix_ms = 1767600000000;  // 2026-01-05 08:00 UTC
  if (reader.has("clock")) c.clock = read_clock(reader.take("clock"), errors);
  c.build_ms = 1764547200000;  // 2025-12-01
  if (reader.has("build")) c.build_ms = read_clock(reader.take("build"), errors).unix_ms;
  c.rights = {"print"};
  if (reader.has("rights")) c.rights = read_texts(reader.take("rights"), &reader);
  Config config;
  const JsonValue given = reader.take("config");
  static const codec::JsonDocument on =
      codec::JsonDocument::parse(R"({"offline":{"cache":"automatic"}})");
  if (read_config(given.present() ? given : on.root(), &config, errors)) c.policy = config.offline;
  const JsonValue steps = reader.take("steps");
  for (JsonValue v = steps.first(); v.present(); v = v.next())
    c.steps.push_back(read_offline_step(v, errors));
  if (c.steps.empty()) reader.complain("has no steps");
  for (size_t i = 1; i < c.steps.size(); ++i)
    if (c.steps[i].at_ms < std::max(c.steps[i - 1].at_ms, c.steps[i - 1].until_ms))
      reader.complain("the steps are not in order of time");
  return c;
}

}  // namespace

bool is_offline_file(const std::string& text) {
  const codec::JsonDocument document = codec::JsonDocument::parse(text);
  std::string_view kind;
  return document.root().type() == JsonType::object && document.root().find("kind").get(kind) &&
         kind == "offline";
}

std::vector<OfflineCase> parse_offline_cases(const std::string& text,
                                             std::vector<std::string>* errors) {
  const codec::JsonDocument document = codec::JsonDocument::parse(text);
  for (const std::string& pointer : document.doubled())
    errors->push_back(pointer + ": stands there twice");
  std::vector<OfflineCase> cases;
  ObjectReader file(document.root(), errors);
  (void)file.text("kind");
  if (file.text("about").value_or("").empty())
    file.complain("needs \"about\": what the file covers");
  const JsonValue list = file.take("cases");
  for (JsonValue v = list.first(); v.present(); v = v.next()) {
    OfflineCase c = read_offline_case(v, errors);
    for (const OfflineCase& other : cases)
      if (other.name == c.name) errors->push_back(v.pointer() + ": the name is taken: " + c.name);
    cases.push_back(std::move(c));
  }
  if (cases.empty()) file.complain("has no cases");
  return cases;
}

}  // namespace holdfast::cases
