// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// A case file as a whole.
#include <algorithm>

#include "parse.h"
#include "words.h"

namespace holdfast::cases {
namespace {

using codec::JsonType;
using codec::JsonValue;

template <class Read>
void each(ObjectReader* reader, const char* name, Errors* errors, const Read& read) {
  const JsonValue list = reader->take(name);
  if (!list.present()) return;
  if (list.type() != JsonType::array) {
    errors->push_back(list.pointer() + ": must be an array");
    return;
  }
  for (JsonValue v = list.first(); v.present(); v = v.next()) read(v);
}

Names all_names(const Config& config, JsonValue steps) {
  Names names;
  const auto add = [&](std::string_view name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.emplace_back(name);
  };
  for (const ServerConfig& server : config.servers) add(server.name);
  for (JsonValue s = steps.first(); s.present(); s = s.next()) {
    const JsonValue list = s.find("reconfigure").find("servers");
    for (JsonValue v = list.first(); v.present(); v = v.next()) {
      std::string_view name;
      if (v.get(name) || v.find("name").get(name)) add(name);
    }
  }
  return names;
}

// Without a given end a case runs until everything it speaks of has had its time.
Instant natural_end(const Case& c) {
  Instant end = kOrigin;
  const auto reach = [&](Instant t) {
    if (t != Instant::never()) end = later(end, t);
  };
  for (const Step& step : c.steps) {
    reach(step.at + step.length);
    reach(step.until);
    const Duration deadline = step.request.spec.deadline.us > 0
                                  ? step.request.spec.deadline
                                  : milliseconds(c.config.request.deadline_ms);
    if (step.kind == StepKind::request)
      reach((step.every.us > 0 ? step.until : step.at) + deadline + milliseconds(100));
  }
  for (const Watch& watch : c.watches) reach(watch.window.to);
  for (const Match& match : c.actions) reach(match.window.to);
  for (const Match& match : c.never) reach(match.window.to);
  for (const Count& count : c.counts) reach(count.match.window.to);
  for (const End& e : c.ends) reach(e.window.to);
  return end + milliseconds(1);
}

Case read_case(JsonValue value, Errors* errors) {
  Case c;
  ObjectReader reader(value, errors);
  c.name = reader.text("name").value_or("");
  if (c.name.empty()) reader.complain("needs a \"name\"");
  if (reader.text("about").value_or("").empty())
    reader.complain("needs \"about\": what the case shows");
  c.seed = static_cast<uint64_t>(reader.number("seed", 0, int64_t{1} << 53).value_or(1));
  c.clock.unix_ms = 1767600000000;  // 2026-01-05 08:00 UTC
  if (reader.has("clock")) c.clock = read_clock(reader.take("clock"), errors);
  c.cache.verdict = Verdict::unknown;
  if (reader.has("cache")) c.cache = read_cache(reader.take("cache"), errors);

  const JsonValue config = reader.take("config");
  static const codec::JsonDocument empty = codec::JsonDocument::parse("{}");
  if (!read_config(config.present() ? config : empty.root(), &c.config, errors)) {
    for (const char* rest : {"servers", "steps", "actions", "never", "counts", "ends", "run_s"})
      (void)reader.take(rest);
    return c;
  }
  const Names names = all_names(c.config, value.find("steps"));
  const JsonValue servers = reader.take("servers");
  if (servers.present()) {
    ObjectReader list(servers, errors);
    for (const std::string& name : names) {
      if (!list.has(name.c_str())) continue;
      ObjectReader change(list.take(name.c_str()), errors);
      c.servers.emplace_back(name, read_server_change(&change));
    }
  }
  each(&reader, "steps", errors, [&](JsonValue v) { read_step(v, names, &c, errors); });
  each(&reader, "actions", errors,
       [&](JsonValue v) { c.actions.push_back(read_match(v, names, errors)); });
  each(&reader, "never", errors,
       [&](JsonValue v) { c.never.push_back(read_match(v, names, errors)); });
  each(&reader, "counts", errors,
       [&](JsonValue v) { c.counts.push_back(read_count(v, names, errors)); });
  const JsonValue ends = reader.take("ends");
  for (JsonValue v = ends.first(); v.present(); v = v.next())
    c.ends.push_back(read_end(v, names, errors));
  const bool unordered = std::any_of(c.steps.begin(), c.steps.end(), [&](const Step& step) {
    return &step != c.steps.data() && step.at < (&step - 1)->at;
  });
  if (unordered) reader.complain("the steps are not in order of time");
  const auto run = reader.number("run_s", 1, 400LL * 24 * 3600);
  c.run_until = run ? kOrigin + seconds(*run) : natural_end(c);
  return c;
}

}  // namespace

std::string Match::text() const {
  std::string all;
  for (const auto& [name, value] : fields)
    all += name == "action" ? value : " " + name + "=" + value;
  return all;
}

std::vector<Case> parse_cases(const std::string& text, std::vector<std::string>* errors) {
  codec::JsonLimits limits;
  limits.max_bytes = 16 << 20;
  limits.max_values = 1 << 20;
  const codec::JsonDocument document = codec::JsonDocument::parse(text, limits);
  if (document.fault() != codec::JsonFault::none) {
    const auto end = static_cast<std::ptrdiff_t>(std::min(document.fault_offset(), text.size()));
    const auto line = std::count(text.begin(), text.begin() + end, '\n') + 1;
    errors->push_back("line " + std::to_string(line) + ": not valid JSON");
    return {};
  }
  for (const std::string& pointer : document.doubled())
    errors->push_back(pointer + ": stands there twice");

  std::vector<Case> cases;
  ObjectReader file(document.root(), errors);
  if (document.root().type() != JsonType::object) return cases;
  if (file.text("about").value_or("").empty())
    file.complain("needs \"about\": what the file covers");
  if (!file.has("cases")) file.complain("needs \"cases\"");
  each(&file, "cases", errors, [&](JsonValue v) {
    Case c = read_case(v, errors);
    for (const Case& other : cases)
      if (other.name == c.name) errors->push_back(v.pointer() + ": the name is taken: " + c.name);
    cases.push_back(std::move(c));
  });
  if (cases.empty() && errors->empty()) file.complain("has no cases");
  return cases;
}

}  // namespace holdfast::cases
