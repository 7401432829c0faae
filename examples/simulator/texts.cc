// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "texts.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <initializer_list>

namespace mfp {
namespace {

using namespace holdfast;

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

std::string counted(uint64_t n, const char* one, const char* many) {
  return std::to_string(n) + " " + (n == 1 ? one : many);
}

std::string span(Duration time) {
  const int64_t ms = time.ms();
  if (ms < 1000) return std::to_string(ms) + " ms";
  if (ms < 120000) return std::to_string(ms / 1000) + " s";
  if (ms < 7200000) return std::to_string(ms / 60000) + " min";
  return std::to_string(ms / 3600000) + " h";
}

bool one_of(const std::string& word, std::initializer_list<const char*> words) {
  return std::any_of(words.begin(), words.end(), [&](const char* each) { return word == each; });
}

std::string nobody_text(CredentialKind kind) {
  if (kind == CredentialKind::card) return "This card is not known.";
  if (kind == CredentialKind::pin) return "This PIN is not known.";
  return "Wrong user name or password.";
}

// No server was there to ask, and the device itself doesn't let this one in. One text for a user
// whom it doesn't know and for a wrong password of one whom it knows.
std::string cache_text(const LoginResult& result, CredentialKind kind) {
  static const std::string kAlone = "No print server answers";
  if (one_of(result.denial, {"not-cached", "unknown-credential", "wrong-secret"})) {
    const char* what = kind == CredentialKind::card  ? "this card"
                       : kind == CredentialKind::pin ? "this PIN"
                                                     : "this user name and password";
    return kAlone + ", and this device does not know " + what +
           ". Please check it, or try again later.";
  }
  if (result.denial == "locked" && result.retry_after_s > 0) {
    return "Too many attempts. Please try again in " + std::to_string(result.retry_after_s) + " s.";
  }
  if (one_of(result.denial, {"locked", "online-only"})) {
    return "Too many attempts. Please log in again when a print server answers.";
  }
  if (one_of(result.denial, {"revoked", "disabled"})) {
    return "This account may not be used. Please ask your administrator.";
  }
  if (result.denial == "too-old") {
    return kAlone + ", and has not for so long that this device lets nobody in.";
  }
  if (result.denial == "expired") {
    return kAlone + ", and you were last here too long ago. Please try again later.";
  }
  if (one_of(result.denial, {"off", "ambiguous"})) {
    return kAlone + ". Until one does, please log in in another way.";
  }
  return kAlone + ", and this device cannot check logins now. Please ask your administrator.";
}

std::string denial_text(const LoginResult& result, CredentialKind kind) {
  if (one_of(result.denial, {"unknown-credential", "wrong-secret"})) return nobody_text(kind);
  if (one_of(result.denial, {"disabled", "revoked"})) {
    return "This account may not be used. Please ask your administrator.";
  }
  if (result.denial == "locked") {
    return "Too many attempts. Please try again in " + std::to_string(result.retry_after_s) + " s.";
  }
  return "Login refused.";
}

std::string network_down_text(LinkState link) {
  if (!link.link_up) return "No network: the cable is out. Please check the network cable.";
  if (!link.has_address) {
    return "No network: the device was given no address. Please ask your administrator.";
  }
  if (!link.has_route) {
    return "No network: the device has no default route, so no way to the print servers. Please ask"
           " your administrator.";
  }
  return "No network. Please check the network cable.";
}

std::string unknown_text(const LoginResult& result, LinkState link) {
  if (result.local != LocalHealth::ok) return local_health_text(result.local, link);
  if (result.status.code() == Code::refused) {
    return local_health_text(LocalHealth::device_refused, link);
  }
  if (result.status.code() == Code::busy) return "The device is busy. Please try again.";
  return "No print server answers. Please try again in a moment.";
}

std::string offline_text(const OfflineSnapshot& offline) {
  if (!offline.on) return "Without a server: nobody logs in.";
  std::string text = std::string("Without a server: cache ") +
                     (offline.on_flash ? "on flash" : "in RAM") + ", key of tier " +
                     to_string(offline.tier) + ", " + counted(offline.users, "user", "users") +
                     " with " + counted(offline.credentials, "credential", "credentials");
  if (offline.users_version > 0) text += ", list " + std::to_string(offline.users_version);
  if (offline.ambiguous_pins > 0) {
    text += ", " + counted(offline.ambiguous_pins, "PIN that two users have", "PINs of two users");
  }
  text += ", audit events to report: " + std::to_string(offline.audit_waiting);
  if (offline.audit_dropped > 0) text += " (" + std::to_string(offline.audit_dropped) + " lost)";
  if (offline.contact_age.us >= 0)
    return text + ", home answered " + span(offline.contact_age) + " ago";
  return text + ", home has never answered";
}

std::string pages_text(uint32_t pages) {
  return pages == 0 ? "? pages" : counted(pages, "page", "pages");
}

std::string outcome_text(const ReleaseUpdate& update, const std::string& name) {
  const std::string out = counted(update.impressions, "page", "pages");
  const std::string why = update.reason.empty() ? "" : " (" + update.reason + ")";
  switch (update.state) {
    case JobState::completed:
      return "Printed: " + name + ", " + out + ".";
    case JobState::canceled:
      return "Canceled: " + name + why + ", " + out + " printed.";
    case JobState::aborted:
      return "Stopped by a fault: " + name + why + ", " + out + " printed.";
    default:
      return "Nobody knows whether " + name + " was printed" + why +
             ". Please look into the tray; then: resolve ID again|discard|printed.";
  }
}

}  // namespace

std::string link_text(LinkState link) {
  if (!link.link_up) return "network: cable out";
  if (!link.has_address) return "network: no address";
  if (!link.has_route) return "network: no default route";
  return "network: connected";
}

std::string local_health_text(LocalHealth health, LinkState link) {
  switch (health) {
    case LocalHealth::ok:
      return "The device is connected.";
    case LocalHealth::network_down:
      return network_down_text(link);
    case LocalHealth::local_stall:
      return "The device itself stood still for a moment. Please try again.";
    case LocalHealth::clock_untrusted:
      return "The device's clock is wrong: no server can be trusted. Please set it.";
    case LocalHealth::device_refused:
      return "The print servers refuse this device. Please ask your administrator.";
  }
  return "?";
}

std::string login_text(const LoginResult& result, CredentialKind kind, LinkState link) {
  const bool cache = result.source == AnswerSource::cache;
  if (result.verdict != Verdict::granted && cache) {
    // What is wrong with the device itself comes first: that is why no server answers.
    const std::string why =
        result.local == LocalHealth::ok ? "" : local_health_text(result.local, link) + " ";
    return why + cache_text(result, kind);
  }
  if (result.verdict == Verdict::denied) return denial_text(result, kind);
  if (result.verdict == Verdict::unknown) return unknown_text(result, link);
  if (result.break_glass) {
    return "Emergency login; it is recorded. You may: " + joined(result.user.rights) + ".";
  }
  const std::string name =
      result.user.display_name.empty() ? result.user.name : result.user.display_name;
  std::string text = "Welcome, " + name + ".";
  if (!result.user.rights.empty()) text += " You may: " + joined(result.user.rights) + ".";
  if (cache) {
    text += " (No print server answers; this device knows you.)";
  } else if (result.provisional) {
    text += " (Your main print server is away; " + result.server + " helps.)";
  }
  return text;
}

std::string jobs_text(const JobsResult& result) {
  if (!result.status.ok()) {
    return result.status.code() == Code::refused
               ? "Your documents are not available here now."
               : "The list of documents is not available. Please try again in a moment.";
  }
  if (result.jobs.empty()) return "No documents are waiting for you.";
  std::string text;
  size_t number = 0;
  for (const Job& job : result.jobs) {
    char line[64];
    std::snprintf(line, sizeof line, "%3zu  %-8s  ", ++number, job.key.uuid.substr(0, 8).c_str());
    text += (number == 1 ? "" : "\n") + std::string(line) + job.name + " (" +
            pages_text(job.pages) + ")";
  }
  return text;
}

std::string release_text(const ReleaseUpdate& update, const std::string& job_name) {
  switch (update.step) {
    case ReleaseStep::claiming:
      return {};
    case ReleaseStep::fetching:
      return "Fetching " + job_name + " ...";
    case ReleaseStep::printing:
      return update.impressions == 0
                 ? "Printing " + job_name + " ..."
                 : "Printing " + job_name + ": page " + std::to_string(update.impressions) + ".";
    case ReleaseStep::done:
      return outcome_text(update, job_name);
    case ReleaseStep::failed:
      return "Not printed: " + job_name +
             (update.reason.empty() ? "" : " (" + update.reason + ")") +
             ". It is still in your list.";
  }
  return {};
}

std::string session_end_text(SessionEnd end) {
  switch (end) {
    case SessionEnd::logout:
      return "Goodbye.";
    case SessionEnd::denied_by_home:
      return "Your main print server refuses this login. You are logged out.";
    case SessionEnd::revoked:
      return "Your account may not be used any more. You are logged out.";
    case SessionEnd::expired:
      return "Your login has expired. Please log in again.";
  }
  return {};
}

std::string server_text(const ServerSnapshot& server) {
  std::string text = (server.in_charge ? "* " : "  ") + server.name + " (" + server.cluster_id +
                     "): " + to_string(server.state) + " for " + span(server.in_state);
  if (!server.cause.empty()) text += ", " + server.cause;
  if (server.mean_answer.us > 0) text += ", answers in " + span(server.mean_answer);
  text += "; probes " + std::to_string(server.probes) + " (" +
          std::to_string(server.probes_failed) + " failed), requests " +
          std::to_string(server.requests) + " (" + std::to_string(server.requests_failed) +
          " failed)";
  return text;
}

std::string route_name(const Snapshot& snapshot) {
  if (snapshot.route.kind != RouteKind::server) return to_string(snapshot.route.kind);
  for (const ServerSnapshot& server : snapshot.servers) {
    if (server.in_charge) return server.name;
  }
  return "?";
}

std::string status_text(const Snapshot& snapshot) {
  std::string text =
      "In charge: " + route_name(snapshot) + ". Device: " + to_string(snapshot.local) + ".";
  if (snapshot.return_in.us > 0)
    text += " Return in " + span(snapshot.return_in) + " at the earliest.";
  if (snapshot.local != LocalHealth::ok) {
    text += "\n" + local_health_text(snapshot.local, snapshot.link);
  }
  text += "\nSwitches in the last hour: " + std::to_string(snapshot.switches_last_hour) +
          ", requests: " + std::to_string(snapshot.requests) +
          ", hedges: " + std::to_string(snapshot.hedges) +
          ", retries: " + std::to_string(snapshot.retries) +
          ", under way: " + std::to_string(snapshot.requests_under_way) +
          ", sessions: " + std::to_string(snapshot.sessions) +
          ", job states to report: " + std::to_string(snapshot.reports_waiting);
  return text + "\n" + offline_text(snapshot.offline);
}

std::string audit_text(const AuditEvent& event) {
  std::string text =
      std::string("audit ") + std::to_string(event.sequence) + ": " + to_string(event.kind);
  if (!event.user_uid.empty()) text += ", user " + event.user_uid;
  if (!event.credential.empty()) text += ", by " + event.credential;
  if (!event.what.empty()) text += ", " + event.what;
  return text;
}

std::string switch_text(const SwitchRecord& record) {
  char when[32] = "";
  const time_t seconds = static_cast<time_t>(record.unix_ms / 1000);
  tm parts{};
  if (record.unix_ms > 0 && localtime_r(&seconds, &parts) != nullptr) {
    std::strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S  ", &parts);
  }
  return std::string(when) + record.from + " -> " + record.to + " (" + to_string(record.reason) +
         ")";
}

}  // namespace mfp
