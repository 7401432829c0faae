// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "client/audit_upload.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace holdfast::client {
namespace {

constexpr size_t kEventsPerRequest = 50;  // docs/protocol
constexpr Duration kFirstPause = seconds(5);
constexpr Duration kLongestPause = seconds(600);  // (own), as for reports and users
constexpr Duration kDeadline = seconds(30);

}  // namespace

class AuditUpload::AuditOperation : public Operation {
 public:
  AuditOperation(AuditUpload& upload, Batch batch) : upload_(upload), batch_(std::move(batch)) {}

  WireRequest words(ServerIndex server) override {
    Context& context = upload_.context_;
    return context.ports.protocol->audit(context.identity(server), batch_.epoch, batch_.events);
  }
  bool read(uint32_t, ServerIndex, const WireAnswer& answer, core::Evidence*) override {
    const Result<uint64_t> through = upload_.context_.ports.protocol->read_audit(answer);
    if (!through) return false;
    // What it says of events that it wasn't told is no reason to forget them.
    through_ = std::min(*through, batch_.events.back().sequence);
    return true;
  }
  void ended(core::RequestEnd end, uint32_t, ServerIndex) override {
    if (end == core::RequestEnd::answered && through_ >= batch_.events.front().sequence)
      upload_.taken(through_);
    else
      upload_.ended(false);
  }

 private:
  AuditUpload& upload_;
  Batch batch_;
  uint64_t through_ = 0;
};

ServerIndex AuditUpload::who() const {
  const Route route = context_.failover.route();
  if (route.kind != RouteKind::server) return kNoServer;
  return context_.failover.servers().at(route.server).home ? route.server : kNoServer;
}

Instant AuditUpload::deadline() const {
  const bool waits = !under_way_ && offline_.counts().audit_waiting > 0 && who() != kNoServer;
  return waits ? again_at_ : Instant::never();
}

void AuditUpload::tick() {
  if (context_.now < deadline()) return;
  const auto batch = std::make_shared<Batch>();
  under_way_ = offline_.run(
      [batch](vault::Vault& vault) {
        batch->epoch = vault.audit_epoch();
        batch->events = vault.audit(0, kEventsPerRequest);
      },
      [this, batch] { send(std::move(*batch)); });
  if (!under_way_) ended(false);  // the executor is full
}

void AuditUpload::send(Batch batch) {
  const ServerIndex server = who();
  if (batch.events.empty() || server == kNoServer) return ended(false);
  core::RequestSpec spec;
  spec.only = server;
  spec.background = true;
  spec.deadline = kDeadline;
  const auto request =
      exchanges_.begin(spec, std::make_shared<AuditOperation>(*this, std::move(batch)));
  if (!request) ended(false);
}

void AuditUpload::taken(uint64_t through) {
  const bool queued =
      offline_.run([through](vault::Vault& vault) { (void)vault.audit_taken(through); },
                   [this] { ended(true); });
  if (!queued) ended(false);
}

void AuditUpload::ended(bool ok) {
  under_way_ = false;
  failures_ = ok ? 0 : failures_ + 1;
  Duration pause = ok ? Duration{} : kFirstPause;
  for (uint32_t i = 1; i < failures_ && pause < kLongestPause; ++i) pause = pause * 2;
  again_at_ = context_.now + shorter(pause, kLongestPause);
}

}  // namespace holdfast::client
