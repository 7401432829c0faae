// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "board_key.h"

#include <utility>

namespace {

using holdfast::Code;
using holdfast::failure;
using holdfast::Key256;
using holdfast::KeyTier;
using holdfast::Result;
using holdfast::Sha256Digest;
using holdfast::Status;

// The library's labels are at most this long; a longer one has a mistake in it.
constexpr size_t kLabel_bytes = 64;
// One TPM2B_MAX_BUFFER, and one request to most secure elements.
constexpr size_t kData_bytes = 1024;

class BoardKey final : public holdfast::DeviceKey {
 public:
  ~BoardKey() override {
    // FILL IN. Give up what open() took. Leave no secret behind: wipe() of holdfast/types.h.
    //   TPM 2.0   Esys_Finalize(), Tss2_TctiLdr_Finalize()
    //   PKCS#11   C_Logout(), C_CloseSession()
    //   PSA       psa_destroy_key() is NOT wanted here: the key is to stay in the element
    //   OP-TEE    TEEC_CloseSession(), TEEC_FinalizeContext()
  }

  Status open(const BoardKeyConfig& config, std::string* problem) {
    counts_ = !config.counter.empty();
    // FILL IN. Connect, find the keys, and refuse to go on when they aren't what they should be: a
    // key that can be exported protects nothing.
    //   TPM 2.0   Tss2_TctiLdr_Initialize(), Esys_Initialize(), Esys_TR_FromTPMPublic() for both
    //             handles; Esys_ReadPublic(): fixedTPM, fixedParent and sensitiveDataOrigin set,
    //             type KEYEDHASH with sign for the HMAC key. Start a salted HMAC session with
    //             parameter encryption (Esys_StartAuthSession): the bus can be listened to.
    //   PKCS#11   C_Initialize(), C_OpenSession(), C_Login(), C_FindObjects(); CKA_SENSITIVE and
    //             CKA_NEVER_EXTRACTABLE must be true (C_GetAttributeValue)
    //   PSA       psa_get_key_attributes(): the location isn't PSA_KEY_LOCATION_LOCAL_STORAGE,
    //   usage
    //             has no PSA_KEY_USAGE_EXPORT
    //   OP-TEE    TEEC_InitializeContext(), TEEC_OpenSession() with the UUID of your application,
    //             which derives its key from the hardware unique key at each start
    if (problem != nullptr) {
      *problem = "the device key of this board isn't implemented yet: fill in board_key.cc";
    }
    return Code::crypto_failed;
  }

  // FILL IN. What is true of the hardware, since the cache's limits follow from it. An OP-TEE whose
  // hardware unique key is the default of the source tree is `none`.
  KeyTier tier() const override { return KeyTier::none; }

  Result<Sha256Digest> hmac(const std::string& label, const uint8_t* data, size_t size) override {
    if (label.size() > kLabel_bytes || size > kData_bytes) return failure(Code::invalid_argument);
    // FILL IN. Two steps: key = HMAC(device key, "hmac/v1/" + label), then HMAC(key, data); or,
    // where keys never leave the hardware, one HMAC over length(label) (one byte), label, data.
    // Joining label and data without a length makes ("ab", "c") and ("a", "bc") the same, which the
    // conformance suite finds.
    //   TPM 2.0   Esys_HMAC() with the persistent key, TPM2_ALG_SHA256; more than 1,024 bytes need
    //             Esys_HMAC_Start(), Esys_SequenceUpdate(), Esys_SequenceComplete()
    //   PKCS#11   C_SignInit() with CKM_SHA256_HMAC, C_Sign()
    //   PSA       psa_mac_compute() with PSA_ALG_HMAC(PSA_ALG_SHA_256) on the element's key
    //   OP-TEE    TEEC_InvokeCommand(); inside: TEE_MACInit(), TEE_MACUpdate(),
    //             TEE_MACComputeFinal() with TEE_ALG_HMAC_SHA256
    (void)data;
    return failure(Code::crypto_failed);
  }

  Result<std::string> wrap(const Key256& key) override {
    // FILL IN. Authenticated encryption, bound to this device; at most 1,024 bytes.
    //   TPM 2.0   Esys_Create() of a sealed KEYEDHASH object below the storage key; the result is
    //             the marshalled TPM2B_PUBLIC and TPM2B_PRIVATE (Tss2_MU_..._Marshal)
    //   PKCS#11   C_EncryptInit() with CKM_AES_GCM, a fresh nonce of 12 bytes, C_Encrypt()
    //   PSA       psa_aead_encrypt() with the element's key, a fresh nonce before the result
    //   OP-TEE    inside: TEE_AEInit(), TEE_AEEncryptFinal() with TEE_ALG_AES_GCM, the key derived
    //             for this purpose alone
    (void)key;
    return failure(Code::crypto_failed);
  }

  Result<Key256> unwrap(const std::string& wrapped) override {
    // FILL IN. Check the size first. Tell apart the two ways to fail: `refused` makes the library
    // give up the cache, so it is said only of bytes that are wrong for ever; hardware that doesn't
    // answer now is io_error.
    //   TPM 2.0   Tss2_MU_..._Unmarshal(), Esys_Load(), Esys_Unseal(), Esys_FlushContext().
    //             TPM2_RC_INTEGRITY, TPM2_RC_SIZE and what the unmarshalling refuses: refused.
    //             TPM2_RC_LOCKOUT, TPM2_RC_RETRY and errors of the TCTI: io_error
    //   PKCS#11   C_DecryptInit(), C_Decrypt(). CKR_ENCRYPTED_DATA_INVALID and _LEN_RANGE: refused.
    //             CKR_DEVICE_ERROR, CKR_DEVICE_REMOVED, CKR_SESSION_HANDLE_INVALID: io_error
    //   PSA       psa_aead_decrypt(). PSA_ERROR_INVALID_SIGNATURE: refused.
    //             PSA_ERROR_COMMUNICATION_FAILURE, PSA_ERROR_HARDWARE_FAILURE: io_error
    //   OP-TEE    TEE_AEDecryptFinal(). TEE_ERROR_MAC_INVALID: refused. TEEC_ERROR_COMMUNICATION,
    //             TEE_ERROR_TARGET_DEAD: io_error, and open a new session at the next call
    (void)wrapped;
    return failure(Code::crypto_failed);
  }

  Result<uint64_t> counter() override {
    if (!counts_) return failure(Code::unsupported);
    // FILL IN.
    //   TPM 2.0   Esys_NV_Read() of 8 bytes, big-endian. A counter index that was never counted up
    //             answers TPM2_RC_NV_UNINITIALIZED: count it up once where the index is defined
    //   PKCS#11   a CKO_HW_FEATURE object of type CKH_MONOTONIC_COUNTER, where there is one; or
    //             the element's own command
    //   OP-TEE    inside: a value in an object of RPMB storage (TEE_STORAGE_PRIVATE_RPMB). The
    //             storage in the file system (TEE_STORAGE_PRIVATE_REE) can be put back: no counter
    return failure(Code::crypto_failed);
  }

  Result<uint64_t> count_up() override {
    if (!counts_) return failure(Code::unsupported);
    // FILL IN. Kept when it returns, and one more than before. Hardware wears: an NV index of a TPM
    // bears some 100,000 writes. TPMA_NV_ORDERLY spares it but skips values after a power cut,
    // which the library takes for an older copy put back: leave it off.
    //   TPM 2.0   Esys_NV_Increment() on an index defined with TPM2_NT_COUNTER, then Esys_NV_Read()
    //   OP-TEE    inside: TEE_SeekObjectData(), TEE_WriteObjectData()
    return failure(Code::crypto_failed);
  }

 private:
  bool counts_ = false;
};

}  // namespace

Result<std::unique_ptr<holdfast::DeviceKey>> board_key(const BoardKeyConfig& config,
                                                       std::string* problem) {
  auto key = std::make_unique<BoardKey>();
  const Status opened = key->open(config, problem);
  if (!opened.ok()) return failure(opened);
  return key;
}
