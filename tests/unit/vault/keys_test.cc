// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "vault/keys.h"

#include "base/hex.h"
#include "device.h"
#include "vault/verifier.h"

namespace holdfast {
namespace {

using test::CountingCrypto;
using vault::Keys;
using vault::Purpose;

std::string bytes(const std::string& hex) {
  std::string out(hex.size() / 2, '\0');
  REQUIRE(hex_decode(hex, reinterpret_cast<uint8_t*>(&out[0]), out.size()));
  return out;
}

std::string range(int from, int to) {
  std::string out;
  for (int i = from; i <= to; ++i) out.push_back(static_cast<char>(i));
  return out;
}

TEST_CASE("HKDF: the vectors of RFC 5869") {
  CountingCrypto crypto;
  const auto hkdf = [&](const std::string& secret, const std::string& salt, const std::string& info,
                        size_t size) {
    const std::string okm = vault::hkdf_sha256(crypto, secret, salt, info, size).value();
    return hex_encode(reinterpret_cast<const uint8_t*>(okm.data()), okm.size());
  };
  CHECK(hkdf(std::string(22, 0x0b), range(0, 12), bytes("f0f1f2f3f4f5f6f7f8f9"), 42) ==
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  CHECK(hkdf(range(0, 0x4f), range(0x60, 0xaf), range(0xb0, 0xff), 82) ==
        "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e"
        "590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");
  CHECK(hkdf(std::string(22, 0x0b), "", "", 42) ==
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
  CHECK(vault::hkdf_sha256(crypto, "s", "", "", 255 * 32).value().size() == 255 * 32);
  CHECK(vault::hkdf_sha256(crypto, "s", "", "", 255 * 32 + 1).error().code() ==
        Code::invalid_argument);
}

TEST_CASE("keys: a purpose has its own, a device has its own, a rotation keeps both") {
  CountingCrypto crypto;
  test::FakeDeviceKey device;
  test::FakeRandom random;
  const auto made = Keys::make(crypto, device, random);
  REQUIRE(made);
  const auto loaded = Keys::load(crypto, device, made->stored());
  REQUIRE(loaded);
  const uint32_t id = made->current();
  CHECK(*loaded->key(id, Purpose::sum) == *made->key(id, Purpose::sum));
  CHECK(*loaded->key(id, Purpose::sum) != *loaded->key(id, Purpose::record));
  CHECK(*loaded->key(id, Purpose::meta) != *loaded->key(id, Purpose::audit));
  CHECK(loaded->key(id + 1, Purpose::sum) == nullptr);

  test::FakeDeviceKey stranger(2);
  CHECK(Keys::load(crypto, stranger, made->stored()).error().code() == Code::corrupt);
  for (size_t i = 0; i < made->stored().size(); ++i) {
    std::string changed = made->stored();
    changed[i] = static_cast<char>(changed[i] ^ 1);
    const auto other = Keys::load(crypto, device, changed);
    // Bytes that are not wrapped (uuid, id) give other keys, or another name to the same ones.
    if (other) {
      const Key256* sum = other->key(id, Purpose::sum);
      CHECK((sum == nullptr || *sum != *made->key(id, Purpose::sum)));
    }
  }

  const auto two = made->with_new_root(crypto, device, random);
  REQUIRE(two);
  CHECK(two->rotating());
  CHECK(two->current() != id);
  CHECK(*two->key(id, Purpose::record) == *made->key(id, Purpose::record));
  CHECK(two->index_key() == made->index_key());
  CHECK(two->with_new_root(crypto, device, random).error().code() == Code::busy);
  const auto one = two->with_one_root(crypto, device);
  REQUIRE(one);
  CHECK_FALSE(one->rotating());
  CHECK(one->key(id, Purpose::record) == nullptr);

  device.unwrap_fails = Code::io_error;
  CHECK(Keys::load(crypto, device, made->stored()).error().code() == Code::io_error);
}

TEST_CASE("credentials have one form, and are bounded first") {
  const auto normal = [](Credential from) {
    Credential out;
    const Status status = vault::normalise(from, out);
    return status.ok() ? out.secret.reveal() : std::string(status.ok() ? "" : "(refused)");
  };
  CHECK(normal(test::card("04:a1 b2-c3")) == "04A1B2C3");
  CHECK(normal(test::card("0-4-a")) == "(refused)");
  CHECK(normal(test::card("04A1\n")) == "(refused)");
  CHECK(normal(test::card(std::string(128, 'a'))) == std::string(128, 'A'));
  CHECK(normal(test::card(std::string(129, 'a'))) == "(refused)");
  CHECK(normal(test::card(std::string(1000000, '-') + "04A1")) == "(refused)");
  CHECK(normal(test::pin("1234")) == "1234");
  CHECK(normal(test::pin("123")) == "(refused)");
  CHECK(normal(test::pin("12a4")) == "(refused)");
  CHECK(normal(test::pin("12345678901234567")) == "(refused)");
  CHECK(normal(test::password("alice", "pass word\x01")) == "pass word\x01");
  CHECK(normal(test::password("alice", std::string(1024, 'x'))) == std::string(1024, 'x'));
  CHECK(normal(test::password("alice", std::string(1025, 'x'))) == "(refused)");
  CHECK(normal(test::password("", "x")) == "(refused)");
  CHECK(normal(test::password("al\xff", "x")) == "(refused)");
  CHECK(normal(test::password(std::string(257, 'x'), "x")) == "(refused)");
}

TEST_CASE("a proof depends on secret, salt, iterations, kind, store and device") {
  test::Device device;
  const auto index = [&](const char* secret, const char* salt, uint32_t n, CredentialKind kind,
                         const char* uuid) {
    return vault::derive(device.ports(), uuid, kind, secret, salt, n)->index;
  };
  const auto pin = CredentialKind::pin;
  const auto base = index("1234", "salt", 2, pin, "store");
  CHECK(base == index("1234", "salt", 2, pin, "store"));
  CHECK(base != index("1235", "salt", 2, pin, "store"));
  CHECK(base != index("1234", "tlas", 2, pin, "store"));
  CHECK(base != index("1234", "salt", 3, pin, "store"));
  CHECK(base != index("1234", "salt", 2, CredentialKind::card, "store"));
  CHECK(base != index("1234", "salt", 2, pin, "erots"));
  test::FakeDeviceKey other(2);
  vault::VaultPorts ports = device.ports();
  ports.device_key = &other;
  CHECK(base != vault::derive(ports, "store", pin, "1234", "salt", 2)->index);
}

}  // namespace
}  // namespace holdfast
