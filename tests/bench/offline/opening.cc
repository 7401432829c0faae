// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// A start: the file's structure, then each row against the sum.
#include <holdfast/adapters/mbedtls_crypto.h>
#include <holdfast/adapters/posix.h>
#include <holdfast/adapters/sqlite_database.h>

#include <cstdio>
#include <string>

#include "core/offline.h"
#include "device.h"
#include "heap.h"
#include "vault/vault.h"

namespace holdfast::bench {

int open_cache(const std::string& config_text, const std::string& folder) {
  const auto config = parse_config(config_text);
  if (!config) return 2;
  heap::mark();
  std::string problem;
  auto crypto = mbedtls_crypto();
  if (!crypto) return 2;
  auto key = fused_key(folder, **crypto, &problem);
  const auto random = system_random();
  const int64_t begun = now_us();
  SqliteOptions options;
  options.path = folder + "/cred.db";
  auto database = sqlite_database(options, &problem);
  if (!key || !database) {
    std::fprintf(stderr, "bench_offline: %s\n", problem.c_str());
    return 2;
  }
  const int64_t structure = now_us();
  const auto scope = core::scope_of(config->offline, static_cast<uint8_t>((*key)->tier()), true);
  auto vault = vault::Vault::open({database->get(), crypto->get(), key->get(), random.get()},
                                  config->offline, scope, config->offline.kdf_iterations,
                                  wall_now(WallTrust::always).unix_ms, &problem);
  if (!vault || !problem.empty()) {
    std::fprintf(stderr, "bench_offline: %s\n", problem.c_str());
    return 2;
  }
  const int64_t opened = now_us();
  const heap::Use use = heap::since_mark();
  std::printf(
      "{\"users\":%llu,\"structure_s\":%.3f,\"rows_s\":%.3f,\"heap_peak_bytes\":%zu,"
      "\"sqlite_peak_bytes\":%zu}\n",
      static_cast<unsigned long long>((*vault)->counts().users),
      static_cast<double>(structure - begun) / 1e6, static_cast<double>(opened - structure) / 1e6,
      use.peak_bytes, use.sqlite_peak_bytes);
  return 0;
}

}  // namespace holdfast::bench
