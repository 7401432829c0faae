// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Logins while no server answers, beside what they can't do without.
#include <holdfast/adapters/sqlite_database.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "device.h"

namespace holdfast::bench {
namespace {

constexpr CredentialKind kKinds[] = {CredentialKind::card, CredentialKind::pin,
                                     CredentialKind::password};
constexpr uint32_t kNobody = 10000000;

// A sequence that is the same in each run.
class Dice {
 public:
  uint32_t below(uint32_t limit) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return static_cast<uint32_t>(state_ >> 33) % limit;
  }

 private:
  uint64_t state_ = 88172645463325252ull;
};

struct Sample {
  std::vector<uint32_t> wall_us, cpu_us;
  void add(int64_t wall, int64_t cpu) {
    wall_us.push_back(static_cast<uint32_t>(wall));
    cpu_us.push_back(static_cast<uint32_t>(cpu));
  }
  void print(const std::string& name) const {
    print_numbers((name + "_us").c_str(), wall_us);
    std::printf(",");
    print_numbers((name + "_cpu_us").c_str(), cpu_us);
  }
};

bool by_cache(Device& device, Credential credential, bool granted, Login* login) {
  if (!device.login(std::move(credential), login)) return false;
  if (login->by_cache() && login->granted() == granted) return true;
  std::fprintf(stderr, "bench_offline: a login went wrong: %s, '%s' %s\n",
               to_string(login->result.verdict), login->result.denial.c_str(),
               device.last_warning.c_str());
  return false;
}

// What a login can't do without.
struct Trace {
  std::string secret;
  std::vector<WatchedCrypto::Derivation> derivations;
  std::vector<WatchedDatabase::Write> writes;

  size_t commits() const {
    return static_cast<size_t>(
        std::count_if(writes.begin(), writes.end(), [](const WatchedDatabase::Write& write) {
          return write.step == WatchedDatabase::Step::commit;
        }));
  }
  size_t iterations() const {
    size_t sum = 0;
    for (const auto& one : derivations) sum += one.iterations;
    return sum;
  }
};

// That, and nothing else, on a thread that has just begun, as a login's worker has just woken; the
// time doesn't count its beginning.
bool bare(Device& device, Database& database, const Trace& trace, Sample* sample) {
  bool good = true;
  std::thread thread([&] {
    const int64_t cpu = process_cpu_us();
    const int64_t begun = now_us();
    for (const auto& one : trace.derivations)
      good = good && device.crypto->pbkdf2_sha256(trace.secret, one.salt, one.iterations);
    good = good && write_again(trace.writes, database);
    sample->add(now_us() - begun, process_cpu_us() - cpu);
  });
  thread.join();
  return good;
}

}  // namespace

bool compare(Device& device, const std::string& bare_path, uint32_t count, uint32_t real,
             uint32_t stride) {
  std::string problem;
  SqliteOptions options;
  options.path = bare_path;
  auto database = sqlite_database(options, &problem);
  if (!database || !device.rest(600000000)) {
    std::fprintf(stderr, "bench_offline: %s\n", problem.c_str());
    return false;
  }
  Dice dice;
  Sample logins, bares;
  std::vector<uint32_t> rest;
  Trace traces[2];
  device.polls.wall_us.clear();
  device.polls.cpu_us.clear();
  for (uint32_t i = 0; i < count; ++i) {
    const CredentialKind kind = kKinds[i % 2 == 0 ? 0 : 2];  // cards and passwords
    Trace& trace = traces[i % 2];
    // In every other pair the bare one comes first, and is the last login's of that kind.
    const bool bare_first = i >= 2 && i / 2 % 2 == 1;
    if (bare_first && !bare(device, **database, trace, &bares)) return false;
    const uint32_t user = dice.below(real) * stride;
    Login login;
    if (!by_cache(device, credential(kind, user, 0), true, &login)) return false;
    logins.add(login.wall_us, login.cpu_us);
    rest.push_back(static_cast<uint32_t>(login.wall_us - login.derived_us - login.wrote_us));
    trace = {credential(kind, user, 0).secret.reveal(), device.crypto->derivations,
             device.database->writes};
    if (!bare_first && !bare(device, **database, trace, &bares)) return false;
  }
  std::printf("{\"users\":%zu,\"commits\":%zu,\"iterations\":%zu,", device.users(),
              traces[0].commits(), traces[0].iterations());
  logins.print("login");
  std::printf(",");
  bares.print("bare");
  std::printf(",");
  print_numbers("rest_us", rest);
  std::printf(",");
  print_numbers("poll_us", device.polls.wall_us);
  std::printf(",");
  print_numbers("poll_cpu_us", device.polls.cpu_us);
  std::printf("}\n");
  return true;
}

// In each round each kind of try once, in an order that changes.
bool blind(Device& device, uint32_t count, uint32_t real, uint32_t stride) {
  struct Try {
    const char* name;
    CredentialKind kind;
    bool known, right;
    Sample sample;
  };
  std::vector<Try> tries = {{"card_known", CredentialKind::card, true, true, {}},
                            {"card_unknown", CredentialKind::card, false, false, {}},
                            {"pin_known", CredentialKind::pin, true, true, {}},
                            {"pin_unknown", CredentialKind::pin, false, false, {}},
                            {"password_right", CredentialKind::password, true, true, {}},
                            {"password_wrong", CredentialKind::password, true, false, {}},
                            {"password_unknown", CredentialKind::password, false, false, {}}};
  if (!device.rest(600000000)) return false;
  Dice dice;
  std::vector<size_t> order(tries.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  for (uint32_t round = 0; round < count; ++round) {
    for (size_t i = order.size(); i > 1; --i)
      std::swap(order[i - 1], order[dice.below(static_cast<uint32_t>(i))]);
    for (const size_t at : order) {
      Try& one = tries[at];
      uint32_t user = one.right ? dice.below(real) * stride : kNobody + dice.below(1000000);
      // Nobody's failures add up to a pause: each wrong password is another user's.
      if (one.known && !one.right) user = round % real * stride + 1 + round / real;
      Login login;
      if (!by_cache(device, credential(one.kind, user, one.right ? 0 : 1), one.right, &login))
        return false;
      one.sample.add(login.wall_us, login.cpu_us);
    }
  }
  std::printf("{\"users\":%zu", device.users());
  for (const Try& one : tries) {
    std::printf(",");
    one.sample.print(one.name);
  }
  std::printf("}\n");
  return true;
}

}  // namespace holdfast::bench
