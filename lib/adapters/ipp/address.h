// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Where the printer is. An address in the URL is what it is; a name is looked up when a request
// wants it, and kept.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "holdfast/ports/resolver.h"
#include "holdfast/ports/transport.h"
#include "holdfast/time.h"

namespace holdfast::ipp {

class Address {
 public:
  enum class State : uint8_t {
    known,   // addresses() hold; empty where the URL has a number
    asking,  // poll() says when to ask again
    failed,  // outcome() says how; the next look-up begins a moment later
  };

  // `host` as it stands in the URL. Without a resolver it has to be a number.
  Address(const std::string& host, std::unique_ptr<Resolver> resolver);
  bool usable() const { return numeric_ || resolver_ != nullptr; }

  // For a request that is to be sent now.
  State want(Instant now);
  const std::vector<std::string>& addresses() const { return addresses_; }
  TransferOutcome outcome() const { return outcome_; }

  // Nobody was found there: asked again before the next request.
  void doubt() { fresh_until_ = {INT64_MIN}; }
  // Nothing is under way: a look-up is given up.
  void rest();

  Instant poll(Instant now);
  void descriptors(std::vector<WaitOn>& out) const;

 private:
  void ask(Instant now);
  void on_result(const ResolveResult& result, Instant now);

  const bool numeric_;
  const std::string host_;
  const std::unique_ptr<Resolver> resolver_;
  std::vector<std::string> addresses_;
  TransferOutcome outcome_ = TransferOutcome::name_unavailable;
  Instant fresh_until_ = {INT64_MIN};
  Instant failed_until_ = {INT64_MIN};
  bool asking_ = false;
  Instant asked_ = {INT64_MIN};
  ResolveId id_ = 0;
};

}  // namespace holdfast::ipp
