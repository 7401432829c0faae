// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "journal.h"

#include <cstdio>

namespace holdfast::cases {

using core::ActionKind;

std::string shown(Instant at) {
  if (at == Instant::never()) return "never";
  char text[40];
  const int64_t us = (at - kOrigin).us;
  std::snprintf(text, sizeof text, "%lld.%03lld s", static_cast<long long>(us / 1000000),
                static_cast<long long>(us % 1000000 / 1000));
  return text;
}

std::string shown(const Window& window) {
  if (window.to == Instant::never())
    return window.from == kOrigin ? "" : "from " + shown(window.from);
  return "between " + shown(window.from) + " and " + shown(window.to);
}

std::string field(const Record& r, const std::string& name) {
  const core::Action& a = r.action;
  const bool sends = a.kind == ActionKind::probe || a.kind == ActionKind::attempt;
  if (name == "action") return to_string(a.kind);
  if (name == "server") return r.server;
  if (name == "request") return r.request;
  if (name == "from") return r.from;
  if (name == "to") return r.to;
  if (name == "reason" && a.kind == ActionKind::switched) return to_string(a.reason);
  if (name == "cause" && a.kind == ActionKind::state_changed) return a.cause;
  if (name == "end" && a.kind == ActionKind::finish) return to_string(a.end);
  if (name == "local" && a.kind == ActionKind::local_changed) return to_string(a.local);
  if (name == "fresh" && sends) return a.fresh ? "yes" : "no";
  if (name == "last_good_address" && sends) return a.last_good_address ? "yes" : "no";
  if (name == "timeout_ms" && sends) return std::to_string(a.timeout.ms());
  return "";
}

std::string describe(const Record& r) {
  std::string text = shown(r.at) + "  " + to_string(r.action.kind);
  for (const char* name : {"request", "server", "from", "to", "reason", "cause", "end", "local",
                           "fresh", "last_good_address"}) {
    const std::string value = field(r, name);
    if (!value.empty() && value != "no") text += std::string(" ") + name + "=" + value;
  }
  return text;
}

}  // namespace holdfast::cases
