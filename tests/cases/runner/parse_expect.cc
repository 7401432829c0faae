// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What is expected in a case.
#include <algorithm>

#include "parse.h"
#include "words.h"

namespace holdfast::cases {
namespace {

using codec::JsonType;
using codec::JsonValue;

std::vector<std::string> route_words(const Names& servers) {
  std::vector<std::string> words = servers;
  words.emplace_back("none");
  words.emplace_back("direct");
  return words;
}

}  // namespace

Window read_window(ObjectReader* reader) {
  Window window;
  if (const auto times = reader->times("between")) {
    window.from = kOrigin + times->first;
    window.to = kOrigin + times->second;
  }
  return window;
}

Expectation read_expectation(JsonValue value, const Names& servers, Errors* errors) {
  Expectation e;
  ObjectReader reader(value, errors);
  if (reader.has("states")) {
    ObjectReader states(reader.take("states"), errors);
    for (const std::string& name : servers)
      if (const auto state = states.word(name.c_str(), state_words()))
        e.states.emplace_back(name, *state);
  }
  if (reader.has("causes")) {
    ObjectReader causes(reader.take("causes"), errors);
    for (const std::string& name : servers)
      if (const auto cause = causes.text(name.c_str())) e.causes.emplace_back(name, *cause);
  }
  e.route = reader.word("route", route_words(servers));
  e.local = reader.word("local", local_words());
  e.deadline_in_ms = reader.range("deadline_in_ms");
  if (reader.take("planned_return_in_s").type() == JsonType::null)
    e.no_planned_return = true;
  else
    e.planned_return_in_s = reader.range("planned_return_in_s");
  e.hold_down_s = reader.number("hold_down_s", 0, INT32_MAX);
  e.switches_last_hour = reader.number("switches_last_hour", 0, 1000);
  e.requests_under_way = reader.number("requests_under_way", 0, 1000);
  return e;
}

Match read_match(JsonValue value, const Names& servers, Errors* errors) {
  Match match;
  match.where = value.pointer();
  ObjectReader reader(value, errors);
  match.window = read_window(&reader);
  const auto action = reader.word("action", action_words());
  if (!action) reader.complain("needs an \"action\"");
  const auto add = [&](const char* name, const std::optional<std::string>& word) {
    if (word) match.fields.emplace_back(name, *word);
  };
  add("action", action);
  std::vector<std::string> ends = end_words();
  ends.pop_back();  // a request that isn't begun isn't finished
  std::vector<std::string> places = route_words(servers);
  if (action == "state_changed") places = state_words();
  add("server", reader.word("server", servers));
  add("request", reader.text("request"));
  add("from", reader.word("from", places));
  add("to", reader.word("to", places));
  add("reason", reader.word("reason", reason_words()));
  add("cause", reader.text("cause"));
  add("end", reader.word("end", ends));
  add("local", reader.word("local", local_words()));
  for (const char* name : {"fresh", "last_good_address"})
    if (const auto flag = reader.flag(name)) match.fields.emplace_back(name, *flag ? "yes" : "no");
  if (const auto n = reader.number("timeout_ms", 0, INT32_MAX))
    match.fields.emplace_back("timeout_ms", std::to_string(*n));
  return match;
}

Count read_count(JsonValue value, const Names& servers, Errors* errors) {
  Count count;
  ObjectReader reader(value, errors);
  const auto times = reader.range("times");
  if (!times) reader.complain("needs \"times\": a number or [least, most]");
  std::tie(count.at_least, count.at_most) = times.value_or(std::pair<int64_t, int64_t>{0, 0});
  if (!reader.has("of")) reader.complain("needs \"of\": the action that is counted");
  count.match = read_match(reader.take("of"), servers, errors);
  count.match.window = read_window(&reader);
  count.match.where = value.pointer();
  return count;
}

End read_end(JsonValue value, const Names& servers, Errors* errors) {
  End end;
  end.request = value.key();
  end.where = value.pointer();
  ObjectReader reader(value, errors);
  const JsonValue ends = reader.take("end");
  if (ends.type() == JsonType::array) {
    for (JsonValue v = ends.first(); v.present(); v = v.next()) {
      std::string_view word;
      const std::vector<std::string> known = end_words();
      if (v.get(word) && std::find(known.begin(), known.end(), word) != known.end())
        end.ends.emplace_back(word);
      else
        reader.complain(v, "one of " + joined(known));
    }
  } else if (const auto word = reader.word("end", end_words())) {
    end.ends.push_back(*word);
  }
  std::vector<std::string> who = servers;
  who.emplace_back("nobody");
  end.by = reader.word("by", who);
  end.window = read_window(&reader);
  end.within = reader.time("within");
  return end;
}

}  // namespace holdfast::cases
