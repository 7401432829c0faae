// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "client/user_sync.h"

#include <algorithm>
#include <utility>

#include "base/base64.h"
#include "base/hex.h"

namespace holdfast::client {
namespace {

// After a failure: 5 s, doubled up to 10 min (own). Revocations should arrive within a minute, and
// a server that can't serve its list must not be asked by every device each second.
constexpr Duration kFirstPause = seconds(5);
constexpr Duration kLongestPause = seconds(600);
constexpr Duration kConfirmEvery = seconds(3600);  // (own)
constexpr Duration kDeadline = seconds(30);        // of a manifest or a chunk

core::RequestSpec in_the_background(ServerIndex server) {
  core::RequestSpec spec;
  spec.only = server;
  spec.background = true;
  spec.deadline = kDeadline;
  return spec;
}

// What the policy doesn't let in is forgotten before the cache sees it.
void keep_allowed(std::vector<UserChange>& changes, const core::CacheScope& scope) {
  for (UserChange& change : changes) {
    std::vector<Verifier>& list = change.verifiers;
    const auto refused = [&](const Verifier& verifier) {
      return !scope.verifiers || (verifier.kind == CredentialKind::pin && !scope.pin_verifiers);
    };
    list.erase(std::remove_if(list.begin(), list.end(), refused), list.end());
  }
}

// What reading one chunk came to; made on the worker, taken on the owner's thread.
struct Reading {
  Status status;
  bool damaged = false;              // not what the manifest names
  std::vector<std::string> removed;  // user_uids
};

void read_chunk(const std::string& bytes, const UsersChunk& expected, const Ports& ports,
                const core::CacheScope& scope, int64_t now_ms, vault::Vault& vault,
                Reading& reading) {
  auto hash = ports.crypto->sha256();
  reading.status =
      hash ? (*hash)->update(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size())
           : hash.error();
  if (!reading.status.ok()) return;
  const Result<Sha256Digest> digest = (*hash)->finish();
  reading.damaged = bytes.size() != expected.bytes || !digest ||
                    hex_encode(digest->data(), digest->size()) != expected.sha256;
  if (reading.damaged) return;
  Result<std::vector<UserChange>> changes = ports.protocol->read_users_chunk(bytes);
  reading.damaged = !changes;
  if (reading.damaged) return;
  keep_allowed(*changes, scope);
  for (const UserChange& change : *changes)
    if (change.removed || change.disabled) reading.removed.push_back(change.user.user_uid);
  reading.status = vault.change(*changes, now_ms);
  for (UserChange& change : *changes)
    for (Verifier& verifier : change.verifiers)
      wipe(verifier.derived.data(), verifier.derived.size());
}

}  // namespace

class UserSync::ManifestOperation : public Operation {
 public:
  explicit ManifestOperation(UserSync& sync) : sync_(sync) {}

  WireRequest words(ServerIndex server) override {
    return sync_.context_.ports.protocol->users(sync_.context_.identity(server), sync_.since_);
  }
  bool read(uint32_t attempt, ServerIndex server, const WireAnswer& answer,
            core::Evidence*) override {
    Context& context = sync_.context_;
    auto manifest = context.ports.protocol->read_users(context.identity(server),
                                                       context.server(server).cluster_id, answer);
    if (!manifest) return false;
    answers_.keep(attempt, std::move(*manifest));
    return true;
  }
  void ended(core::RequestEnd, uint32_t attempt, ServerIndex) override {
    if (UsersManifest* manifest = answers_.of(attempt))
      sync_.take_manifest(std::move(*manifest));
    else
      sync_.failed("the server didn't give its list of users", false);
  }

 private:
  UserSync& sync_;
  Answers<UsersManifest> answers_;
};

class UserSync::ChunkOperation : public Operation {
 public:
  explicit ChunkOperation(UserSync& sync) : sync_(sync) {}

  WireRequest words(ServerIndex server) override {
    return sync_.context_.ports.protocol->users_chunk(sync_.context_.identity(server),
                                                      sync_.manifest_.chunks[sync_.next_chunk_].id);
  }
  bool read(uint32_t attempt, ServerIndex, const WireAnswer& answer, core::Evidence*) override {
    answers_.keep(attempt, *answer.body);
    return true;
  }
  void ended(core::RequestEnd, uint32_t attempt, ServerIndex) override {
    if (std::string* bytes = answers_.of(attempt))
      sync_.take_chunk(std::move(*bytes));
    else
      sync_.failed("the server didn't give a part of its list of users", false);
  }

 private:
  UserSync& sync_;
  Answers<std::string> answers_;
};

bool UserSync::wanted() const {
  return offline_.on() && context_.config.offline.sync != holdfast::UserSync::none;
}

void UserSync::offered(ServerIndex server, uint64_t users_version, const std::string& incarnation) {
  if (!wanted() || under_way_ || context_.now < again_at_) return;
  const bool same =
      held_known_ && held_.version == users_version && held_.incarnation == incarnation;
  if (same && context_.now < confirm_at_) return;
  under_way_ = true;
  server_ = server;
  to_ = {users_version, incarnation};
  ask_position();
}

// What is held is asked of the cache each time: it may have been cleared meanwhile.
void UserSync::ask_position() {
  const auto position = std::make_shared<vault::SyncPosition>();
  const bool asked =
      offline_.run([position](vault::Vault& vault) { *position = vault.position(); },
                   [this, position] {
                     held_ = *position;
                     held_known_ = true;
                     if (held_.version == to_.version && held_.incarnation == to_.incarnation)
                       return confirm();
                     // A list of another incarnation can't be built upon, whatever its numbers say.
                     since_ = held_.incarnation == to_.incarnation ? held_.version : 0;
                     ask_manifest();
                   });
  if (!asked) under_way_ = false;  // not open yet
}

// The list is still the right one: what it says is as old as this.
void UserSync::confirm() {
  const auto status = std::make_shared<Status>();
  const bool queued = offline_.run(
      [status, to = to_, now = offline_.now_ms()](vault::Vault& vault) {
        *status = vault.begin(false, to);
        if (status->ok()) *status = vault.activate(now);
      },
      [this, status] {
        if (!status->ok()) return failed(status->message(), false);
        finished();
      });
  if (!queued) failed("too much to do", false);
}

void UserSync::ask_manifest() {
  const auto request =
      exchanges_.begin(in_the_background(server_), std::make_shared<ManifestOperation>(*this));
  if (!request) failed("too many requests are under way", false);
}

void UserSync::take_manifest(UsersManifest manifest) {
  const std::string& configured = context_.config.offline.users_key;
  if (!configured.empty()) {
    std::string key;
    const bool holds =
        base64_decode(configured, key) &&
        context_.ports.crypto->verify_p256(key, manifest.signed_bytes, manifest.signature).ok();
    if (!holds) return failed("the signature of the list of users doesn't hold", true);
  }
  if (!manifest.full && manifest.base_version != since_)
    return failed("the list of users builds on another one", true);
  // Also a full one: it would let in again whoever was removed since. A server whose data went back
  // says so by another incarnation.
  if (manifest.version < since_)
    return failed("the list of users is older than the one that is held", true);
  manifest_ = std::move(manifest);
  to_.version = manifest_.version;
  next_chunk_ = 0;
  const auto status = std::make_shared<Status>();
  const bool begun = offline_.run([status, full = manifest_.full, to = to_](
                                      vault::Vault& vault) { *status = vault.begin(full, to); },
                                  [this, status] {
                                    if (!status->ok()) return failed(status->message(), false);
                                    ask_chunk();
                                  });
  if (!begun) failed("too much to do", false);
}

void UserSync::ask_chunk() {
  if (next_chunk_ == manifest_.chunks.size()) return activate();
  const auto request =
      exchanges_.begin(in_the_background(server_), std::make_shared<ChunkOperation>(*this));
  if (!request) failed("too many requests are under way", false);
}

void UserSync::take_chunk(std::string bytes) {
  const auto text = std::make_shared<std::string>(std::move(bytes));
  const auto reading = std::make_shared<Reading>();
  const UsersChunk expected = manifest_.chunks[next_chunk_];
  const bool queued = offline_.run(
      [text, expected, reading, ports = context_.ports, scope = offline_.scope(),
       now = offline_.now_ms()](vault::Vault& vault) {
        read_chunk(*text, expected, ports, scope, now, vault, *reading);
        wipe(*text);
      },
      [this, reading] {
        for (const std::string& user_uid : reading->removed) revoked_(user_uid);
        if (reading->damaged)
          return failed("a part of the list of users isn't what the list names", true);
        if (!reading->status.ok()) return failed(reading->status.message(), false);
        ++next_chunk_;
        ask_chunk();
      });
  if (!queued) failed("too much to do", false);
}

void UserSync::activate() {
  const auto status = std::make_shared<Status>();
  const bool queued = offline_.run(
      [status, now = offline_.now_ms()](vault::Vault& vault) { *status = vault.activate(now); },
      [this, status] {
        if (!status->ok()) return failed(status->message(), false);
        held_ = to_;
        context_.log(LogLevel::info,
                     "users synchronised: version " + std::to_string(held_.version));
        finished();
      });
  if (!queued) failed("too much to do", false);
}

void UserSync::finished() {
  under_way_ = false;
  failures_ = 0;
  confirm_at_ = context_.now + kConfirmEvery;
  manifest_ = {};
}

void UserSync::failed(const std::string& why, bool suspicious) {
  under_way_ = false;
  manifest_ = {};
  Duration pause = kFirstPause;
  for (uint32_t i = 0; i < failures_ && pause < kLongestPause; ++i) pause = pause * 2;
  again_at_ = context_.now + shorter(pause, kLongestPause);
  ++failures_;
  context_.log(LogLevel::warning, "users not synchronised: " + why);
  if (suspicious) offline_.note(AuditKind::sync_refused, why + " (" + context_.name(server_) + ")");
}

}  // namespace holdfast::client
