// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/users.h"

namespace holdfast::sim {

using core::Repeat;
using core::RequestEnd;
using core::RequestKind;
using core::RequestSpec;

Users::Users(const Scenario& scenario, EventQueue* queue, Servers* servers, Device* device,
             Reached* reached)
    : queue_(queue),
      servers_(servers),
      device_(device),
      reached_(reached),
      prng_(scenario.seed * 11 + 0x95e5) {}

void Users::arrive(uint32_t who, Instant now) {
  if (stage_ != Stage::away || !device_->powered()) return;
  stage_ = Stage::at_panel;
  who_ = static_cast<uint8_t>(who % kPeople);
  ++serial_;
  ++visits_;
  logins_ = 0;
  again(milliseconds(0), seconds(4), now);
}

void Users::background(uint32_t amount, Instant now) {
  if (!device_->powered() || device_->stalled()) return;
  RequestSpec spec;
  spec.background = true;
  spec.repeat = amount % 3 == 0 ? Repeat::keyed : Repeat::safe;
  spec.deadline = seconds(5 + amount % 60);
  // Now and then the host asks for everything at once.
  const uint32_t burst = amount % 25 == 0 ? 40 : 1;
  for (uint32_t i = 0; i < burst; ++i) {
    if (burst > 1) spec.repeat = static_cast<Repeat>(prng_.below(3));
    device_->request(spec, 0, now);
  }
}

void Users::again(Duration least, Duration more, Instant now) {
  queue_->push(now + least + prng_.up_to(more), What::person, serial_);
}

void Users::next(uint32_t serial, Instant now) {
  if (serial != serial_ || !device_->powered()) return;
  switch (stage_) {
    case Stage::away:
      return;
    case Stage::at_panel:
      if (!device_->user_present() && prng_.below(4) != 0) device_->present(true, now);
      return log_in(now);
    case Stage::waiting:  // lost patience
      if (prng_.below(2) == 0 && waiting_for_ != 0) device_->cancel(waiting_for_, now);
      return leave(now);
    case Stage::in_session:
      if (acts_left_ == 0) return leave(now);
      --acts_left_;
      return act(now);
  }
}

void Users::log_in(Instant now) {
  if (logins_++ == 3) return leave(now);
  RequestSpec spec;
  spec.kind = RequestKind::login;
  spec.password = prng_.below(2) == 0;
  spec.cache = prng_.below(4) != 0;
  spec.deadline = seconds(4) + prng_.up_to(seconds(11));
  stage_ = Stage::waiting;
  session_server_ = kNoServer;
  waiting_for_ = 0;
  const uint32_t id = device_->request(spec, who_, now);
  if (id == 0) return leave(now);
  if (stage_ == Stage::waiting) waiting_for_ = id;  // not answered by now
}

void Users::act(Instant now) {
  RequestSpec spec;
  spec.prefer = session_server_;
  spec.deadline = seconds(3) + prng_.up_to(seconds(20));
  switch (prng_.below(4)) {
    case 0:
      spec.repeat = Repeat::never;
      break;
    case 1:
      spec.repeat = Repeat::keyed;
      break;
    case 2:
      if (session_server_ == kNoServer) break;
      spec.only = session_server_;
      spec.bulk = true;
      spec.deadline = seconds(120);
      break;
    default:
      break;
  }
  stage_ = Stage::waiting;
  waiting_for_ = 0;
  const uint32_t id = device_->request(spec, who_, now);
  if (id == 0) return leave(now);
  if (stage_ != Stage::waiting) return;
  waiting_for_ = id;
  if (prng_.below(20) == 0) again(milliseconds(100), seconds(10), now);  // will walk away
}

void Users::leave(Instant now) {
  stage_ = Stage::away;
  session_server_ = kNoServer;
  login_request_ = waiting_for_ = 0;
  ++serial_;
  if (device_->user_present()) device_->present(false, now);
}

void Users::finished(const Call& call, const core::Action& action, Instant now) {
  const bool home = action.server < servers_->count() && servers_->at(action.server).cluster == 0;
  Person& person = servers_->person(call.person);
  if (call.spec.kind == RequestKind::login) {
    const bool granted = action.end == RequestEnd::granted || action.end == RequestEnd::provisional;
    if (granted && home) person.cached = true;
    if (action.end == RequestEnd::denied) person.cached = false;
    if (granted && action.id == 0) reached_->hit(Sometimes::granted_by_cache);
    if (action.end == RequestEnd::denied)
      reached_->hit(action.id == 0
                        ? Sometimes::denied_by_cache
                        : (home ? Sometimes::denied_by_home : Sometimes::denied_elsewhere));
  }
  if (call.spec.background || stage_ != Stage::waiting) return;
  if (waiting_for_ != 0 && waiting_for_ != call.id) return;
  waiting_for_ = 0;
  ++serial_;
  if (call.spec.kind != RequestKind::login) {
    stage_ = Stage::in_session;
    return again(milliseconds(200), seconds(3), now);
  }
  if (action.end == RequestEnd::granted || action.end == RequestEnd::provisional) {
    stage_ = Stage::in_session;
    login_request_ = call.id;
    session_server_ = action.id != 0 ? action.server : kNoServer;
    acts_left_ = static_cast<uint32_t>(prng_.below(7));
    if (prng_.below(30) == 0) acts_left_ = 200;  // a long stay
  } else {
    stage_ = Stage::at_panel;
    if (prng_.below(2) == 0) logins_ = 3;  // gives up
  }
  again(milliseconds(200), seconds(3), now);
}

void Users::contradicted(uint32_t request, Instant now) {
  if (stage_ == Stage::away || request != login_request_) return;
  servers_->person(who_).cached = false;
  if (stage_ == Stage::waiting && waiting_for_ != 0) device_->cancel(waiting_for_, now);
  leave(now);
}

void Users::power_off() {
  stage_ = Stage::away;
  ++serial_;
}

}  // namespace holdfast::sim
