// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "core/words.h"

namespace holdfast::core {

const char* to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::good:
      return "good";
    case Outcome::client_error:
      return "client_error";
    case Outcome::not_found:
      return "not_found";
    case Outcome::device_refused:
      return "device_refused";
    case Outcome::request_timeout:
      return "request_timeout";
    case Outcome::too_many:
      return "too_many";
    case Outcome::server_error:
      return "server_error";
    case Outcome::bad_gateway:
      return "bad_gateway";
    case Outcome::unavailable:
      return "unavailable";
    case Outcome::not_active:
      return "not_active";
    case Outcome::garbage:
      return "garbage";
    case Outcome::refused:
      return "refused";
    case Outcome::timed_out:
      return "timed_out";
    case Outcome::unreachable:
      return "unreachable";
    case Outcome::name_not_found:
      return "name_not_found";
    case Outcome::name_unavailable:
      return "name_unavailable";
    case Outcome::untrusted:
      return "untrusted";
    case Outcome::not_yet_valid:
      return "not_yet_valid";
    case Outcome::wrong_cluster:
      return "wrong_cluster";
    case Outcome::misconfigured:
      return "misconfigured";
  }
  return "?";
}

const char* to_string(RequestEnd end) {
  switch (end) {
    case RequestEnd::answered:
      return "answered";
    case RequestEnd::granted:
      return "granted";
    case RequestEnd::provisional:
      return "provisional";
    case RequestEnd::denied:
      return "denied";
    case RequestEnd::unreachable:
      return "unreachable";
    case RequestEnd::timed_out:
      return "timed_out";
    case RequestEnd::outcome_unknown:
      return "outcome_unknown";
    case RequestEnd::device_refused:
      return "device_refused";
    case RequestEnd::too_busy:
      return "too_busy";
    case RequestEnd::cancelled:
      return "cancelled";
  }
  return "?";
}

const char* to_string(ActionKind kind) {
  switch (kind) {
    case ActionKind::probe:
      return "probe";
    case ActionKind::attempt:
      return "attempt";
    case ActionKind::cancel_probe:
      return "cancel_probe";
    case ActionKind::cancel_attempt:
      return "cancel_attempt";
    case ActionKind::finish:
      return "finish";
    case ActionKind::contradicted:
      return "contradicted";
    case ActionKind::ask_cache:
      return "ask_cache";
    case ActionKind::refresh_credentials:
      return "refresh_credentials";
    case ActionKind::drop_pool:
      return "drop_pool";
    case ActionKind::state_changed:
      return "state_changed";
    case ActionKind::switched:
      return "switched";
    case ActionKind::local_changed:
      return "local_changed";
    case ActionKind::alarm_split_brain:
      return "alarm_split_brain";
    case ActionKind::save:
      return "save";
  }
  return "?";
}

}  // namespace holdfast::core
