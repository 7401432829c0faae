// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include <ares.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "adapters/cares/hosts.h"
#include "adapters/cares/lookup.h"
#include "holdfast/adapters/cares_resolver.h"

namespace holdfast {
namespace cares {
namespace {

constexpr size_t kMaxNameBytes = 253;

class CaresResolver final : public Resolver {
 public:
  explicit CaresResolver(const CaresResolverOptions& options) : options_(options) {}
  ~CaresResolver() override {
    lookups_.clear();
    if (library_) ares_library_cleanup();
  }

  Status open();
  Status start(ResolveId id, const std::string& host) override;
  void cancel(ResolveId id) override;
  Instant poll(Instant now) override;
  bool take(ResolveResult& result) override;
  void descriptors(std::vector<WaitOn>& out) const override;

 private:
  // A look-up may be started before the first poll() has told the time: then it begins with that.
  struct Waiting {
    ResolveId id;
    std::string host;
  };
  void begin(const Waiting& waiting, Instant now);

  const CaresResolverOptions options_;
  bool library_ = false;
  std::vector<Waiting> waiting_;
  std::vector<std::unique_ptr<Lookup>> lookups_;
  std::deque<ResolveResult> results_;
};

// Tries everything once, so that what can't work is known now and not in an outage.
Status CaresResolver::open() {
  if (options_.library_init) {
    const int status = ares_library_init(ARES_LIB_INIT_ALL);
    if (status != ARES_SUCCESS) return Status(Code::unsupported, status);
    library_ = true;
  }
  return Lookup(0, {}).begin(options_, {});
}

Status CaresResolver::start(ResolveId id, const std::string& host) {
  if (host.empty() || host.size() > kMaxNameBytes || host.find('\0') != std::string::npos)
    return Code::invalid_argument;
  const auto same = [id](const auto& other) { return other->id() == id; };
  const auto same_waiting = [id](const Waiting& other) { return other.id == id; };
  if (std::any_of(lookups_.begin(), lookups_.end(), same) ||
      std::any_of(waiting_.begin(), waiting_.end(), same_waiting))
    return Code::already_exists;
  if (lookups_.size() + waiting_.size() >= options_.max_lookups) return Code::busy;
  waiting_.push_back({id, host});
  return {};
}

void CaresResolver::cancel(ResolveId id) {
  const auto drop = [](auto& list, auto is_it) {
    list.erase(std::remove_if(list.begin(), list.end(), is_it), list.end());
  };
  drop(waiting_, [id](const Waiting& one) { return one.id == id; });
  drop(lookups_, [id](const auto& one) { return one->id() == id; });
  drop(results_, [id](const ResolveResult& one) { return one.id == id; });
}

void CaresResolver::begin(const Waiting& waiting, Instant now) {
  ResolveResult result;
  result.id = waiting.id;
  result.addresses = find_in_hosts(options_.hosts_file, waiting.host);
  if (!result.addresses.empty()) {
    result.outcome = ResolveOutcome::found;
    results_.push_back(std::move(result));
    return;
  }
  auto lookup = std::make_unique<Lookup>(waiting.id, now);
  const Status begun = lookup->begin(options_, waiting.host);
  if (begun.ok()) {
    lookups_.push_back(std::move(lookup));
    return;
  }
  result.status = begun;
  results_.push_back(std::move(result));
}

Instant CaresResolver::poll(Instant now) {
  for (const Waiting& waiting : std::exchange(waiting_, {})) begin(waiting, now);
  Instant again = Instant::never();
  for (size_t i = 0; i < lookups_.size();) {
    lookups_[i]->poll(now);
    if (lookups_[i]->over(now)) {
      results_.push_back(lookups_[i]->result());
      lookups_.erase(lookups_.begin() + static_cast<ptrdiff_t>(i));
    } else {
      again = earlier(again, lookups_[i]->deadline(now));
      ++i;
    }
  }
  return again;
}

bool CaresResolver::take(ResolveResult& result) {
  if (results_.empty()) return false;
  result = std::move(results_.front());
  results_.pop_front();
  return true;
}

void CaresResolver::descriptors(std::vector<WaitOn>& out) const {
  for (const auto& lookup : lookups_) lookup->descriptors(out);
}

bool in_range(const CaresResolverOptions& o) {
  return o.timeout_ms >= 50 && o.timeout_ms <= 5000 && o.tries >= 1 && o.tries <= 5 &&
         o.give_up_ms >= 100 && o.give_up_ms <= 30000 && o.max_lookups >= 1 && o.max_lookups <= 256;
}

}  // namespace
}  // namespace cares

Result<std::unique_ptr<Resolver>> cares_resolver(const CaresResolverOptions& options) {
  if (!cares::in_range(options)) return failure(Code::invalid_argument);
  for (const std::string& server : options.name_servers) {
    // A comma would make two of one.
    if (server.empty() || server.find(',') != std::string::npos)
      return failure(Code::invalid_argument);
  }
  auto resolver = std::make_unique<cares::CaresResolver>(options);
  const Status opened = resolver->open();
  if (!opened.ok()) return failure(opened);
  return resolver;
}

}  // namespace holdfast
