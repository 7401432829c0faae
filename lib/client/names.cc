// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "client/names.h"

#include <algorithm>

#include "codec/url.h"

namespace holdfast::client {
namespace {

constexpr Duration kLeastTtl = seconds(5);
constexpr Duration kMostTtl = seconds(300);
constexpr Duration kUnknownTtl = seconds(60);
constexpr Duration kPatience = milliseconds(1800);  // RFC 8767, "client response timer"
constexpr Duration kGiveUp = seconds(5);            // with nothing known from before
constexpr Duration kRetry = seconds(1);
constexpr Duration kRetryStale = seconds(30);  // RFC 8767, "failure recheck timer"
constexpr Duration kSaveEvery = seconds(600);

bool is_numeric(const codec::ServerUrl& url) {
  return url.ipv6 || url.host.find_first_not_of("0123456789.") == std::string::npos;
}

}  // namespace

Names::Entry& Names::entry(ServerIndex s) {
  Entry& e = entries_[s];
  const std::string& url = context_.servers[s].url;
  if (e.url == url) return e;
  if (e.under_way != 0) context_.ports.resolver->cancel(e.under_way);
  e = Entry();
  e.url = url;
  codec::ServerUrl parts;
  if (codec::parse_server_url(url, parts) && !is_numeric(parts)) e.host = parts.host;
  return e;
}

bool Names::knows(ServerIndex s, const Entry& e) const {
  return !e.gone && !(e.addresses.empty() && context_.last_address[s].empty());
}

// The one that answered last comes first: an address that is dead must not cost its time again and
// again. Beside fresh addresses an older one has nothing to say.
std::vector<std::string> Names::in_order(ServerIndex s, const Entry& e, bool stale) const {
  std::vector<std::string> addresses = e.addresses;
  const std::string& last = context_.last_address[s];
  if (last.empty()) return addresses;
  const auto found = std::find(addresses.begin(), addresses.end(), last);
  if (found != addresses.end()) {
    std::rotate(addresses.begin(), found, found + 1);
  } else if (stale) {
    addresses.push_back(last);
  }
  return addresses;
}

Names::Answer Names::ask(ServerIndex s, Instant since, Duration timeout, bool last_good) {
  Entry& e = entry(s);
  const Instant now = context_.now;
  if (e.host.empty()) return {};
  if (context_.ports.resolver == nullptr) {
    if (!last_good || context_.last_address[s].empty()) return {};
    return {Way::go, {context_.last_address[s]}, {}};
  }
  if (now < e.good_until) {
    if (now >= e.refresh_at) look_up(s, e);
    return {Way::go, in_order(s, e, false), {}};
  }
  if (now < e.missing_until) return {Way::not_found, {}, {}};
  look_up(s, e);
  const bool known = knows(s, e);
  if (e.under_way != 0 && !(known && (last_good || e.failing))) {
    // Half of the exchange's time at most, so that the other half is left to find out whether the
    // server answers: it must not be blamed for the resolver's silence.
    const Instant until =
        since + (known ? shorter(kPatience, timeout / 2) : shorter(kGiveUp, timeout));
    if (now < until) return {Way::wait, {}, until};
    e.failing = true;
  }
  if (known) return {Way::go, in_order(s, e, true), {}};
  return {Way::unavailable, {}, {}};
}

void Names::look_up(ServerIndex s, Entry& e) {
  if (e.under_way != 0 || context_.now < e.retry_at) return;
  const ResolveId id = next_id_++;
  if (next_id_ == 0) next_id_ = 1;
  if (!context_.ports.resolver->start(id, e.host).ok()) return failed(s, e);
  e.under_way = id;
  again_ = context_.now;  // the resolver wants to be polled
}

void Names::failed(ServerIndex s, Entry& e) {
  if (!e.told) {
    context_.log(LogLevel::warning, context_.name(s) + ": the resolver doesn't answer for " +
                                        e.host + (knows(s, e) ? "; its last address is used" : ""));
    e.told = true;
  }
  e.failing = true;
  e.retry_at = context_.now + (knows(s, e) ? kRetryStale : kRetry);
}

void Names::take(ServerIndex s, Entry& e, const ResolveResult& result) {
  const Instant now = context_.now;
  e.under_way = 0;
  switch (result.outcome) {
    case ResolveOutcome::found: {
      if (result.addresses.empty()) return failed(s, e);
      e.addresses = result.addresses;
      if (e.addresses.size() > kMaxAddresses) e.addresses.resize(kMaxAddresses);
      const Duration ttl = result.ttl < Duration{} ? kUnknownTtl : result.ttl;
      const Duration use = longer(kLeastTtl, shorter(ttl, kMostTtl));
      e.found_at = now;
      e.good_until = now + use;
      e.refresh_at = now + use * 3 / 4;
      e.missing_until = e.retry_at = {};
      e.gone = e.failing = e.told = false;
      return;
    }
    case ResolveOutcome::not_found:
      // What is still good stays so: its time to live was a promise.
      e.missing_until = now + kLeastTtl;
      e.gone = true;
      e.failing = e.told = false;
      return;
    case ResolveOutcome::unavailable:
      return failed(s, e);
  }
}

bool Names::tick() {
  again_ = Instant::never();
  Resolver* const resolver = context_.ports.resolver;
  if (resolver == nullptr) return false;
  again_ = resolver->poll(context_.now);
  bool any = false;
  ResolveResult result;
  while (resolver->take(result)) {
    any = true;
    for (ServerIndex s = 0; s < kMaxServers; ++s) {
      if (entries_[s].under_way == result.id) take(s, entries_[s], result);
    }
  }
  return any;
}

void Names::answered(ServerIndex s, const std::string& address) {
  if (s >= kMaxServers || address.empty() || address == context_.last_address[s]) return;
  const bool first = context_.last_address[s].empty();
  context_.last_address[s] = address;
  if (entry(s).host.empty()) return;
  unsaved_ = true;
  if (first) save_at_ = earlier(save_at_, context_.now);
}

void Names::doubt(ServerIndex s) {
  Entry& e = entry(s);
  e.good_until = earlier(e.good_until, e.found_at + kLeastTtl);
}

void Names::renew(ServerIndex s) {
  Entry& e = entry(s);
  if (e.under_way != 0) context_.ports.resolver->cancel(e.under_way);
  e.under_way = 0;
  e.good_until = e.missing_until = e.retry_at = {};
}

bool Names::take_unsaved() {
  if (!unsaved_ || context_.now < save_at_) return false;
  unsaved_ = false;
  save_at_ = context_.now + kSaveEvery;
  return true;
}

}  // namespace holdfast::client
