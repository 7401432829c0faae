// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// A resolver without a network, under the caller's clock.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "holdfast/ports/resolver.h"

namespace holdfast::test {

class FakeResolver final : public Resolver {
 public:
  struct Host {
    std::vector<std::string> addresses;  // none: not_found
    Duration ttl = seconds(60);
    Duration after = milliseconds(2);
    bool fails = false;   // unavailable
    bool silent = false;  // never answers
  };
  std::map<std::string, Host> hosts;  // others don't exist
  std::vector<std::string> asked;
  size_t under_way() const { return pending_.size(); }

  Status start(ResolveId id, const std::string& host) override {
    if (host.empty() || host.size() > 253 || host.find('\0') != std::string::npos)
      return Code::invalid_argument;
    for (const Pending& other : pending_)
      if (other.id == id) return Code::already_exists;
    asked.push_back(host);
    pending_.push_back({id, host, Instant::never(), true});
    return {};
  }
  void cancel(ResolveId id) override {
    const auto is_it = [id](const auto& one) { return one.id == id; };
    pending_.erase(std::remove_if(pending_.begin(), pending_.end(), is_it), pending_.end());
    results_.erase(std::remove_if(results_.begin(), results_.end(), is_it), results_.end());
  }
  Instant poll(Instant now) override {
    Instant next = Instant::never();
    for (size_t i = 0; i < pending_.size();) {
      Pending& one = pending_[i];
      const Host& host = hosts[one.host];
      if (std::exchange(one.fresh, false)) one.due = now + host.after;
      if (host.silent || now < one.due) {
        if (!host.silent) next = earlier(next, one.due);
        ++i;
        continue;
      }
      results_.push_back(answer(one.id, host));
      pending_.erase(pending_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    return next;
  }
  bool take(ResolveResult& result) override {
    if (results_.empty()) return false;
    result = std::move(results_.front());
    results_.pop_front();
    return true;
  }

 private:
  struct Pending {
    ResolveId id;
    std::string host;
    Instant due;
    bool fresh;
  };
  static ResolveResult answer(ResolveId id, const Host& host) {
    ResolveResult result;
    result.id = id;
    if (host.fails) {
      result.status = Code::unavailable;
    } else if (host.addresses.empty()) {
      result.outcome = ResolveOutcome::not_found;
      result.status = Code::not_found;
    } else {
      result.outcome = ResolveOutcome::found;
      result.addresses = host.addresses;
      result.ttl = host.ttl;
    }
    return result;
  }

  std::vector<Pending> pending_;
  std::deque<ResolveResult> results_;
};

}  // namespace holdfast::test
