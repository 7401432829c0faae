// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// People: they come to the panel, log in by card or password, look at their jobs, release some, and
// go. One at a time, as at a real device, besides what the device asks for on its own.
#pragma once

#include "sim/device.h"

namespace holdfast::sim {

class Users {
 public:
  Users(const Scenario& scenario, EventQueue* queue, Servers* servers, Device* device,
        Reached* reached);

  void arrive(uint32_t who, Instant now);
  void background(uint32_t amount, Instant now);
  // The visit `serial` goes on.
  void next(uint32_t serial, Instant now);
  void finished(const Call& call, const core::Action& action, Instant now);
  void contradicted(uint32_t request, Instant now);
  void power_off();

  bool away() const { return stage_ == Stage::away; }
  uint64_t visits() const { return visits_; }

 private:
  enum class Stage : uint8_t { away, at_panel, waiting, in_session };

  void log_in(Instant now);
  void act(Instant now);
  void leave(Instant now);
  void again(Duration least, Duration more, Instant now);

  EventQueue* queue_;
  Servers* servers_;
  Device* device_;
  Reached* reached_;
  Prng prng_;
  Stage stage_ = Stage::away;
  uint32_t serial_ = 0;
  uint8_t who_ = 0;
  uint32_t logins_ = 0, acts_left_ = 0;
  uint32_t login_request_ = 0;  // the session's
  uint32_t waiting_for_ = 0;
  ServerIndex session_server_ = kNoServer;
  uint64_t visits_ = 0;
};

}  // namespace holdfast::sim
