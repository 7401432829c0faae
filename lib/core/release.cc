// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "core/release.h"

namespace holdfast::core {
namespace {

constexpr Duration kClaimPause = milliseconds(250);  // lets a failing server get its verdict
constexpr Duration kBusyPause = seconds(1);
constexpr uint32_t kFetchesPerClaim = 3;

}  // namespace

ReleaseWants Release::claimed(ClaimResult result, ServerIndex server, Instant now) {
  if (step_ != Step::claiming) return ReleaseWants::nothing;
  switch (result) {
    case ClaimResult::granted:
      server_ = server;
      step_ = Step::fetching;
      fetches_ = 1;
      return ReleaseWants::fetch;
    case ClaimResult::taken:
      return end(Code::refused, "another device is printing it");
    case ClaimResult::ended:
      return end(Code::not_found, "it was printed or removed elsewhere");
    case ClaimResult::unknown_job:
      return end(Code::not_found, "the server doesn't have it");
    case ClaimResult::refused:
      return end(Code::refused, "the server doesn't accept this session; log in again");
    case ClaimResult::unreachable:
      break;
  }
  if (now + kClaimPause >= claim_by_) return end(Code::unavailable, "no server answers");
  return later(now + kClaimPause);
}

ReleaseWants Release::fetched(FetchResult result, Instant now) {
  if (step_ != Step::fetching) return ReleaseWants::nothing;
  switch (result) {
    case FetchResult::complete:
      step_ = Step::recording;
      return ReleaseWants::record;
    case FetchResult::different:
      return end(Code::corrupt, "the document isn't the one that was submitted");
    case FetchResult::gone:
      return end(Code::not_found, "the server doesn't have it any more");
    case FetchResult::no_room:
      return end(Code::no_space, "there is no room for it on this device");
    case FetchResult::overtaken:
      server_ = kNoServer;
      break;
    case FetchResult::cut:
      if (now >= fetch_by_) return end(Code::timed_out, "the document didn't arrive in time");
      if (fetches_ < kFetchesPerClaim) {
        ++fetches_;
        return later(now + kClaimPause);
      }
      break;
  }
  // That claim leads nowhere; perhaps another server's does. The old lease runs out by itself.
  server_ = kNoServer;
  step_ = Step::claiming;
  if (++claims_ >= request_->attempts_per_server || now >= fetch_by_)
    return end(Code::unavailable, "the document can't be fetched from any server");
  claim_by_ = now + milliseconds(request_->deadline_ms);
  return later(now + kClaimPause);
}

ReleaseWants Release::recorded(Status status) {
  if (step_ != Step::recording) return ReleaseWants::nothing;
  if (!status.ok()) return end(status.code(), "this device can't record what it prints");
  step_ = Step::starting;
  return ReleaseWants::print;
}

ReleaseWants Release::started(Status status, Instant now) {
  if (step_ != Step::starting) return ReleaseWants::nothing;
  if (status.ok()) {
    step_ = Step::printing;
    return ReleaseWants::nothing;
  }
  if (status.code() != Code::busy) return end(status.code(), "the printer doesn't take it");
  if (now >= fetch_by_) return end(Code::busy, "the printer was busy for too long");
  return later(now + kBusyPause);
}

ReleaseWants Release::cancel() {
  if (step_ == Step::printing || step_ == Step::over) return ReleaseWants::nothing;
  return end(Code::refused, "cancelled");
}

ReleaseWants Release::tick(Instant now) {
  if (now < again_at_) return ReleaseWants::nothing;
  again_at_ = Instant::never();
  switch (step_) {
    case Step::claiming:
      return ReleaseWants::claim;
    case Step::fetching:
      return ReleaseWants::fetch;
    case Step::starting:
      return ReleaseWants::print;
    default:
      return ReleaseWants::nothing;
  }
}

ReleaseWants Release::later(Instant at) {
  again_at_ = at;
  return ReleaseWants::nothing;
}

ReleaseWants Release::end(Code code, const char* reason) {
  step_ = Step::over;
  again_at_ = Instant::never();
  why_ = code;
  reason_ = reason;
  return server_ != kNoServer ? ReleaseWants::give_back : ReleaseWants::fail;
}

}  // namespace holdfast::core
