// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What is so: the users of a cluster in each version, and the lists that it gave out.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/prng.h"
#include "holdfast/types.h"
#include "sim/offline/script.h"

namespace holdfast::sim::offline {

// Whoever knows this gets in, as that user.
struct Known {
  CredentialKind kind = CredentialKind::card;
  std::string secret;
};
inline bool operator<(const Known& a, const Known& b) {
  return a.kind != b.kind ? a.kind < b.kind : a.secret < b.secret;
}
inline bool operator==(const Known& a, const Known& b) {
  return a.kind == b.kind && a.secret == b.secret;
}

struct Person {
  std::string uid;
  std::string name;
  bool exists = true;
  bool disabled = false;
  std::string secrets[3];  // by kind
  uint64_t changed = 1;    // version
};

// One line of a list, as far as logins are concerned.
struct ListLine {
  std::string uid;
  bool removed = false;
  bool disabled = false;
  std::set<Known> known;  // of who is disabled as well
};

struct UserList {
  std::string incarnation;
  uint64_t version = 0;
  bool full = false;
  std::vector<ListLine> lines;
  std::vector<std::string> chunks;  // bytes
};

class Cluster {
 public:
  Cluster(std::string id, const std::string& prefix, size_t people, uint64_t seed);

  struct Answer {
    Verdict verdict = Verdict::denied;
    std::string uid;
    std::string reason;
  };
  Answer login(const Credential& credential) const;
  std::string login_json(const Answer& answer) const;

  // The manifest as JSON; its parts can be fetched afterwards.
  std::string manifest(uint64_t since);
  const std::string* chunk(const std::string& id) const;
  const UserList* list_of_chunk(const std::string& id) const;

  // What administrators do; nothing when it isn't possible.
  void add();
  void new_secret(uint32_t who, uint32_t kind);
  void pass_on_card(uint32_t from, uint32_t to);
  void set_disabled(uint32_t who, bool disabled);
  void revoke(uint32_t who);
  void readd(uint32_t who);
  void save() { saved_ = people_, saved_version_ = version_; }
  bool restore();

  const std::string& id() const { return id_; }
  uint64_t version() const { return version_; }
  std::string incarnation() const { return id_ + "-" + std::to_string(incarnation_); }
  const Person& person(uint32_t who) const { return people_[who % people_.size()]; }
  size_t people() const { return people_.size(); }
  // What was right once, if anything.
  std::string old_secret(uint32_t who, uint32_t kind, Prng& prng) const;
  const std::deque<UserList>& lists() const { return lists_; }

  bool pins = false;       // are handed out
  bool verifiers = false;  // are
  bool bad_chunks = false;

 private:
  Person make(const std::string& uid);
  void touch(uint32_t who) { people_[who % people_.size()].changed = ++version_; }
  ListLine line_of(const Person& person) const;
  std::string text_of(const Person& person, const ListLine& line) const;

  std::string id_, prefix_;
  std::vector<Person> people_, saved_;
  uint64_t version_ = 1, saved_version_ = 0, incarnation_ = 1;
  uint64_t drawn_ = 0;  // secrets so far; none is used twice
  Prng prng_;
  std::map<std::string, std::vector<std::string>> past_;  // by uid and kind
  std::deque<UserList> lists_;                            // pointed into
};

// Of the kind's form, and nobody's but this number's.
std::string secret_of(CredentialKind kind, const std::string& whose, uint64_t number);

}  // namespace holdfast::sim::offline
