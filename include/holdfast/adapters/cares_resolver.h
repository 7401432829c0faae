// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Resolver on c-ares (1.16 or later), in the host's thread: no thread, no blocking on the network,
// and a look-up that is cancelled is gone.
//
// - Names come from the hosts file, and those it hasn't from DNS. The hosts file, name servers and
//   search domains (resolv.conf) are read at each look-up, so that what DHCP changes holds from the
//   next one on. These small files are all that a call may block on.
// - A and AAAA are asked at the same time. Once one of them has addresses, the other has 50 ms
//   (RFC 8305): a network that swallows AAAA delays nothing.
// - `unavailable` is everything but addresses and a name server's word that there are none.
// - c-ares itself reads the variables LOCALDOMAIN and RES_OPTIONS; HOSTALIASES is switched off.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "holdfast/ports/resolver.h"
#include "holdfast/status.h"

namespace holdfast {

struct CaresResolverOptions {
  // ares_library_init() and ares_library_cleanup() are called by the resolver. Neither is safe
  // beside another thread in c-ares: switch it off where the host calls them itself.
  bool library_init = true;
  // "192.0.2.1", "192.0.2.1:5353", "[2001:db8::1]:53". Empty: those of resolv.conf.
  std::vector<std::string> name_servers;
  std::string hosts_file = "/etc/hosts";  // empty: none
  // How long the first question to a name server waits for its answer; each next round twice as
  // long. 50..5000. Two name servers, the first of them silent: an answer within 1 s.
  uint32_t timeout_ms = 800;
  uint32_t tries = 2;  // rounds over the name servers; 1..5
  uint32_t give_up_ms =
      5000;  // a look-up is unavailable after so long, whatever the above; 100..30000
  uint32_t max_lookups = 32;  // under way at once; 1..256
};

// invalid_argument: a field is out of its range, or a name server isn't an address. unsupported:
// c-ares can't be initialised (its status).
Result<std::unique_ptr<Resolver>> cares_resolver(const CaresResolverOptions& options = {});

}  // namespace holdfast
