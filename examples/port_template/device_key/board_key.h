// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// A device key on the hardware of your board: copy this folder and fill in the places marked
// FILL IN. docs/porting.md, "The device key", says how to choose and how to test.
#pragma once

#include <memory>
#include <string>

#include "holdfast/ports/device_key.h"
#include "holdfast/status.h"

// What the factory or the first start provided, in the hardware's own terms.
struct BoardKeyConfig {
  // TPM 2.0: the TCTI, "device:/dev/tpmrm0". Secure element: the PKCS#11 module's path, or the bus.
  // OP-TEE: nothing, the driver is found by the trusted application's UUID.
  std::string device;
  // TPM 2.0: persistent handles in hexadecimal, "81010001" (HMAC key) and "81010002" (storage key),
  // and the NV index of the counter, "01500001". PKCS#11: the labels of the objects.
  std::string hmac_key;
  std::string wrap_key;
  std::string counter;  // empty: this board has none
};

// crypto_failed: the hardware isn't there, or isn't provisioned. `problem`, if given, says what to
// do. There is no way out to a key in software: a device that lost its hardware key has to say so.
holdfast::Result<std::unique_ptr<holdfast::DeviceKey>> board_key(const BoardKeyConfig& config,
                                                                 std::string* problem = nullptr);
