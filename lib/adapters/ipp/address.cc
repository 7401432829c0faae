// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "adapters/ipp/address.h"

#include <arpa/inet.h>

#include <utility>

namespace holdfast::ipp {
namespace {

constexpr Duration kShortestLife = seconds(5);
constexpr Duration kLongestLife = seconds(300);
constexpr Duration kUnknownLife = seconds(60);
// So long an answer is waited for where an older one is there (RFC 8767, 5).
constexpr Duration kPatience = milliseconds(1800);
// One failure is told to all that wait for it, and is over before any of them comes again.
constexpr Duration kFailureHolds = milliseconds(200);

bool is_numeric(const std::string& host) {
  unsigned char address[16];
  return (!host.empty() && host[0] == '[') || ::inet_pton(AF_INET, host.c_str(), address) == 1;
}

}  // namespace

Address::Address(const std::string& host, std::unique_ptr<Resolver> resolver)
    : numeric_(is_numeric(host)), host_(host), resolver_(std::move(resolver)) {}

Address::State Address::want(Instant now) {
  if (numeric_) return State::known;
  if (now < failed_until_) return State::failed;
  if (now < fresh_until_) return State::known;
  if (!asking_) ask(now);
  if (!addresses_.empty() && (!asking_ || now - asked_ >= kPatience)) return State::known;
  return asking_ ? State::asking : State::failed;
}

void Address::ask(Instant now) {
  asked_ = now;
  asking_ = resolver_->start(++id_, host_).ok();
  if (asking_) return;
  ResolveResult refused;
  refused.id = id_;
  on_result(refused, now);
}

void Address::on_result(const ResolveResult& result, Instant now) {
  asking_ = false;
  if (result.outcome == ResolveOutcome::found && !result.addresses.empty()) {
    addresses_ = result.addresses;
    const Duration life = result.ttl.us < 0 ? kUnknownLife : longer(result.ttl, kShortestLife);
    fresh_until_ = now + shorter(life, kLongestLife);
    return;
  }
  const bool gone = result.outcome == ResolveOutcome::not_found;
  outcome_ = gone ? TransferOutcome::name_not_found : TransferOutcome::name_unavailable;
  if (gone) addresses_.clear();
  if (addresses_.empty()) {
    failed_until_ = now + kFailureHolds;
  } else {
    fresh_until_ = now + kShortestLife;  // the last good ones
  }
}

void Address::rest() {
  if (!asking_) return;
  resolver_->cancel(id_);
  asking_ = false;
}

Instant Address::poll(Instant now) {
  if (!asking_) return Instant::never();
  const Instant again = resolver_->poll(now);
  ResolveResult result;
  while (resolver_->take(result)) {
    if (asking_ && result.id == id_) on_result(result, now);
  }
  if (!asking_) return now;  // those who wait for it go on
  const Instant impatient = asked_ + kPatience;
  return !addresses_.empty() && now < impatient ? earlier(again, impatient) : again;
}

void Address::descriptors(std::vector<WaitOn>& out) const {
  if (asking_) resolver_->descriptors(out);
}

}  // namespace holdfast::ipp
