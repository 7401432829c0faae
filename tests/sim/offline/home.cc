// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/offline/home.h"

#include <algorithm>

#include "base/hex.h"
#include "codec/json_writer.h"
#include "sim/offline/toys.h"

namespace holdfast::sim::offline {
namespace {

constexpr uint32_t kIterations = 10000;
constexpr const char* kKinds[] = {"card", "pin", "password"};

std::string hex(const void* data, size_t size) {
  return hex_encode(static_cast<const uint8_t*>(data), size);
}

std::string past_key(const std::string& uid, uint32_t kind) {
  return uid + "/" + std::to_string(kind);
}

}  // namespace

std::string secret_of(CredentialKind kind, const std::string& whose, uint64_t number) {
  if (kind == CredentialKind::pin) {
    const uint64_t base = whose == "u" ? 10000000 : whose == "x" ? 40000000 : 70000000;
    return std::to_string(base + number * 7919 % 30000000);
  }
  const std::string text =
      (kind == CredentialKind::card ? "CARD-" : "pass-") + whose + "-" + std::to_string(number);
  if (kind == CredentialKind::password) return text;
  // As it is looked up: in capitals.
  std::string card = "C0" + toy_sha256_hex(text).substr(0, 12);
  for (char& c : card)
    if (c >= 'a') c = static_cast<char>(c - 'a' + 'A');
  return card;
}

Cluster::Cluster(std::string id, const std::string& prefix, size_t people, uint64_t seed)
    : id_(std::move(id)), prefix_(prefix), prng_(seed) {
  for (size_t i = 0; i < people; ++i) people_.push_back(make(prefix_ + std::to_string(i)));
}

Person Cluster::make(const std::string& uid) {
  Person person;
  person.uid = uid;
  person.name = "name-" + uid;
  person.changed = version_;
  for (uint32_t kind = 0; kind < 3; ++kind) {
    person.secrets[kind] = secret_of(static_cast<CredentialKind>(kind), prefix_, ++drawn_);
    past_[past_key(uid, kind)].push_back(person.secrets[kind]);
  }
  return person;
}

// ---- logins

Cluster::Answer Cluster::login(const Credential& credential) const {
  const std::string& secret = credential.secret.reveal();
  const auto kind = static_cast<size_t>(credential.kind);
  const Person* best = nullptr;
  for (const Person& person : people_) {
    const bool named = credential.kind == CredentialKind::password ? person.name == credential.user
                                                                   : person.secrets[kind] == secret;
    if (named && (best == nullptr || person.exists)) best = &person;
  }
  Answer answer;
  if (best == nullptr) {
    answer.reason = "unknown-credential";
    return answer;
  }
  answer.uid = best->uid;
  if (!best->exists) {
    answer.reason = "revoked";
  } else if (best->secrets[kind] != secret) {
    answer.reason = "wrong-secret";
  } else if (best->disabled) {
    answer.reason = "disabled";
  } else {
    answer.verdict = Verdict::granted;
  }
  return answer;
}

std::string Cluster::login_json(const Answer& answer) const {
  codec::JsonWriter writer;
  writer.open_object();
  if (answer.verdict == Verdict::granted) {
    writer.member("verdict", "granted").name("user").open_object();
    writer.member("user_uid", answer.uid).member("name", "name-" + answer.uid);
    writer.member("display_name", "D").name("rights").open_array().string("print").close_array();
    writer.close_object().member("receipt", "receipt-" + id_);
    writer.member("receipt_expires", "2027-01-01T00:00:00Z");
  } else {
    writer.member("verdict", "denied").member("reason", answer.reason);
  }
  return writer.close_object().take();
}

// ---- lists

ListLine Cluster::line_of(const Person& person) const {
  ListLine line;
  line.uid = person.uid;
  line.removed = !person.exists;
  line.disabled = person.disabled;
  if (line.removed || !verifiers) return line;
  for (uint32_t kind = 0; kind < 3; ++kind) {
    const auto which = static_cast<CredentialKind>(kind);
    if (which != CredentialKind::pin || pins) line.known.insert({which, person.secrets[kind]});
  }
  return line;
}

std::string Cluster::text_of(const Person& person, const ListLine& line) const {
  codec::JsonWriter writer;
  writer.open_object();
  if (line.removed) {
    writer.member("op", "delete").member("user_uid", person.uid);
    return writer.close_object().take() + "\n";
  }
  writer.member("op", "put").member("user_uid", person.uid).member("name", person.name);
  writer.member("display_name", "D").name("rights").open_array().string("print").close_array();
  writer.member("disabled", person.disabled);
  if (verifiers) {
    writer.name("verifiers").open_array();
    for (uint32_t kind = 0; kind < 3; ++kind) {
      if (kind == 1 && !pins) continue;
      std::string salt = std::string(kKinds[kind]) + "'s salt of " + id_;
      if (kind == 2) salt += person.uid;
      const Key256 derived = toy_derive(person.secrets[kind], salt, kIterations);
      writer.open_object()
          .member("kind", kKinds[kind])
          .member("salt", hex(salt.data(), salt.size()));
      writer.member("iterations", uint64_t{kIterations});
      writer.member("verifier", hex(derived.data(), derived.size())).close_object();
    }
    writer.close_array();
  }
  return writer.close_object().take() + "\n";
}

std::string Cluster::manifest(uint64_t since) {
  UserList list;
  list.incarnation = incarnation();
  list.version = version_;
  list.full = since == 0 || since > version_ || prng_.below(10) == 0;
  std::vector<std::pair<const Person*, ListLine>> named;
  for (const Person& person : people_) {
    if (list.full ? !person.exists : person.changed <= since) continue;
    named.emplace_back(&person, line_of(person));
  }
  // Who is gone stands first.
  std::stable_partition(named.begin(), named.end(),
                        [](const auto& one) { return one.second.removed; });
  for (size_t i = 0; i < named.size();) {
    const size_t size = 1 + prng_.below(3);
    std::string chunk;
    for (size_t n = 0; n < size && i < named.size(); ++n, ++i) {
      chunk += text_of(*named[i].first, named[i].second);
      list.lines.push_back(named[i].second);
    }
    list.chunks.push_back(std::move(chunk));
  }
  codec::JsonWriter writer;
  writer.open_object().member("version", version_);
  writer.member("base_version", list.full ? 0 : since).member("full", list.full);
  writer.name("chunks").open_array();
  for (size_t i = 0; i < list.chunks.size(); ++i) {
    const std::string& bytes = list.chunks[i];
    writer.open_object().member("id", std::to_string(lists_.size()) + "-" + std::to_string(i));
    writer.member("sha256", toy_sha256_hex(bytes)).member("bytes", uint64_t{bytes.size()});
    const auto entries = std::count(bytes.begin(), bytes.end(), '\n');
    writer.member("entries", static_cast<uint64_t>(entries)).close_object();
  }
  lists_.push_back(std::move(list));
  return writer.close_array().close_object().take();
}

const UserList* Cluster::list_of_chunk(const std::string& id) const {
  const size_t list = std::stoul(id);
  return list < lists_.size() ? &lists_[list] : nullptr;
}

const std::string* Cluster::chunk(const std::string& id) const {
  const UserList* list = list_of_chunk(id);
  const size_t dash = id.find('-');
  if (list == nullptr || dash == std::string::npos) return nullptr;
  const size_t part = std::stoul(id.substr(dash + 1));
  // A server that was restored doesn't know what it gave out before.
  if (list->incarnation != incarnation() || part >= list->chunks.size()) return nullptr;
  return &list->chunks[part];
}

// ---- administrators

void Cluster::add() {
  if (people_.size() >= 2 * kPeople) return;
  ++version_;
  people_.push_back(make(prefix_ + std::to_string(people_.size())));
}

void Cluster::new_secret(uint32_t who, uint32_t kind) {
  Person& person = people_[who % people_.size()];
  const uint32_t which = kind % 3;
  person.secrets[which] = secret_of(static_cast<CredentialKind>(which), prefix_, ++drawn_);
  past_[past_key(person.uid, which)].push_back(person.secrets[which]);
  touch(who);
}

void Cluster::pass_on_card(uint32_t from, uint32_t to) {
  Person& giver = people_[from % people_.size()];
  Person& taker = people_[to % people_.size()];
  if (&giver == &taker) return;
  taker.secrets[0] = giver.secrets[0];
  past_[past_key(taker.uid, 0)].push_back(taker.secrets[0]);
  new_secret(from, 0);
  touch(to);
}

void Cluster::set_disabled(uint32_t who, bool disabled) {
  people_[who % people_.size()].disabled = disabled;
  touch(who);
}

void Cluster::revoke(uint32_t who) {
  people_[who % people_.size()].exists = false;
  touch(who);
}

void Cluster::readd(uint32_t who) {
  Person& person = people_[who % people_.size()];
  if (person.exists) return;
  person.exists = true;
  person.disabled = false;
  touch(who);
}

bool Cluster::restore() {
  if (saved_version_ == 0) return false;
  people_ = saved_;
  version_ = saved_version_;
  ++incarnation_;
  return true;
}

std::string Cluster::old_secret(uint32_t who, uint32_t kind, Prng& prng) const {
  const auto past = past_.find(past_key(person(who).uid, kind % 3));
  return past == past_.end() ? std::string() : past->second[prng.below(past->second.size())];
}

}  // namespace holdfast::sim::offline
