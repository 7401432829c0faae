// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "words.h"

namespace holdfast::cases {
namespace {

using core::Outcome;

struct MannerWord {
  const char* word;
  Manner::Kind kind;
  Outcome outcome;
  bool sent;
};

constexpr MannerWord kManners[] = {
    {"good", Manner::Kind::good, Outcome::good, true},
    {"silent", Manner::Kind::silent, Outcome::timed_out, true},
    {"stunned", Manner::Kind::stunned, Outcome::timed_out, true},
    {"passive", Manner::Kind::passive, Outcome::not_active, true},
    {"draining", Manner::Kind::fails, Outcome::not_active, true},
    {"refused", Manner::Kind::fails, Outcome::refused, false},
    {"reset", Manner::Kind::fails, Outcome::refused, true},
    {"timed_out", Manner::Kind::fails, Outcome::timed_out, true},
    {"unreachable", Manner::Kind::fails, Outcome::unreachable, false},
    {"name_not_found", Manner::Kind::fails, Outcome::name_not_found, false},
    {"name_unavailable", Manner::Kind::fails, Outcome::name_unavailable, false},
    {"untrusted", Manner::Kind::fails, Outcome::untrusted, false},
    {"not_yet_valid", Manner::Kind::fails, Outcome::not_yet_valid, false},
    {"wrong_cluster", Manner::Kind::fails, Outcome::wrong_cluster, true},
    {"misconfigured", Manner::Kind::fails, Outcome::misconfigured, false},
    {"garbage", Manner::Kind::fails, Outcome::garbage, true},
    {"400", Manner::Kind::fails, Outcome::client_error, true},
    {"401", Manner::Kind::fails, Outcome::device_refused, true},
    {"403", Manner::Kind::fails, Outcome::device_refused, true},
    {"404", Manner::Kind::fails, Outcome::not_found, true},
    {"408", Manner::Kind::fails, Outcome::request_timeout, true},
    {"429", Manner::Kind::fails, Outcome::too_many, true},
    {"500", Manner::Kind::fails, Outcome::server_error, true},
    {"502", Manner::Kind::fails, Outcome::bad_gateway, true},
    {"503", Manner::Kind::fails, Outcome::unavailable, true},
    {"504", Manner::Kind::fails, Outcome::bad_gateway, true},
};

}  // namespace

bool find_manner(const std::string& word, Manner* manner) {
  for (const MannerWord& known : kManners) {
    if (word != known.word) continue;
    *manner = {known.kind, known.outcome, known.sent, word};
    return true;
  }
  return false;
}

const std::vector<std::string>& manner_words() {
  static const std::vector<std::string> words = [] {
    std::vector<std::string> all;
    for (const MannerWord& known : kManners) all.emplace_back(known.word);
    return all;
  }();
  return words;
}

std::vector<std::string> state_words() {
  return words_of(ServerState::initial, ServerState::quarantined);
}
std::vector<std::string> local_words() {
  return words_of(LocalHealth::ok, LocalHealth::device_refused);
}
std::vector<std::string> reason_words() {
  return words_of(SwitchReason::started, SwitchReason::requested);
}
std::vector<std::string> verdict_words() { return words_of(Verdict::granted, Verdict::unknown); }
std::vector<std::string> end_words() {
  std::vector<std::string> words =
      words_of(core::RequestEnd::answered, core::RequestEnd::cancelled);
  words.emplace_back("busy");  // not begun: too many under way
  return words;
}
std::vector<std::string> action_words() {
  return words_of(core::ActionKind::probe, core::ActionKind::save);
}

}  // namespace holdfast::cases
