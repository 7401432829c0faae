// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "texts.h"

#include <cstdio>
#include <ctime>

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

std::string denial_text(const LoginResult& result) {
  if (result.denial == "unknown-credential") return "This card or PIN is not known.";
  if (result.denial == "wrong-secret") return "Wrong user name, PIN or password.";
  if (result.denial == "disabled" || result.denial == "revoked") {
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

std::string login_text(const LoginResult& result, LinkState link) {
  if (result.verdict == Verdict::denied) return denial_text(result);
  if (result.verdict == Verdict::unknown) return unknown_text(result, link);
  const std::string name =
      result.user.display_name.empty() ? result.user.name : result.user.display_name;
  std::string text = "Welcome, " + name + ".";
  if (!result.user.rights.empty()) text += " You may: " + joined(result.user.rights) + ".";
  if (result.provisional) text += " (Your main print server is away; " + result.server + " helps.)";
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
