// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/offline/audit.h"

#include "codec/json.h"

namespace holdfast::sim::offline {
namespace {

std::string text_of(codec::JsonValue event, const char* name) {
  std::string_view text;
  return event.find(name).get(text) ? std::string(text) : std::string();
}

}  // namespace

std::string HeardAudit::batch(const std::string& body) {
  const auto document = codec::JsonDocument::parse(body);
  Epoch& epoch = epochs_[text_of(document.root(), "epoch")];
  uint64_t through = 0;
  const codec::JsonValue events = document.root().find("events");
  for (codec::JsonValue event = events.first(); event.present(); event = event.next()) {
    uint64_t sequence = 0;
    if (!event.find("sequence").get_unsigned(UINT64_MAX, sequence) || sequence <= through)
      broken_("A1", "audit events aren't in their order");
    through = sequence;
    const std::string kind = text_of(event, "kind");
    const std::string user = text_of(event, "user_uid");
    const std::string what = text_of(event, "what");
    if (ordered_) take(epoch, sequence, kind, kind + " " + user + " " + what);
  }
  return R"({"stable_through":)" + std::to_string(through) + "}";
}

void HeardAudit::take(Epoch& epoch, uint64_t sequence, const std::string& kind,
                      const std::string& text) {
  if (kind == "dropped") {
    reached_->hit(Sometimes::audit_dropped);
    const uint64_t missing = sequence > epoch.last ? sequence - epoch.last : 0;
    const size_t what = text.rfind("dropped  ") + 9;
    const uint64_t said = std::stoull(text.substr(what));
    if (said < missing)
      broken_("A1", std::to_string(missing) + " audit events are missing, and " +
                        std::to_string(said) + " are said to");
    dropped_ += missing;
    epoch.last = std::max(epoch.last, sequence);
    return;
  }
  const auto known = epoch.events.find(sequence);
  if (known != epoch.events.end()) {
    reached_->hit(Sometimes::audit_heard_twice);
    if (known->second != text)
      broken_("A1", "audit event " + std::to_string(sequence) + " was '" + known->second +
                        "' and is '" + text + "'");
    return;
  }
  if (sequence > epoch.last + 1)
    broken_("A1", "audit events " + std::to_string(epoch.last + 1) + " to " +
                      std::to_string(sequence - 1) + " are missing");
  epoch.last = std::max(epoch.last, sequence);
  epoch.events[sequence] = text;
  const bool granted = kind == "login_granted" || kind == "break_glass";
  const std::string user =
      text.substr(kind.size() + 1, text.find(' ', kind.size() + 1) - kind.size() - 1);
  if (granted) ++heard_["login_granted " + user];
  if (kind == "login_refused") ++heard_["login_refused " + user];
}

// The host is told each one once in a run, in order, beginning with what home hasn't heard.
void HeardAudit::told(const AuditEvent& event) {
  if (!ordered_) return;
  const bool next = event.sequence == told_ + 1 || told_ == 0 || event.kind == AuditKind::dropped;
  if (!next || event.sequence <= told_)
    broken_("A1", "the host was told of audit event " + std::to_string(event.sequence) + " after " +
                      std::to_string(told_));
  told_ = event.sequence;
}

void HeardAudit::judge() {
  if (!ordered_) return;
  for (const auto& [decision, times] : decided_) {
    const auto heard = heard_.find(decision);
    const uint64_t found = (heard == heard_.end() ? 0 : heard->second) + dropped_;
    if (found < times)
      broken_("A1", std::to_string(times) + " times " + decision + ", and home heard of " +
                        std::to_string(found));
  }
}

}  // namespace holdfast::sim::offline
