// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "vault/meta.h"

#include <algorithm>

#include "codec/bytes.h"

namespace holdfast::vault {
namespace {

constexpr uint8_t kFormat = 1;
constexpr size_t kMostSalt_bytes = 64;
constexpr size_t kMostBreakGlass = 100;
constexpr size_t kEpoch_bytes = 16;

uint64_t less(uint64_t from, uint64_t what) { return from > what ? from - what : 0; }

void write(codec::ByteWriter& out, const Tally& tally) {
  out.number(tally.users, 8);
  out.number(tally.credentials, 8);
  out.number(tally.ambiguous_pins, 8);
  out.number(tally.pins_of_any_length, 8);
  for (size_t i = kFewestPinDigits; i <= kMostPinDigits; ++i) out.number(tally.pins[i], 4);
}

void read(codec::ByteReader& in, Tally& tally) {
  tally.users = in.number(8);
  tally.credentials = in.number(8);
  tally.ambiguous_pins = in.number(8);
  tally.pins_of_any_length = in.number(8);
  for (size_t i = kFewestPinDigits; i <= kMostPinDigits; ++i) tally.pins[i] = in.number(4);
}

void write(codec::ByteWriter& out, const SyncPosition& position) {
  out.number(position.version, 8);
  out.text(position.incarnation);
}

void read(codec::ByteReader& in, SyncPosition& position) {
  position.version = in.number(8);
  position.incarnation = in.text(128);
}

void write(codec::ByteWriter& out, const Family& family) {
  out.number(static_cast<uint8_t>(family.kind), 1);
  out.number(family.own ? 1 : 0, 1);
  out.text(family.salt);
  out.number(family.iterations, 4);
  out.number(family.first, 8);
  out.number(family.last, 8);
}

void read(codec::ByteReader& in, Family& family) {
  family.kind = static_cast<CredentialKind>(in.count(1, kKinds - 1));
  family.own = in.count(1, 1) != 0;
  family.salt = in.text(kMostSalt_bytes);
  family.iterations = in.number32();
  family.first = in.number(8);
  family.last = in.number(8);
}

}  // namespace

void Sum::add(const Sha256Digest& term) {
  unsigned carry = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    carry += unsigned{bytes[i]} + term[i];
    bytes[i] = static_cast<uint8_t>(carry);
    carry >>= 8;
  }
}

void Sum::subtract(const Sha256Digest& term) {
  unsigned borrow = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    const unsigned left = 0x100u + bytes[i] - term[i] - borrow;
    bytes[i] = static_cast<uint8_t>(left);
    borrow = left < 0x100 ? 1 : 0;
  }
}

void Tally::add(const Tally& other) {
  users += other.users;
  credentials += other.credentials;
  ambiguous_pins += other.ambiguous_pins;
  pins_of_any_length += other.pins_of_any_length;
  for (size_t i = 0; i < pins.size(); ++i) pins[i] += other.pins[i];
}

void Tally::subtract(const Tally& other) {
  users = less(users, other.users);
  credentials = less(credentials, other.credentials);
  ambiguous_pins = less(ambiguous_pins, other.ambiguous_pins);
  pins_of_any_length = less(pins_of_any_length, other.pins_of_any_length);
  for (size_t i = 0; i < pins.size(); ++i) pins[i] = less(pins[i], other.pins[i]);
}

bool Meta::is_dead(uint64_t generation) const {
  return std::find(dead.begin(), dead.end(), generation) != dead.end();
}

std::string Meta::encode() const {
  codec::ByteWriter out;
  out.number(kFormat, 1);
  out.raw({reinterpret_cast<const char*>(sum.bytes.data()), sum.bytes.size()});
  out.number(counted ? 1 : 0, 1);
  out.number(counter, 8);
  out.number(active, 8);
  out.number(floor, 8);
  out.number(pending, 8);
  out.number(pending_full ? 1 : 0, 1);
  out.number(dead.size(), 1);
  for (const uint64_t generation : dead) out.number(generation, 8);
  write(out, position);
  write(out, next_position);
  out.signed_number(confirmed_ms);
  write(out, now);
  write(out, next);
  out.number(untidy ? 1 : 0, 1);
  out.number(iterations, 4);
  out.number(families.size(), 1);
  for (const Family& family : families) write(out, family);
  out.number(password_iterations, 4);
  out.number(next_password_iterations, 4);
  for (const core::DeviceFailures& bucket : failures) {
    out.number(bucket.count, 4);
    out.signed_number(bucket.at_ms);
  }
  out.number(break_glass.size(), 1);
  for (const int64_t use_ms : break_glass) out.signed_number(use_ms);
  out.signed_number(clock.high_water_ms);
  out.signed_number(clock.contact_ms);
  out.raw(audit_epoch);
  out.number(audit_first, 8);
  out.number(audit_next, 8);
  out.number(audit_dropped, 8);
  return out.take();
}

bool Meta::decode(std::string_view bytes) {
  codec::ByteReader in(bytes);
  in.require(in.number(1) == kFormat);
  const std::string_view total = in.raw(sum.bytes.size());
  std::copy(total.begin(), total.end(), sum.bytes.begin());
  counted = in.count(1, 1) != 0;
  counter = in.number(8);
  active = in.number(8);
  floor = in.number(8);
  pending = in.number(8);
  pending_full = in.count(1, 1) != 0;
  dead.resize(in.count(1, kMostDeadGenerations));
  for (uint64_t& generation : dead) generation = in.number(8);
  read(in, position);
  read(in, next_position);
  confirmed_ms = in.signed_number();
  read(in, now);
  read(in, next);
  untidy = in.count(1, 1) != 0;
  iterations = in.number32();
  families.resize(in.count(1, kKinds * 2 * kMostFamilies));
  for (Family& family : families) read(in, family);
  password_iterations = in.number32();
  next_password_iterations = in.number32();
  for (core::DeviceFailures& bucket : failures) {
    bucket.count = in.number32();
    bucket.at_ms = in.signed_number();
  }
  break_glass.resize(in.count(1, kMostBreakGlass));
  for (int64_t& use_ms : break_glass) use_ms = in.signed_number();
  clock.high_water_ms = in.signed_number();
  clock.contact_ms = in.signed_number();
  audit_epoch = std::string(in.raw(kEpoch_bytes));
  audit_first = in.number(8);
  audit_next = in.number(8);
  audit_dropped = in.number(8);
  in.require(audit_first >= 1 && audit_first <= audit_next && floor <= active);
  return in.ok() && in.at_end();
}

}  // namespace holdfast::vault
