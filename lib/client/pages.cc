// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "client/pages.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace holdfast::client {
namespace {

// Reservations that the host has yet to settle (own). A host that never settles any must not make
// this grow: the oldest is forgotten, and its pages stay spent.
constexpr size_t kMostOpen = 64;

}  // namespace

bool Pages::home_counts() const {
  const Route route = context_.failover.route();
  return route.kind == RouteKind::server && context_.failover.servers().at(route.server).home;
}

bool Pages::make_room() {
  if (open_.size() < kMostOpen) return true;
  const auto oldest = std::find_if(open_.begin(), open_.end(),
                                   [](const Open& open) { return open.granted && !open.settling; });
  if (oldest == open_.end()) return false;
  open_.erase(oldest);
  return true;
}

Pages::Open* Pages::find(TicketId ticket) {
  const auto it = std::find_if(open_.begin(), open_.end(),
                               [&](const Open& open) { return open.result.ticket == ticket; });
  return it == open_.end() ? nullptr : &*it;
}

void Pages::remove(TicketId ticket) {
  open_.erase(std::remove_if(open_.begin(), open_.end(),
                             [&](const Open& open) { return open.result.ticket == ticket; }),
              open_.end());
}

// A lease that can't be counted isn't spent.
void Pages::answer_without_cache(Open& open, int64_t lease) {
  open.granted = lease < 0;
  open.result.left = lease < 0 ? -1 : 0;
  open.result.status = lease < 0 ? Status() : Status(Code::refused);
}

Result<TicketId> Pages::reserve(TicketId ticket, SessionId session, uint32_t pages) {
  const SessionUser* user = context_.user(session);
  if (user == nullptr) return failure(Code::not_found);
  if (pages == 0) return failure(Code::invalid_argument);
  if (!make_room()) return failure(Code::busy);
  const int64_t lease = user->user.offline_pages;
  Open open;
  open.result.ticket = ticket;
  open.result.session = session;
  const bool home = home_counts();
  if (home || !offline_.usable()) {
    answer_without_cache(open, home ? -1 : lease);
    ready_.push_back(open.result);
    if (open.granted) open_.push_back(std::move(open));
    return ticket;
  }
  open_.push_back(std::move(open));
  const auto answer = std::make_shared<vault::PageReservation>();
  answer->status = Code::unavailable;
  const std::string user_uid = user->user.user_uid;
  const bool queued = offline_.run(
      [answer, user_uid, pages](vault::Vault& v) { *answer = v.reserve_pages(user_uid, pages); },
      [this, ticket, answer, lease] { reserved(ticket, *answer, lease); });
  if (queued) return ticket;
  remove(ticket);
  return failure(Code::busy);
}

void Pages::reserved(TicketId ticket, const vault::PageReservation& answer, int64_t lease) {
  Open* open = find(ticket);
  if (open == nullptr) return;
  if (answer.status.code() == Code::not_found) {
    answer_without_cache(*open, lease);
  } else {
    open->granted = open->leased = answer.status.ok();
    open->reservation = answer;
    open->result.status = answer.status;
    open->result.left = answer.left;
  }
  const PagesResult result = open->result;
  if (!open->granted) remove(ticket);
  context_.listener.on_pages(result);
}

Status Pages::settle(TicketId ticket, uint32_t used) {
  Open* open = find(ticket);
  if (open == nullptr || !open->granted || open->settling) return Code::not_found;
  open->result.settled = true;
  if (!open->leased) {
    ready_.push_back(open->result);
    remove(ticket);
    return {};
  }
  const auto answer = std::make_shared<vault::PageReservation>();
  answer->status = Code::unavailable;
  const vault::PageReservation reservation = open->reservation;
  open->settling = true;
  const bool queued = offline_.run(
      [answer, reservation, used](vault::Vault& v) { *answer = v.settle_pages(reservation, used); },
      [this, ticket, answer] { settled(ticket, *answer); });
  if (queued) return {};
  open->settling = false;
  return Code::busy;
}

void Pages::settled(TicketId ticket, const vault::PageReservation& answer) {
  Open* open = find(ticket);
  if (open == nullptr) return;
  open->settling = false;
  // Who left the cache meanwhile has no lease to give pages back to.
  const bool gone = answer.status.code() == Code::not_found;
  open->result.status = gone ? Status() : answer.status;
  open->result.left = gone ? 0 : answer.left;
  const PagesResult result = open->result;
  if (result.status.ok()) remove(ticket);
  context_.listener.on_pages(result);
}

void Pages::tick() {
  std::vector<PagesResult> ready;
  ready.swap(ready_);
  for (const PagesResult& result : ready) context_.listener.on_pages(result);
}

}  // namespace holdfast::client
