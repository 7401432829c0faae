// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/trace.h"

#include <cstdarg>
#include <cstdio>

namespace holdfast::sim {
namespace {

using core::ActionKind;

__attribute__((format(printf, 1, 2))) std::string format(const char* pattern, ...) {
  char buffer[256];
  va_list arguments;
  va_start(arguments, pattern);
  vsnprintf(buffer, sizeof buffer, pattern, arguments);
  va_end(arguments);
  return buffer;
}

std::string name(uint8_t server) { return server == kNoServer ? "-" : format("%c", 'a' + server); }

std::string name(const Route& route) {
  return route.kind == RouteKind::server ? name(route.server) : to_string(route.kind);
}

std::string of_action(const core::Action& a) {
  const std::string s = name(a.server);
  switch (a.kind) {
    case ActionKind::probe:
      return format("  probe %u to %s, %lld ms%s%s", a.id, s.c_str(),
                    static_cast<long long>(a.timeout.ms()), a.fresh ? ", fresh" : "",
                    a.last_good_address ? ", last good address" : "");
    case ActionKind::attempt:
      return format("  attempt %u of request %u to %s, %lld ms%s", a.id, a.request, s.c_str(),
                    static_cast<long long>(a.timeout.ms()), a.fresh ? ", fresh" : "");
    case ActionKind::finish:
      return format("  finish request %u: %s by attempt %u (%s)", a.request, to_string(a.end), a.id,
                    s.c_str());
    case ActionKind::state_changed:
      return format("  server %s: %s -> %s (%s)", s.c_str(), to_string(a.from), to_string(a.to),
                    a.cause);
    case ActionKind::switched:
      return format("  SWITCH %s -> %s (%s)", name(a.from_route).c_str(), name(a.to_route).c_str(),
                    to_string(a.reason));
    case ActionKind::local_changed:
      return format("  local: %s", to_string(a.local));
    default:
      return format("  %s %u request %u server %s", to_string(a.kind), a.id, a.request, s.c_str());
  }
}

std::string of_result(const Note& note, const char* what) {
  const core::Evidence& e = note.evidence;
  return format("%s %u of %s: %s%s%s%s epoch %llu instance %llu (%s)", what, note.id,
                name(note.server).c_str(), to_string(e.outcome), e.sent ? "" : ", not sent",
                e.verdict == Verdict::unknown ? "" : ", ",
                e.verdict == Verdict::unknown ? "" : to_string(e.verdict),
                static_cast<unsigned long long>(e.identity.epoch),
                static_cast<unsigned long long>(e.identity.instance), note.text);
}

std::string of_request(const Note& note) {
  const core::RequestSpec& r = note.spec;
  constexpr const char* kRepeat[] = {"safe", "keyed", "never"};
  return format("request %u: %s %s%s%s%s%s only %s prefer %s within %lld ms", note.id,
                r.kind == core::RequestKind::login ? "login" : "general",
                kRepeat[static_cast<size_t>(r.repeat)], r.password ? " password" : "",
                r.cache ? " cache" : "", r.background ? " background" : "", r.bulk ? " bulk" : "",
                name(r.only).c_str(), name(r.prefer).c_str(),
                static_cast<long long>(r.deadline.ms()));
}

}  // namespace

std::string to_string(const Note& note) {
  std::string text = format("%11.6f ", static_cast<double>(note.at.us) / 1e6);
  switch (note.kind) {
    case Note::Kind::action:
      return text + of_action(note.action);
    case Note::Kind::probe_result:
      return text + of_result(note, "probe");
    case Note::Kind::attempt_result:
      return text + of_result(note, "attempt");
    case Note::Kind::request:
      return text + of_request(note);
    case Note::Kind::step:
      return text + format("* %s %s for %lld ms, %u%s", to_string(note.step.kind),
                           name(note.step.server).c_str(),
                           static_cast<long long>(note.step.length.ms()), note.step.amount,
                           note.text);
    case Note::Kind::host:
    case Note::Kind::fault_over:
      return text + format("* %s %s %u", note.text, name(note.server).c_str(), note.id);
  }
  return text;
}

void Trace::add(const Note& note) {
  mix(static_cast<uint64_t>(note.at.us));
  mix(static_cast<uint64_t>(note.kind) | uint64_t{note.id} << 8 | uint64_t{note.server} << 40);
  const core::Action& a = note.action;
  mix(static_cast<uint64_t>(a.kind) | uint64_t{a.id} << 8 | uint64_t{a.server} << 40);
  mix(static_cast<uint64_t>(a.end) | static_cast<uint64_t>(a.to) << 8 |
      static_cast<uint64_t>(a.reason) << 16 | uint64_t{a.to_route.server} << 24 |
      uint64_t{a.request} << 32);
  mix(static_cast<uint64_t>(note.evidence.outcome) | note.evidence.identity.instance << 8);
  if (print_) std::printf("%s\n", to_string(note).c_str());
  if (kept_.size() < kKept) {
    kept_.push_back(note);
  } else {
    kept_[next_] = note;
  }
  next_ = (next_ + 1) % kKept;
}

std::string Trace::tail(size_t lines) const {
  std::string text;
  const size_t count = kept_.size() < lines ? kept_.size() : lines;
  const size_t start = kept_.size() < kKept ? kept_.size() : next_;
  for (size_t i = count; i > 0; --i) text += to_string(kept_[(start + kKept - i) % kKept]) + "\n";
  return text;
}

const char* to_string(Sometimes what) {
  static constexpr const char* kNames[kSometimes] = {"switched_failed",
                                                     "switched_draining",
                                                     "switched_quarantined",
                                                     "returned",
                                                     "returned_by_hand",
                                                     "returned_in_grace",
                                                     "return_failed",
                                                     "recovered",
                                                     "route_none",
                                                     "route_direct",
                                                     "race",
                                                     "hedge",
                                                     "retry",
                                                     "held_answer",
                                                     "suspect_cleared",
                                                     "gray",
                                                     "quarantined",
                                                     "split_brain",
                                                     "network_down",
                                                     "local_stall",
                                                     "clock_untrusted",
                                                     "device_refused",
                                                     "credentials_refreshed",
                                                     "hour_limit",
                                                     "hold_down_doubled",
                                                     "short_stun",
                                                     "provisional",
                                                     "contradicted",
                                                     "outcome_unknown",
                                                     "too_busy",
                                                     "timed_out",
                                                     "unreachable",
                                                     "cancelled",
                                                     "granted_by_cache",
                                                     "denied_by_cache",
                                                     "denied_by_home",
                                                     "denied_elsewhere",
                                                     "answered_with_error",
                                                     "session_kept",
                                                     "last_good_address",
                                                     "stale_result",
                                                     "late_after_cancel",
                                                     "answer_while_unplugged",
                                                     "restored",
                                                     "table_full"};
  return kNames[static_cast<size_t>(what)];
}

}  // namespace holdfast::sim
