// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What happens in a case.
#include <cstdio>

#include "parse.h"
#include "words.h"

namespace holdfast::cases {
namespace {

using codec::JsonType;
using codec::JsonValue;
using core::Repeat;
using core::RequestKind;

constexpr int64_t kBig = int64_t{1} << 53;

// "2026-03-01 01:30" or with seconds, UTC.
bool read_utc(const std::string& text, int64_t* unix_ms) {
  int y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0;
  const int fields = std::sscanf(text.c_str(), "%4d-%2d-%2d %2d:%2d:%2d", &y, &mo, &d, &h, &mi, &s);
  if (fields < 5 || mo < 1 || mo > 12 || d < 1 || d > 31 || h > 23 || mi > 59 || s > 60)
    return false;
  // Days since 1970 of the proleptic Gregorian calendar, counted in years that begin in March.
  const int64_t year = mo <= 2 ? y - 1 : y;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t of_era = year - era * 400;
  const int64_t of_year = (153 * (mo + (mo > 2 ? -3 : 9)) + 2) / 5 + d - 1;
  const int64_t days = era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
  *unix_ms = (((days * 24 + h) * 60 + mi) * 60 + s) * 1000;
  return true;
}

RequestStep read_request(JsonValue value, const Names& servers, Errors* errors) {
  RequestStep step;
  ObjectReader reader(value, errors);
  const auto id = reader.text("id");
  if (!id || id->empty()) reader.complain("needs an \"id\"");
  step.id = id.value_or("");
  const auto kind = reader.word("kind", {"login", "general"});
  if (kind == "login") step.spec.kind = RequestKind::login;
  const auto repeat = reader.word("repeat", {"safe", "keyed", "never"});
  if (repeat == "keyed") step.spec.repeat = Repeat::keyed;
  if (repeat == "never") step.spec.repeat = Repeat::never;
  step.spec.password = reader.flag("password").value_or(false);
  step.spec.single_cluster = reader.flag("single_cluster").value_or(false);
  step.spec.cache = reader.flag("cache").value_or(false);
  step.spec.background = reader.flag("background").value_or(false);
  step.spec.bulk = reader.flag("bulk").value_or(false);
  step.only = reader.word("only", servers).value_or("");
  step.prefer = reader.word("prefer", servers).value_or("");
  step.spec.deadline = reader.time("deadline").value_or(Duration{});
  return step;
}

LinkState read_link(ObjectReader* reader) {
  const auto word = reader->word("link", {"up", "down", "no_address", "no_route"});
  LinkState link;
  link.link_up = word != "down";
  link.has_address = link.link_up && word != "no_address";
  link.has_route = link.has_address && word != "no_route";
  return link;
}

// The one thing that a step does.
void read_deed(ObjectReader* reader, JsonValue value, const Names& servers, Step* step,
               Errors* errors) {
  const auto is = [&](const char* name, StepKind kind) {
    if (!value.find(name).present()) return false;
    step->kind = kind;
    return true;
  };
  if (is("server", StepKind::server)) {
    step->server = reader->word("server", servers).value_or("");
    step->change = read_server_change(reader);
  } else if (is("request", StepKind::request)) {
    step->request = read_request(reader->take("request"), servers, errors);
  } else if (is("cancel", StepKind::cancel)) {
    step->cancel = reader->text("cancel").value_or("");
  } else if (is("user_present", StepKind::user_present)) {
    step->flag = reader->flag("user_present").value_or(false);
  } else if (is("link", StepKind::link)) {
    step->link = read_link(reader);
  } else if (is("stall_ms", StepKind::stall) || is("stall_s", StepKind::stall)) {
    step->length = reader->time("stall").value_or(Duration{});
  } else if (is("clock", StepKind::clock)) {
    step->clock = read_clock(reader->take("clock"), errors);
  } else if (is("cache", StepKind::cache)) {
    step->cache = read_cache(reader->take("cache"), errors);
  } else if (is("fail_back", StepKind::fail_back)) {
    step->status = reader->word("fail_back", {"ok", "not_found"}).value_or("");
  } else if (is("restart_after_ms", StepKind::restart) ||
             is("restart_after_s", StepKind::restart)) {
    step->length = reader->time("restart_after").value_or(Duration{});
  } else if (is("reconfigure", StepKind::reconfigure)) {
    step->config.resize(1);
    read_config(reader->take("reconfigure"), step->config.data(), errors);
  } else {
    reader->complain(
        "needs one of server, request, cancel, user_present, link, stall_ms, clock, cache, "
        "fail_back, restart_after_ms, reconfigure, expect, always");
  }
}

}  // namespace

Manner read_manner(ObjectReader* reader, const char* name) {
  Manner manner;
  find_manner(reader->word(name, manner_words()).value_or("good"), &manner);
  return manner;
}

ServerChange read_server_change(ObjectReader* reader) {
  ServerChange change;
  if (reader->has("answers")) change.probes = change.requests = read_manner(reader, "answers");
  if (reader->has("probes")) change.probes = read_manner(reader, "probes");
  if (reader->has("requests")) change.requests = read_manner(reader, "requests");
  change.probe_latency = change.request_latency = reader->time("latency");
  if (const auto t = reader->time("probe_latency")) change.probe_latency = t;
  if (const auto t = reader->time("request_latency")) change.request_latency = t;
  const auto u32 = [&](const char* name) -> std::optional<uint32_t> {
    const auto n = reader->number(name, 0, UINT32_MAX);
    if (!n) return {};
    return static_cast<uint32_t>(*n);
  };
  change.retry_after_s = u32("retry_after_s");
  change.spread_s = u32("spread_s");
  change.probe_s = u32("probe_s");
  change.fail_one_in = u32("fail_one_in");
  if (const auto n = reader->number("instance", 0, kBig)) change.instance = uint64_t(*n);
  if (const auto n = reader->number("epoch", 0, kBig)) change.epoch = uint64_t(*n);
  if (const auto word = reader->word("verdict", verdict_words()))
    change.verdict = value_of(*word, Verdict::granted, Verdict::unknown);
  if (const auto word = reader->word("refresh", {"unchanged", "changed", "accepted", "never"})) {
    change.refresh = *word == "unchanged"  ? Refresh::unchanged
                     : *word == "changed"  ? Refresh::changed
                     : *word == "accepted" ? Refresh::accepted
                                           : Refresh::never;
  }
  return change;
}

CacheChange read_cache(JsonValue value, Errors* errors) {
  CacheChange cache;
  ObjectReader reader(value, errors);
  std::vector<std::string> words = verdict_words();
  words.emplace_back("never");
  const auto word = reader.word("verdict", words);
  if (!word) reader.complain("needs a \"verdict\"");
  if (word && *word != "never") cache.verdict = value_of(*word, Verdict::granted, Verdict::unknown);
  cache.latency = reader.time("latency").value_or(cache.latency);
  return cache;
}

ClockChange read_clock(JsonValue value, Errors* errors) {
  ClockChange clock;
  ObjectReader reader(value, errors);
  const std::string utc = reader.text("utc").value_or("");
  if (!read_utc(utc, &clock.unix_ms))
    reader.complain("needs \"utc\", for example \"2026-03-01 01:30\"");
  clock.trusted = reader.flag("trusted").value_or(true);
  clock.announced = reader.flag("announced").value_or(false);
  return clock;
}

void read_step(JsonValue value, const Names& servers, Case* into, Errors* errors) {
  ObjectReader reader(value, errors);
  if (value.type() != JsonType::object) return;
  const bool always = reader.has("always");
  if (reader.has("between_ms") || reader.has("between_s") || always) {
    Watch watch;
    watch.where = value.pointer();
    watch.window = read_window(&reader);
    watch.always = always;
    const char* field = always ? "always" : "expect";
    if (!reader.has(field)) return reader.complain("needs \"expect\" or \"always\"");
    watch.expect = read_expectation(reader.take(field), servers, errors);
    into->watches.push_back(std::move(watch));
    return;
  }
  Step step;
  step.where = value.pointer();
  const auto at = reader.time("at");
  if (!at) reader.complain("needs at_ms or at_s");
  step.at = kOrigin + at.value_or(Duration{});
  if (reader.has("expect")) {
    step.expect = read_expectation(reader.take("expect"), servers, errors);
  } else {
    step.every = reader.time("every").value_or(Duration{});
    if (const auto until = reader.time("until")) step.until = kOrigin + *until;
    if (step.every.us > 0 && step.until == Instant::never())
      reader.complain("repeats for ever; give until_ms or until_s");
    read_deed(&reader, value, servers, &step, errors);
  }
  into->steps.push_back(std::move(step));
}

}  // namespace holdfast::cases
