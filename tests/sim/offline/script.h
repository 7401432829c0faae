// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What a seed stands for: a policy, a device, a home, and a script of what befalls them. Each step
// draws from its own seed, so that taking out one leaves the others what they were.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "holdfast/config.h"
#include "holdfast/ports/device_key.h"

namespace holdfast::sim::offline {

constexpr size_t kPeople = 6;      // of home, to begin with
constexpr size_t kForeigners = 2;  // known to the other cluster alone

enum class StepKind : uint8_t {
  // People.
  login,        // with what is right today; who: the person, amount: the kind
  old_secret,   // with what was right once
  guess,        // amount times, some of them with the plug pulled
  own_between,  // the same, with a login of one's own after each few
  foreigner,
  glass,  // the emergency code, right or wrong
  // Servers.
  home_down,
  node_down,
  other_down,
  slow_login,
  dies_in_sync,  // home answers so many requests more
  bad_chunks,
  // Administrators of home.
  add,
  new_secret,
  pass_on_card,
  disable,
  enable,
  revoke,
  readd,
  save_server,
  restore_server,
  // The device.
  power_cut,
  power_cut_at,  // the amount-th operation of its store
  pull_often,    // amount times, minutes apart
  clock_wrong,
  clock_untrusted,
  clock_right,
  clock_creeps,  // back, amount times, as far as it went
  disk_full,
  disk_read_only,
  disk_broken,
  slow_disk,
  wipe,
  rotate,
  // Thieves.
  copy_store,
  put_back,
  put_back_rows,
  delete_store,
  flip_bits,
};
const char* to_string(StepKind kind);

struct Step {
  Instant at{};
  StepKind kind = StepKind::login;
  uint32_t who = 0;
  uint32_t amount = 0;
  Duration length{};
  uint64_t seed = 0;
};

struct Scenario {
  uint64_t seed = 0;
  Config config;
  KeyTier tier = KeyTier::secure_element;
  bool has_counter = false;
  bool on_flash = true;
  Duration length{};
  std::string glass_code;
  std::vector<Step> steps;
};

Scenario draw_scenario(uint64_t seed, Duration length);
std::string describe(const Scenario& scenario);

}  // namespace holdfast::sim::offline
