// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
//   vault_bench <new file> [users]
//
// A list of so many users (100,000) taken in on SQLite in chunks of 200, each with a card and a
// password; then a delta of 100, logins beside the bare commits they need, and opening. Times and
// the greatest heap, of all but the benchmark's own lists of one chunk.
#include <malloc.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <new>

#include "holdfast/adapters/mbedtls_crypto.h"
#include "holdfast/adapters/sqlite_database.h"
#include "support/fake_device_key.h"
#include "support/fake_random.h"
#include "vault/vault.h"

namespace {

size_t heap_now = 0;
size_t heap_peak = 0;

double now_ms() {
  using namespace std::chrono;
  return duration<double, std::milli>(steady_clock::now().time_since_epoch()).count();
}

double cpu_ms() { return 1000.0 * static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

}  // namespace

// SQLite's cache is its own allocation and limited by its option; what C++ takes is counted here.
void* operator new(size_t size) {
  void* block = std::malloc(size);
  if (block == nullptr) std::abort();
  heap_now += malloc_usable_size(block);
  heap_peak = heap_now > heap_peak ? heap_now : heap_peak;
  return block;
}
void operator delete(void* block) noexcept {
  heap_now -= malloc_usable_size(block);
  std::free(block);
}
void operator delete(void* block, size_t) noexcept { operator delete(block); }

namespace {

using namespace holdfast;

constexpr int64_t kNow = 1800000000000;
constexpr size_t kChunk = 200;
constexpr uint32_t kIterations = 10000;

UserChange person(size_t n, const char* version) {
  const std::string name = "user" + std::to_string(n);
  UserChange change;
  change.user = {"uid-" + name, name, "The display name of " + name, {"print", "color", "copy"}};
  Verifier card;
  card.salt = "tenant-salt-0123";
  card.iterations = kIterations;
  for (size_t i = 0; i < 8; ++i) card.derived[i] = static_cast<uint8_t>(n >> (8 * i));
  card.derived[9] = static_cast<uint8_t>(version[0]);
  Verifier password = card;
  password.kind = CredentialKind::password;
  password.salt = "salt-of-" + name;
  change.verifiers = {card, password};
  return change;
}

struct Bench {
  std::unique_ptr<Database> database;
  std::unique_ptr<Crypto> crypto = std::move(*mbedtls_crypto());
  test::FakeDeviceKey key;
  test::FakeRandom random;
  OfflinePolicy policy;
  std::unique_ptr<vault::Vault> vault;
  double mark = now_ms();
  double cpu_mark = cpu_ms();

  void open(const char* path) {
    vault.reset();
    database.reset();
    SqliteOptions options;
    options.path = path;
    auto opened = sqlite_database(options);
    if (!opened) std::abort();
    database = std::move(*opened);
    mark = now_ms();
    std::string words;
    policy.cache = CacheMode::flash;
    policy.sync = UserSync::all;
    auto made = vault::Vault::open({database.get(), crypto.get(), &key, &random}, policy,
                                   core::scope_of(policy, 1, true), kIterations, kNow, &words);
    if (!made || !words.empty()) std::abort();
    vault = std::move(*made);
  }
  void report(const char* what, double times = 1) {
    std::printf("%-28s %9.2f ms   %9.2f ms of CPU   heap %zu KiB, peak %zu KiB\n", what,
                (now_ms() - mark) / times, (cpu_ms() - cpu_mark) / times, heap_now / 1024,
                heap_peak / 1024);
    heap_peak = heap_now;
    mark = now_ms();
    cpu_mark = cpu_ms();
  }
  void sync(bool full, size_t version, size_t count) {
    Status status = vault->begin(full, {version, "incarnation"});
    std::vector<UserChange> chunk;
    for (size_t n = 0; n < count && status.ok(); ++n) {
      chunk.push_back(person(n, full ? "1" : "2"));
      if (chunk.size() < kChunk && n + 1 < count) continue;
      status = vault->change(chunk, kNow);
      chunk.clear();
    }
    if (status.ok()) status = vault->activate(kNow);
    if (!status.ok()) std::abort();
  }
  void logins(const char* what, const char* name, int count) {
    for (int i = 0; i < count; ++i) {
      Credential who;
      who.kind = CredentialKind::password;
      who.user = name;
      who.secret = Secret(std::string("secret"));
      (void)vault->login(who, kNow, kNow + int64_t{i} * 3600000);
    }
    report(what, count);
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const size_t users = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 100000;
  Bench bench;
  bench.open(argv[1]);
  bench.report("made");
  bench.sync(true, 1, users);
  bench.report("full list");
  bench.sync(false, 2, 100);
  bench.report("delta of 100");
  size_t steps = 1;
  for (; *bench.vault->tidy(); ++steps) {
  }
  bench.report("tidy, a step", static_cast<double>(steps));
  Credential who;
  who.kind = CredentialKind::password;
  who.user = "learnt";
  who.secret = Secret(std::string("secret"));
  if (users < 100000) (void)bench.vault->learn(who, {"learnt", "learnt", "", {}}, kNow);
  bench.mark = now_ms();
  bench.cpu_mark = cpu_ms();
  bench.logins("login, known, wrong", "user77", 5);
  bench.logins("login, unknown", "nobody", 20);
  for (int i = 0; i < 20; ++i) (void)bench.crypto->pbkdf2_sha256("secret", "salt", kIterations);
  bench.report("derivation alone", 20);
  for (int i = 0; i < 40; ++i) (void)bench.vault->keep({kNow, kNow});
  bench.report("two bare commits", 20);
  bench.open(argv[1]);
  bench.report("opened, every row summed");
  return 0;
}
