// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Keeps the credential cache's users those of home: a manifest, then its chunks one by one, each
// checked before it is parsed; valid with the last one, or not at all. Removals hold from the
// moment they are read.
#pragma once

#include <functional>
#include <string>

#include "client/exchanges.h"
#include "client/offline_logins.h"

namespace holdfast::client {

class UserSync {
 public:
  // `revoked` is told of each user who may not log in any more.
  UserSync(Context& context, Exchanges& exchanges, OfflineLogins& offline,
           std::function<void(const std::string&)> revoked)
      : context_(context), exchanges_(exchanges), offline_(offline), revoked_(std::move(revoked)) {}

  // A server of home said in its health which users there are.
  void offered(ServerIndex server, uint64_t users_version, const std::string& incarnation);

 private:
  class ManifestOperation;
  class ChunkOperation;

  bool wanted() const;
  void ask_position();
  void confirm();
  void ask_manifest();
  void take_manifest(UsersManifest manifest);
  void ask_chunk();
  void take_chunk(std::string bytes);
  void activate();
  void finished();
  void failed(const std::string& why, bool suspicious);

  Context& context_;
  Exchanges& exchanges_;
  OfflineLogins& offline_;
  std::function<void(const std::string&)> revoked_;

  bool under_way_ = false;
  ServerIndex server_ = kNoServer;  // whose list is being fetched
  vault::SyncPosition held_;        // as the cache said last
  bool held_known_ = false;
  vault::SyncPosition to_;
  uint64_t since_ = 0;  // what the manifest is asked to build on; 0: nothing
  UsersManifest manifest_;
  size_t next_chunk_ = 0;
  uint32_t failures_ = 0;
  Instant again_at_{};
  Instant confirm_at_{};
};

}  // namespace holdfast::client
