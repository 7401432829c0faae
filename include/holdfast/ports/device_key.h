// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Port: the key that can't leave this device. A PIN or a card number has so few bits that only such
// a key protects it on a stolen flash chip; what the credential cache may hold depends on its tier.
// Calls come from the executor's worker where there is one, one at a time, and may block: a secure
// element takes milliseconds for each.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "holdfast/ports/crypto.h"
#include "holdfast/status.h"

namespace holdfast {

// Who has to be overcome to get the key out. In ascending order.
enum class KeyTier : uint8_t {
  none,            // whoever reads the flash has it
  soc_bound,       // fused into the processor; software of this device can use it, not read it
  tee,             // only a trusted execution environment can use it
  secure_element,  // a chip made for the purpose
};
const char* to_string(KeyTier tier);

class DeviceKey {
 public:
  virtual ~DeviceKey() = default;

  virtual KeyTier tier() const = 0;

  // HMAC-SHA256 under a key derived, inside, from the device's key and `label`: any other label's
  // key says nothing about it. The same device and label give the same key for ever. At least 64
  // bytes of label and 1,024 of data are taken; more may be invalid_argument.
  virtual Result<Sha256Digest> hmac(const std::string& label, const uint8_t* data, size_t size) = 0;

  // Encrypts and authenticates a key for this device only, in at most 1,024 bytes; unwrap gives it
  // back. refused: the bytes aren't this device's, or were changed; what they hold is given up
  // then. Anything else (a chip that doesn't answer) is io_error or crypto_failed.
  virtual Result<std::string> wrap(const Key256& key) = 0;
  virtual Result<Key256> unwrap(const std::string& wrapped) = 0;

  // A counter that outlives power cuts and re-flashing, and never goes back. count_up() adds
  // one and gives the new value, which is kept when it returns; after a failure it may or may not
  // have counted. Nothing else may move it: a value that was skipped looks like an older copy put
  // back. unsupported, from both: there is none; then an older copy of the whole store can be put
  // back unnoticed.
  virtual Result<uint64_t> counter() { return failure(Code::unsupported); }
  virtual Result<uint64_t> count_up() { return failure(Code::unsupported); }
};

}  // namespace holdfast
