// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What is compared when a case has run: its actions, counts and the ends of its requests.
#include <algorithm>

#include "journal.h"

namespace holdfast::cases {
namespace {

std::string where_text(const Match& match) {
  const std::string window = shown(match.window);
  return match.text() + (window.empty() ? "" : " " + window);
}

// The nearest miss tells more than "not found": the same action at another time or otherwise.
std::string nearest(const Match& match, const Journal& journal, size_t from) {
  const Record* best = nullptr;
  size_t most = 1;  // at least the kind of action
  for (size_t i = 0; i < journal.records.size(); ++i) {
    const Record& record = journal.records[i];
    size_t equal = 0;
    if (field(record, "action") != match.fields[0].second) continue;
    for (const auto& [name, value] : match.fields) equal += field(record, name) == value ? 2 : 0;
    equal += i >= from ? 1 : 0;
    if (equal <= most) continue;
    most = equal;
    best = &record;
  }
  return best == nullptr ? "no such action" : "the nearest is: " + describe(*best);
}

Difference check_order(const Case& c, const Journal& journal) {
  size_t next = 0;
  for (const Match& match : c.actions) {
    size_t i = next;
    while (i < journal.records.size() &&
           !(match.window.holds(journal.records[i].at) && matches(match, journal.records[i])))
      ++i;
    if (i == journal.records.size()) {
      const Instant at = match.window.to == Instant::never() ? Instant::never() : match.window.to;
      return {"an action is missing", where_text(match), nearest(match, journal, next), at,
              match.where};
    }
    next = i + 1;
  }
  return {};
}

bool name_fits(const std::string& pattern, const std::string& name) {
  if (pattern.empty() || pattern.back() != '*') return pattern == name;
  return name.compare(0, pattern.size() - 1, pattern, 0, pattern.size() - 1) == 0;
}

Difference check_end(const End& end, const RequestLife& life) {
  const std::string got =
      life.end.empty() ? "still under way when the case ended"
                       : life.end + " by " + life.by + " at " + shown(life.ended) + ", " +
                             std::to_string((life.ended - life.began).ms()) + " ms after its start";
  const auto differs = [&](const std::string& expected) {
    return Difference{"request " + life.id, expected, got, life.ended, end.where};
  };
  std::string words;
  for (const std::string& word : end.ends) words += (words.empty() ? "" : " or ") + word;
  const bool fits =
      end.ends.empty() || std::find(end.ends.begin(), end.ends.end(), life.end) != end.ends.end();
  if (life.end.empty() || !fits) return differs(words.empty() ? "an end" : words);
  if (end.by && *end.by != life.by) return differs("by " + *end.by);
  if (!end.window.holds(life.ended)) return differs(shown(end.window));
  if (end.within && life.ended - life.began > *end.within)
    return differs("within " + std::to_string(end.within->ms()) + " ms of its start");
  return {};
}

Difference check_ends(const Case& c, const Journal& journal) {
  for (const End& end : c.ends) {
    bool any = false;
    for (const RequestLife& life : journal.requests) {
      if (!name_fits(end.request, life.id)) continue;
      any = true;
      const Difference difference = check_end(end, life);
      if (difference.found()) return difference;
    }
    if (!any)
      return {"request " + end.request, "to be made", "not made", Instant::never(), end.where};
  }
  return {};
}

}  // namespace

bool matches(const Match& match, const Record& record) {
  return std::all_of(match.fields.begin(), match.fields.end(), [&](const auto& wanted) {
    return field(record, wanted.first) == wanted.second;
  });
}

Difference check_actions(const Case& c, const Journal& journal) {
  for (const Match& match : c.never)
    for (const Record& record : journal.records)
      if (match.window.holds(record.at) && matches(match, record))
        return {"an action must not happen", "never " + where_text(match), describe(record),
                record.at, match.where};
  const Difference order = check_order(c, journal);
  if (order.found()) return order;
  for (const Count& count : c.counts) {
    const auto n = static_cast<int64_t>(
        std::count_if(journal.records.begin(), journal.records.end(), [&](const Record& record) {
          return count.match.window.holds(record.at) && matches(count.match, record);
        }));
    if (n >= count.at_least && n <= count.at_most) continue;
    std::string expected = std::to_string(count.at_least);
    if (count.at_most != count.at_least) expected += " to " + std::to_string(count.at_most);
    return {"how often: " + where_text(count.match), expected, std::to_string(n), Instant::never(),
            count.match.where};
  }
  return check_ends(c, journal);
}

}  // namespace holdfast::cases
