// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The signed list of servers that the server in charge may offer.
#pragma once

#include <functional>

#include "client/exchanges.h"
#include "codec/server_list.h"

namespace holdfast::client {

class ServerLists {
 public:
  // `apply` gets a verified list that is newer than the one in force.
  ServerLists(Context& context, Exchanges& exchanges,
              std::function<void(const codec::ServerList&)> apply)
      : context_(context), exchanges_(exchanges), apply_(std::move(apply)) {}

  void offered(ServerIndex server, uint64_t version);
  uint64_t version() const { return version_; }
  void restore(uint64_t version) { version_ = version; }

 private:
  class ListOperation;
  void received(const SignedServerList& list);
  void refused(const std::string& why);

  Context& context_;
  Exchanges& exchanges_;
  std::function<void(const codec::ServerList&)> apply_;
  bool under_way_ = false;
  uint64_t version_ = 0;
  uint64_t refused_version_ = 0;  // asked for once; not again until a newer one is offered
};

// What was configured, in its order and untouched, and after it what the list adds. A list can't
// outrank or change a configured server: one with a configured name or URL is passed over. It can
// only add entries of clusters that are configured already, for those alone the device has
// credentials and trust anchors.
Config with_listed(const Config& configured, const codec::ServerList& list);

}  // namespace holdfast::client
