// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "panel.h"

#include <holdfast/adapters/posix.h>

#include <algorithm>

#include "texts.h"

namespace mfp {
namespace {

using namespace holdfast;

constexpr size_t kMinPrefix = 4;  // of a UUID

bool is_number(const std::string& text) {
  return !text.empty() && text.size() < kMinPrefix &&
         text.find_first_not_of("0123456789") == std::string::npos;
}

bool begins(const std::string& text, const std::string& prefix) {
  return prefix.size() >= kMinPrefix && text.compare(0, prefix.size(), prefix) == 0;
}

}  // namespace

void Panel::refused(const std::string& command, Status status, const std::string& hint) {
  const std::string what = hint.empty() ? status.message() : hint;
  output_.event("error", {{"command", command}, {"what", what}, {"status", json_of(status)}}, what);
}

// ---- commands

void Panel::login(Credential credential) {
  if (logged_in()) return output_.error("login", "somebody is logged in: logout first");
  if (login_.ticket != kNone) return output_.error("login", "a login is under way: wait for it");
  const Instant since = monotonic_now();
  const CredentialKind kind = credential.kind;
  const auto ticket = client_->login(std::move(credential), since);
  if (!ticket) return refused("login", ticket.error());
  login_ = {*ticket, since, kind};
}

void Panel::jobs() {
  if (!logged_in()) return output_.error("jobs", "nobody is logged in: login first");
  if (list_.ticket != kNone) return output_.error("jobs", "a list is under way: wait for it");
  const Instant since = monotonic_now();
  const auto ticket = client_->jobs(session_, since);
  if (!ticket) return refused("jobs", ticket.error());
  list_ = {*ticket, since, {}};
}

const Job* Panel::find_listed(const std::string& command, const std::string& which) {
  if (is_number(which)) {
    const size_t number = static_cast<size_t>(std::stoul(which));
    if (number >= 1 && number <= shown_.size()) return &shown_[number - 1];
  }
  const Job* found = nullptr;
  for (const Job& job : shown_) {
    if (!begins(job.key.uuid, which)) continue;
    if (found != nullptr) {
      output_.error(command, "'" + which + "' fits several documents: give more of the UUID");
      return nullptr;
    }
    found = &job;
  }
  if (found == nullptr) {
    output_.error(command, "no document '" + which +
                               "' in the last list: give its number, or four or more characters of"
                               " its UUID; 'jobs' asks for the list");
  }
  return found;
}

void Panel::release(const std::string& which) {
  if (!logged_in()) return output_.error("release", "nobody is logged in: login first");
  const Job* job = find_listed("release", which);
  if (job == nullptr) return;
  const Instant since = monotonic_now();
  const auto ticket = client_->release(session_, job->key.uuid, since);
  if (!ticket) {
    const bool taken = ticket.error().code() == Code::already_exists;
    return refused("release", ticket.error(),
                   taken ? job->name + " is being printed, or was printed here" : "");
  }
  names_[job->key.uuid] = job->name;
  releases_[*ticket] = {job->key, job->name, since};
}

void Panel::cancel(const std::string& which) {
  std::string uuid = which;
  if (is_number(which)) {
    const Job* job = find_listed("cancel", which);
    if (job == nullptr) return;
    uuid = job->key.uuid;
  }
  for (const auto& [ticket, release] : releases_) {
    if (!begins(release.job.uuid, uuid)) continue;
    const Status status = client_->cancel(ticket, monotonic_now());
    if (!status.ok()) return refused("cancel", status);
    return output_.event("done", {{"command", "cancel"}, {"uuid", release.job.uuid}}, "");
  }
  output_.error("cancel", "'" + which + "' is not being released");
}

void Panel::resolve(const std::string& which, Resolution resolution) {
  const auto fits = [&](const JobKey& job) {
    if (!is_number(which)) return begins(job.uuid, which);
    const size_t number = static_cast<size_t>(std::stoul(which));
    return number >= 1 && number <= shown_.size() && shown_[number - 1].key == job;
  };
  const std::vector<JobKey> undecided = client_->snapshot().undecided;
  const auto job = std::find_if(undecided.begin(), undecided.end(), fits);
  if (job == undecided.end()) {
    return output_.error("resolve", "no document '" + which + "' has an unknown outcome");
  }
  const JobKey key = *job;
  const Status status = client_->resolve(key, resolution);
  if (!status.ok()) return refused("resolve", status);
  output_.event("done", {{"command", "resolve"}, {"uuid", key.uuid}}, "Noted.");
}

void Panel::logout() {
  if (!logged_in()) return output_.error("logout", "nobody is logged in");
  const Status status = client_->logout(session_, monotonic_now());
  if (!status.ok()) refused("logout", status);
}

// ---- answers

void Panel::on_login(const LoginResult& result) {
  if (result.ticket != login_.ticket) return;
  Json fields = {{"verdict", to_string(result.verdict)},
                 {"source", to_string(result.source)},
                 {"server", result.server},
                 {"took_ms", (monotonic_now() - login_.since).ms()}};
  if (result.verdict == Verdict::granted) {
    session_ = result.session;
    fields["session"] = static_cast<uint32_t>(result.session);
    fields["provisional"] = result.provisional;
    fields["break_glass"] = result.break_glass;
    fields["user"] = {{"user_uid", result.user.user_uid},
                      {"name", result.user.name},
                      {"display_name", result.user.display_name},
                      {"rights", result.user.rights}};
  } else if (result.verdict == Verdict::denied) {
    fields["denial"] = result.denial;
    fields["retry_after_s"] = result.retry_after_s;
  } else {
    fields["status"] = json_of(result.status);
    fields["local"] = to_string(result.local);
    fields["denial"] = result.denial;
    fields["retry_after_s"] = result.retry_after_s;
  }
  const std::string text = login_text(result, login_.kind, link_);
  login_ = {};
  output_.event("login", std::move(fields), text);
}

void Panel::on_session_end(SessionId session, SessionEnd end) {
  if (session != session_) return;
  session_ = SessionId::none;
  list_ = {};
  shown_.clear();
  output_.event("session_end", {{"reason", to_string(end)}}, session_end_text(end));
}

void Panel::on_jobs(const JobsResult& result) {
  if (result.ticket != list_.ticket) return;
  const Duration took = monotonic_now() - list_.since;
  list_ = {};
  if (result.status.ok()) shown_ = result.jobs;
  Json jobs = Json::array();
  for (const Job& job : result.jobs) {
    Json fields = {{"number", jobs.size() + 1}};
    fields.update(json_of(job));
    jobs.push_back(std::move(fields));
  }
  output_.event("jobs",
                {{"status", json_of(result.status)},
                 {"server", result.server},
                 {"took_ms", took.ms()},
                 {"jobs", std::move(jobs)}},
                jobs_text(result));
}

std::string Panel::name_of(const JobKey& job) const {
  const auto name = names_.find(job.uuid);
  return name == names_.end() ? "document " + job.uuid.substr(0, 8) : name->second;
}

// Also of releases that began before a restart: those have no ticket that the panel knows.
void Panel::on_release(const ReleaseUpdate& update) {
  const bool final = update.step == ReleaseStep::done || update.step == ReleaseStep::failed;
  const std::string name = name_of(update.job);
  Json fields = {{"step", to_string(update.step)},
                 {"uuid", update.job.uuid},
                 {"user_uid", update.job.user_uid},
                 {"server", update.server},
                 {"impressions", update.impressions}};
  const auto release = releases_.find(update.ticket);
  if (release != releases_.end()) {
    fields["took_ms"] = (monotonic_now() - release->second.since).ms();
  }
  if (final) {
    if (update.step == ReleaseStep::done) fields["state"] = to_string(update.state);
    if (update.step == ReleaseStep::failed) fields["status"] = json_of(update.status);
    fields["reason"] = update.reason;
    if (release != releases_.end()) releases_.erase(release);
    names_.erase(update.job.uuid);
  }
  output_.event(final ? "released" : "release", std::move(fields), release_text(update, name));
}

void Panel::on_switch(const SwitchRecord& record) {
  output_.event("switch", json_of(record), "[" + switch_text(record) + "]");
}

void Panel::on_server_state(const std::string& server, ServerState from, ServerState to,
                            const char* cause) {
  output_.event(
      "server_state",
      {{"server", server}, {"from", to_string(from)}, {"to", to_string(to)}, {"cause", cause}},
      "[" + server + ": " + to_string(from) + " -> " + to_string(to) + ", " + cause + "]");
}

void Panel::on_link(const LinkState& link) {
  link_ = link;
  output_.event("link", {{"link", to_string(link)}}, "[" + link_text(link) + "]");
}

void Panel::on_local_health(LocalHealth health) {
  output_.event("local_health", {{"local", to_string(health)}, {"link", to_string(link_)}},
                local_health_text(health, link_));
}

void Panel::on_audit(const AuditEvent& event) {
  output_.event("audit",
                {{"sequence", event.sequence},
                 {"kind", to_string(event.kind)},
                 {"unix_ms", event.unix_ms},
                 {"user_uid", event.user_uid},
                 {"credential", event.credential},
                 {"what", event.what}},
                "[" + audit_text(event) + "]");
}

void Panel::on_alarm(Alarm alarm, const std::string& what) {
  output_.event("alarm", {{"alarm", to_string(alarm)}, {"what", what}},
                std::string("[alarm: ") + to_string(alarm) + ", " + what + "]");
}

// ---- words as JSON

Json json_of(Status status) {
  return {{"code", to_string(status.code())},
          {"number", status.number()},
          {"message", status.message()}};
}

Json json_of(const Job& job) {
  return {{"uuid", job.key.uuid},     {"user_uid", job.key.user_uid},
          {"sha256", job.key.sha256}, {"name", job.name},
          {"mime", job.mime},         {"bytes", job.bytes},
          {"pages", job.pages},       {"state", to_string(job.state)}};
}

Json json_of(const SwitchRecord& record) {
  return {{"from", record.from},
          {"to", record.to},
          {"reason", to_string(record.reason)},
          {"unix_ms", record.unix_ms}};
}

Json json_of(const ServerSnapshot& server) {
  return {{"name", server.name},
          {"cluster_id", server.cluster_id},
          {"state", to_string(server.state)},
          {"in_state_ms", server.in_state.ms()},
          {"cause", server.cause},
          {"in_charge", server.in_charge},
          {"mean_answer_us", server.mean_answer.us},
          {"server_epoch", server.server_epoch},
          {"instance_id", server.instance_id},
          {"probes", server.probes},
          {"probes_failed", server.probes_failed},
          {"requests", server.requests},
          {"requests_failed", server.requests_failed}};
}

}  // namespace mfp
