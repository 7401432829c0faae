// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/reduce.h"

#include <algorithm>

namespace holdfast::sim {
namespace {

std::string after_first_word(const std::string& text) {
  const size_t space = text.find(' ');
  return space == std::string::npos ? text : text.substr(space);
}

// The same invariant in the same words; what they count may differ.
bool same(const Violation& a, const Violation& b) {
  constexpr size_t kWords = 16;
  return a.found && a.number == b.number &&
         after_first_word(a.detail).compare(0, kWords, after_first_word(b.detail), 0, kWords) == 0;
}

}  // namespace

Outcome reduce(Scenario* scenario, const Outcome& failure) {
  Outcome best = failure;
  Reached unused;
  const auto last = std::find_if(scenario->steps.begin(), scenario->steps.end(),
                                 [&](const Step& s) { return s.at > failure.violation.at; });
  scenario->steps.erase(last, scenario->steps.end());
  for (size_t chunk = std::max<size_t>(1, scenario->steps.size() / 2); chunk > 0; chunk /= 2) {
    for (size_t from = 0; from < scenario->steps.size();) {
      Scenario shorter = *scenario;
      const size_t to = std::min(from + chunk, shorter.steps.size());
      shorter.steps.erase(shorter.steps.begin() + static_cast<std::ptrdiff_t>(from),
                          shorter.steps.begin() + static_cast<std::ptrdiff_t>(to));
      const Outcome outcome = World(shorter, false, &unused).run();
      if (same(outcome.violation, failure.violation)) {
        *scenario = shorter;
        best = outcome;
      } else {
        from = to;
      }
    }
  }
  return best;
}

std::string describe(const Scenario& scenario) {
  const Config& c = scenario.config;
  std::string text = "servers:";
  for (size_t s = 0; s < scenario.servers(); ++s)
    text += std::string(" ") + static_cast<char>('a' + s) + " of " + c.servers[s].cluster_id;
  text += c.login.accept_login_from == AcceptLogin::any ? ", logins anywhere" : ", logins at home";
  text += "; one way " + std::to_string(scenario.delay_min.ms()) + ".." +
          std::to_string((scenario.delay_min + scenario.delay_mean * 2).ms()) + " ms, " +
          std::to_string(scenario.loss_percent) + " % lost, " +
          std::to_string(scenario.duplicate_percent) + " % twice; hold-down " +
          std::to_string(c.failback.hold_down_s) + " s, probe_s " +
          std::to_string(c.probe.probe_s) + "\n";
  constexpr size_t kShort = 25;
  if (scenario.steps.size() > kShort)
    return text + "script: " + std::to_string(scenario.steps.size()) +
           " steps (--reduce shortens)\n";
  text += "script:\n";
  for (const Step& step : scenario.steps)
    text += "  at " + std::to_string(step.at.us / 1000) + " ms: " + to_string(step.kind) + " " +
            static_cast<char>('a' + step.server) + " for " + std::to_string(step.length.ms()) +
            " ms, " + std::to_string(step.amount) + "\n";
  return text;
}

}  // namespace holdfast::sim
