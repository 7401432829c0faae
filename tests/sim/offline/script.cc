// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/offline/script.h"

#include <algorithm>

#include "base/hex.h"
#include "base/prng.h"
#include "sim/offline/toys.h"

namespace holdfast::sim::offline {
namespace {

constexpr uint32_t kGlassIterations = 100000;

struct Likely {
  StepKind kind;
  uint32_t weight;   // among those of its theme
  int64_t least_ms;  // how long it lasts
  int64_t most_ms;
  uint32_t most;  // of the amount
};

constexpr int64_t kMinute = 60000;

// Everyday life is always on; each other theme in half of the seeds.
constexpr Likely kLife[] = {
    {StepKind::login, 30, 0, 0, 3},
    {StepKind::old_secret, 6, 0, 0, 3},
    {StepKind::home_down, 14, 1000, 60 * kMinute, 2},
    {StepKind::node_down, 3, 1000, 10 * kMinute, 2},
    {StepKind::other_down, 6, 1000, 60 * kMinute, 2},
    {StepKind::foreigner, 5, 0, 0, 3},
    {StepKind::slow_login, 5, 1000, 20 * kMinute, 15000},
    {StepKind::power_cut, 3, 1000, 40 * kMinute, 1},
};
constexpr Likely kGuessers[] = {
    {StepKind::guess, 12, 100, 40000, 16},
    {StepKind::own_between, 5, 100, 5000, 240},
    {StepKind::glass, 3, 0, 0, 2},
    {StepKind::power_cut_at, 4, 1000, kMinute, 30},
};
constexpr Likely kAdministrators[] = {
    {StepKind::add, 3, 0, 0, 1},
    {StepKind::new_secret, 6, 0, 0, 3},
    {StepKind::pass_on_card, 1, 0, 0, 1},
    {StepKind::disable, 3, 0, 0, 1},
    {StepKind::enable, 3, 0, 0, 1},
    {StepKind::revoke, 6, 0, 0, 1},
    {StepKind::readd, 4, 0, 0, 1},
    {StepKind::save_server, 1, 0, 0, 1},
    {StepKind::restore_server, 1, 0, 0, 1},
    {StepKind::dies_in_sync, 6, 1000, 30 * kMinute, 6},
    {StepKind::bad_chunks, 2, 1000, 5 * kMinute, 1},
};
constexpr Likely kClocks[] = {
    {StepKind::clock_wrong, 5, 0, 0, 4},
    {StepKind::clock_untrusted, 4, 0, 0, 4},
    {StepKind::clock_right, 4, 0, 0, 1},
    {StepKind::clock_creeps, 2, 3 * kMinute, 9 * kMinute, 30},
    {StepKind::pull_often, 2, 3 * kMinute, 9 * kMinute, 30},
    {StepKind::home_down, 2, 60 * kMinute, 240 * kMinute, 2},
};
constexpr Likely kDisks[] = {
    {StepKind::disk_full, 3, 1000, 10 * kMinute, 30},
    {StepKind::disk_read_only, 2, 1000, 10 * kMinute, 1},
    {StepKind::disk_broken, 1, 1000, kMinute, 30},
    {StepKind::slow_disk, 4, 1000, 20 * kMinute, 20000},
    {StepKind::power_cut_at, 4, 1000, kMinute, 60},
    {StepKind::wipe, 1, 0, 0, 1},
    {StepKind::rotate, 1, 0, 0, 1},
};
constexpr Likely kThieves[] = {
    {StepKind::copy_store, 8, 0, 0, 1},
    {StepKind::put_back, 5, 1000, 5 * kMinute, 1},
    {StepKind::put_back_rows, 5, 1000, 5 * kMinute, 6},
    {StepKind::delete_store, 1, 1000, kMinute, 1},
    {StepKind::flip_bits, 1, 1000, kMinute, 1},
};

struct Theme {
  const Likely* steps;
  size_t count;
  bool on;
};

template <size_t n>
Theme theme(const Likely (&steps)[n], bool on) {
  return {steps, n, on};
}

void draw_step(Prng& prng, const std::vector<Likely>& likely, Step& step) {
  uint64_t total = 0;
  for (const Likely& one : likely) total += one.weight;
  uint64_t drawn = prng.below(total);
  const auto chosen = std::find_if(likely.begin(), likely.end(), [&](const Likely& one) {
    if (drawn < one.weight) return true;
    drawn -= one.weight;
    return false;
  });
  step.kind = chosen->kind;
  // One person is what most of it is about.
  step.who = static_cast<uint32_t>(prng.below(2) == 0 ? 0 : prng.below(kPeople));
  step.amount = 1 + static_cast<uint32_t>(prng.below(chosen->most));
  step.length =
      milliseconds(chosen->least_ms) + prng.up_to(milliseconds(chosen->most_ms - chosen->least_ms));
  // Short ones as likely as long ones.
  if (prng.below(2) == 0) step.length = longer(step.length / 20, milliseconds(chosen->least_ms));
  step.seed = prng.next();
}

void draw_policy(Prng& prng, OfflinePolicy& policy) {
  const auto from = [&](uint32_t least, uint32_t most) {
    return least + static_cast<uint32_t>(prng.below(most - least + 1));
  };
  policy.cache = CacheMode::automatic;
  constexpr UserSync kSyncs[] = {UserSync::none,      UserSync::users, UserSync::verifiers,
                                 UserSync::verifiers, UserSync::all,   UserSync::all};
  policy.sync = kSyncs[prng.below(6)];
  policy.max_age_h = from(1, 3);
  policy.card_expiry_h = from(1, 20);
  policy.pin_expiry_h = from(1, 20);
  policy.password_expiry_h = from(1, 20);
  policy.max_users_ram = policy.max_users_flash = prng.below(3) == 0 ? from(2, 6) : 1000;
  policy.kdf_iterations = 10000;
  policy.pause_after = from(2, 5);
  policy.pause_s = from(1, 30);
  policy.online_only_after = from(policy.pause_after, 10);
  policy.device_failures = from(4, 20);
  policy.device_forget_s = from(20, 600);
  policy.max_audit = 100;
}

ServerConfig server(const std::string& name, const std::string& cluster) {
  ServerConfig config;
  config.name = name;
  config.url = "https://" + name + ".example";
  config.cluster_id = cluster;
  config.token = "token";
  config.tls.client_certificate_file = "device.pem";
  config.tls.client_key_file = "device.key";
  return config;
}

void draw_device(Prng& prng, Scenario& s) {
  s.config.device_id = "mfp-1";
  s.config.servers.push_back(server("a", "home"));
  if (prng.below(3) == 0) s.config.servers.push_back(server("b", "home"));
  if (prng.below(3) == 0) s.config.servers.push_back(server("c", "other"));
  s.config.login.accept_login_from =
      prng.below(3) == 0 ? AcceptLogin::same_cluster : AcceptLogin::any;
  constexpr uint32_t kProbes_s[] = {10, 30, 60};
  s.config.probe.probe_s = kProbes_s[prng.below(3)];
  s.config.probe.user_present_probe_ms = 10000;
  s.config.request.deadline_ms = 4000 + static_cast<uint32_t>(prng.below(6)) * 1000;
  s.config.login.offline_after_ms = 500 + static_cast<uint32_t>(prng.below(6)) * 500;
  draw_policy(prng, s.config.offline);
  s.has_counter = prng.below(2) == 0;
  s.on_flash = prng.below(8) != 0;
  s.tier = s.on_flash ? KeyTier::secure_element : KeyTier::none;
  if (s.tier == KeyTier::none && s.config.offline.sync != UserSync::none)
    s.config.offline.sync = UserSync::users;
  if (prng.below(3) != 0) return;
  s.glass_code = "GLASS-" + std::to_string(prng.below(1000000));
  const std::string salt(16, 'g');
  BreakGlass& glass = s.config.offline.break_glass;
  glass.salt = hex_encode(reinterpret_cast<const uint8_t*>(salt.data()), salt.size());
  glass.iterations = kGlassIterations;
  const Key256 verifier = toy_derive(s.glass_code, salt, kGlassIterations);
  glass.verifier = hex_encode(verifier.data(), verifier.size());
  glass.max_per_day = 1 + static_cast<uint32_t>(prng.below(3));
}

}  // namespace

Scenario draw_scenario(uint64_t seed, Duration length) {
  Scenario s;
  s.seed = seed;
  s.length = length;
  Prng prng(Prng(seed).next());  // neighbours would share their stream
  draw_device(prng, s);
  const Theme themes[] = {theme(kLife, true),
                          theme(kGuessers, prng.below(2) == 0),
                          theme(kAdministrators, prng.below(2) == 0),
                          theme(kClocks, prng.below(2) == 0),
                          theme(kDisks, prng.below(2) == 0),
                          theme(kThieves, prng.below(2) == 0)};
  std::vector<Likely> likely;
  for (const Theme& one : themes)
    if (one.on) likely.insert(likely.end(), one.steps, one.steps + one.count);
  const uint64_t count = 40 + prng.below(80);
  for (uint64_t i = 0; i < count; ++i) {
    Step step;
    step.at = Instant{} + prng.up_to(length);
    draw_step(prng, likely, step);
    s.steps.push_back(step);
  }
  std::sort(s.steps.begin(), s.steps.end(), [](const Step& a, const Step& b) {
    return a.at != b.at ? a.at < b.at : a.seed < b.seed;
  });
  return s;
}

const char* to_string(StepKind kind) {
  static constexpr const char* kNames[] = {
      "login",           "old_secret",    "guess",        "own_between", "foreigner",
      "glass",           "home_down",     "node_down",    "other_down",  "slow_login",
      "dies_in_sync",    "bad_chunks",    "add",          "new_secret",  "pass_on_card",
      "disable",         "enable",        "revoke",       "readd",       "save_server",
      "restore_server",  "power_cut",     "power_cut_at", "pull_often",  "clock_wrong",
      "clock_untrusted", "clock_right",   "clock_creeps", "disk_full",   "disk_read_only",
      "disk_broken",     "slow_disk",     "wipe",         "rotate",      "copy_store",
      "put_back",        "put_back_rows", "delete_store", "flip_bits"};
  return kNames[static_cast<size_t>(kind)];
}

std::string describe(const Scenario& s) {
  const OfflinePolicy& p = s.config.offline;
  std::string text = "servers:";
  for (const ServerConfig& one : s.config.servers) text += " " + one.name + " of " + one.cluster_id;
  constexpr const char* kSyncs[] = {"none", "users", "verifiers", "all"};
  text += std::string("; sync ") + kSyncs[static_cast<size_t>(p.sync)] +
          (s.has_counter ? ", counter" : ", no counter") + (s.on_flash ? ", flash" : ", ram") +
          ", age " + std::to_string(p.max_age_h) + " h, device " +
          std::to_string(p.device_failures) + " per " + std::to_string(p.device_forget_s) +
          " s, user " + std::to_string(p.pause_after) + "/" + std::to_string(p.online_only_after) +
          "/" + std::to_string(p.pause_s) + " s\n";
  constexpr size_t kShort = 40;
  if (s.steps.size() > kShort)
    return text + "script: " + std::to_string(s.steps.size()) + " steps (--reduce shortens)\n";
  text += "script:\n";
  for (const Step& step : s.steps)
    text += "  at " + std::to_string(step.at.us / 1000) + " ms: " + to_string(step.kind) + " " +
            std::to_string(step.who) + ", " + std::to_string(step.amount) + ", for " +
            std::to_string(step.length.ms()) + " ms\n";
  return text;
}

}  // namespace holdfast::sim::offline
