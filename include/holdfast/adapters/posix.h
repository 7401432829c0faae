// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Ports for Linux: clocks, randomness, executors, and files for state and documents.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "holdfast/ports/crypto.h"
#include "holdfast/ports/device_key.h"
#include "holdfast/ports/documents.h"
#include "holdfast/ports/executor.h"
#include "holdfast/ports/random.h"
#include "holdfast/ports/resolver.h"
#include "holdfast/ports/state.h"
#include "holdfast/status.h"
#include "holdfast/time.h"

namespace holdfast {

// ---- clocks

// CLOCK_BOOTTIME: goes on while the device sleeps, and never back. Any thread.
Instant monotonic_now();

// When the wall clock is to be believed.
enum class WallTrust : uint8_t {
  never,         // a board without battery and network time
  synchronised,  // when the kernel says that something disciplines it (adjtimex), as NTP daemons
                 // see to
  always,  // a battery-backed clock that was set in the factory, or a host that waits for its time
           // before
};

// CLOCK_REALTIME. Never trusted while it shows a time before `floor_unix_ms`: the firmware's build
// time is a good one. Any thread.
WallClock wall_now(WallTrust trust, int64_t floor_unix_ms = 0);

// ---- randomness

// getrandom(). At power-on fill() waits until the kernel has its seed. Any thread.
std::unique_ptr<Random> system_random();

// ---- executors

// No thread: submit() runs the task at once and poll() finishes it. Then the calls that submit work
// can block for an fsync. busy when `queue_limit` tasks wait for poll().
std::unique_ptr<Executor> inline_executor(size_t queue_limit = 64);

// One thread, named `name` (up to 15 bytes), in which all signals are blocked. busy when
// `queue_limit` tasks are queued, running or unfinished. The destructor lets the thread run what is
// queued, since that is writes that somebody asked for, joins it and destroys what was never
// finished. io_error: no thread could be started (errno).
Result<std::unique_ptr<Executor>> worker_executor(const std::string& name, size_t queue_limit = 64);

// ---- names

// getaddrinfo() as tasks of `executor`, which must outlive it and is polled by its poll(). For
// boards without c-ares, with these limits: a look-up takes as long as the system's resolver does,
// 10 s and more where the name servers are silent, and can be forgotten but not stopped; so the
// executor's other tasks wait for it, and joining the worker can take as long. Give it a
// worker_executor() of its own; with an inline_executor() start() blocks. Not in a statically
// linked glibc, which loads its resolver at run time. Time to live: not known. io_error: no
// descriptor was left (errno).
Result<std::unique_ptr<Resolver>> executor_resolver(Executor& executor);

// ---- files

// One file for each record in `directory`, which is created when only its last part is missing. A
// second store on the same directory, also in another process, is refused (busy). Where creation
// fails, `problem` (if given) receives one line that names the path and the reason. A record that
// isn't what was stored is renamed to KEY.damaged-1, -2 or -3 (the first two stay, the third is the
// latest) and reported as corrupt once. Calls may come from any one thread.
Result<std::unique_ptr<StateStore>> file_state_store(const std::string& directory,
                                                     std::string* problem = nullptr);

// Documents as files in `directory`, of `quota_bytes` together, those being written included. What
// was begun and not committed when the last process ended is deleted at creation. Otherwise like
// file_state_store(); both may share one directory. Not encrypted. Writers and readers may outlive
// it and be used by one thread each.
Result<std::unique_ptr<Documents>> file_documents(const std::string& directory,
                                                  uint64_t quota_bytes,
                                                  std::string* problem = nullptr);

// ---- device key

// For development, and for boards without anything better: 32 random bytes in the file `path`, made
// durably at the first call. Tier none, no counter: who can read the file can undo all that the key
// protects. `crypto` must outlive it. invalid_argument: others than the file's owner may read it,
// it isn't this user's, or no plain file; corrupt: it doesn't hold a key. It is never replaced, and
// `problem` (if given) says what to do. Calls may come from any one thread.
Result<std::unique_ptr<DeviceKey>> file_device_key(const std::string& path, Crypto& crypto,
                                                   std::string* problem = nullptr);

// The iterations of PBKDF2 that take this board `target_ms`, from 10,000 to 1,000,000: for
// OfflinePolicy::kdf_iterations. Blocks for some 50 ms, at least for as long as 3,000 iterations
// take; call it before the client is created, while the board does little else. 10,000 when
// `crypto` fails.
uint32_t calibrate_kdf(Crypto& crypto, uint32_t target_ms);

}  // namespace holdfast
