// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "commands.h"

#include <holdfast/adapters/posix.h>

#include <cstring>

#include "texts.h"

namespace mfp {

using namespace holdfast;

// A line, word by word. A password is what remains of the line: it may have spaces.
struct Commands::Words {
  std::string command;
  const std::string* line = nullptr;
  size_t at = 0;

  std::string next() {
    const size_t from = std::min(line->find_first_not_of(" \t", at), line->size());
    at = std::min(line->find_first_of(" \t", from), line->size());
    return line->substr(from, at - from);
  }
  std::string rest() {
    const size_t from = line->find_first_not_of(" \t", at);
    at = line->size();
    return from == std::string::npos ? std::string() : line->substr(from);
  }
  bool more() const { return line->find_first_not_of(" \t", at) != std::string::npos; }
};

struct Commands::Entry {
  const char* name;
  const char* arguments;
  const char* text;
  void (*run)(Commands& self, Words& words);
};

namespace {

constexpr int64_t kMaxPauseMs = 3600000;

// -1: not a number from 0 to the most that a pause may last.
int64_t milliseconds_of(const std::string& text) {
  if (text.empty() || text.size() > 7) return -1;
  if (text.find_first_not_of("0123456789") != std::string::npos) return -1;
  const int64_t value = std::stoll(text);
  return value <= kMaxPauseMs ? value : -1;
}

}  // namespace

const Commands::Entry Commands::kEntries[] = {
    {"login", "card X | pin X | password USER X", "log in",
     [](Commands& self, Words& words) { self.login(words); }},
    {"break-glass", "CODE", "log in by the emergency code, when no server answers",
     [](Commands& self, Words& words) { self.break_glass(words); }},
    {"jobs", "", "list the documents that may be released",
     [](Commands& self, Words&) { self.panel_.jobs(); }},
    {"release", "ID", "print one: its number in the list or the beginning of its UUID",
     [](Commands& self, Words& words) { self.release(words); }},
    {"cancel", "ID", "stop a release", [](Commands& self, Words& words) { self.release(words); }},
    {"resolve", "ID again | discard | printed", "decide about an unknown outcome",
     [](Commands& self, Words& words) { self.resolve(words); }},
    {"logout", "", "log out", [](Commands& self, Words&) { self.panel_.logout(); }},
    {"servers", "", "the servers and how they are", [](Commands& self, Words&) { self.servers(); }},
    {"status", "", "route, device and counters", [](Commands& self, Words&) { self.status(); }},
    {"history", "", "the last switches", [](Commands& self, Words&) { self.history(); }},
    {"failback", "", "return to the preferred server now",
     [](Commands& self, Words&) { self.failback(); }},
    {"wipe-credentials", "", "forget all users that were cached, keys first",
     [](Commands& self, Words&) { self.wipe_credentials(); }},
    {"rotate-key", "", "seal what is cached under a new key",
     [](Commands& self, Words&) { self.rotate_key(); }},
    {"present", "on | off", "somebody stands at the panel",
     [](Commands& self, Words& words) { self.present(words); }},
    {"link", "up | down", "the network cable",
     [](Commands& self, Words& words) { self.link(words); }},
    {"reload", "", "read the configuration file again",
     [](Commands& self, Words&) { self.reload(); }},
    {"wait", "MS", "read the next command after so long",
     [](Commands& self, Words& words) { self.wait(words); }},
    {"wait-for", "EVENT | idle [TIMEOUT_MS]", "read the next command after that event",
     [](Commands& self, Words& words) { self.wait_for(words); }},
    {"help", "", "this list", [](Commands& self, Words&) { self.help(); }},
    {"quit", "", "finish what is under way and end",
     [](Commands& self, Words&) { self.quitting_ = true; }},
    {nullptr, nullptr, nullptr, nullptr},
};

void Commands::run(std::string& line) {
  Words words;
  words.line = &line;
  words.command = words.next();
  const Entry* entry = kEntries;
  while (entry->name != nullptr && words.command != entry->name) ++entry;
  const bool waits = words.command.compare(0, 4, "wait") == 0;
  if (!waits) output_.begin_command();
  if (words.command.empty() || words.command[0] == '#') {
    // An empty line, or a script's comment.
  } else if (entry->name == nullptr) {
    output_.error(words.command, "unknown command '" + words.command + "': 'help' lists them");
  } else if (entry->arguments[0] == '\0' && words.more()) {
    wrong(words);
  } else {
    entry->run(*this, words);
  }
  wipe(line);
}

void Commands::wrong(const Words& words) {
  const Entry* entry = kEntries;
  while (words.command != entry->name) ++entry;
  const std::string arguments =
      entry->arguments[0] == '\0' ? "" : std::string(" ") + entry->arguments;
  output_.error(words.command, "write: " + words.command + arguments);
}

void Commands::done(const char* command, const char* text) {
  output_.event("done", {{"command", command}}, text);
}

void Commands::login(Words& words) {
  const std::string kind = words.next();
  Credential credential;
  if (kind == "card" || kind == "pin") {
    credential.kind = kind == "card" ? CredentialKind::card : CredentialKind::pin;
    credential.secret = Secret(words.next());
  } else if (kind == "password") {
    credential.kind = CredentialKind::password;
    credential.user = words.next();
    credential.secret = Secret(words.rest());
  }
  if (credential.secret.empty() || words.more()) return wrong(words);
  panel_.login(std::move(credential));
}

// As docs/configuration.md says: a password of nobody.
void Commands::break_glass(Words& words) {
  Credential credential;
  credential.kind = CredentialKind::password;
  credential.user = "break-glass";
  credential.secret = Secret(words.rest());
  if (credential.secret.empty()) return wrong(words);
  panel_.login(std::move(credential));
}

void Commands::release(Words& words) {
  const std::string which = words.next();
  if (which.empty() || words.more()) return wrong(words);
  if (words.command == "release") return panel_.release(which);
  panel_.cancel(which);
}

void Commands::resolve(Words& words) {
  const std::string which = words.next();
  const std::string how = words.next();
  if (words.more()) return wrong(words);
  if (how == "again") return panel_.resolve(which, Resolution::print_again);
  if (how == "discard") return panel_.resolve(which, Resolution::discard);
  if (how == "printed") return panel_.resolve(which, Resolution::was_printed);
  wrong(words);
}

void Commands::servers() {
  const Snapshot snapshot = client_.snapshot();
  Json list = Json::array();
  std::string text;
  for (const ServerSnapshot& server : snapshot.servers) {
    list.push_back(json_of(server));
    text += (text.empty() ? "" : "\n") + server_text(server);
  }
  if (text.empty()) text = "No servers are configured.";
  output_.event("servers", {{"servers", std::move(list)}}, text);
}

void Commands::status() {
  const Snapshot snapshot = client_.snapshot();
  output_.event("status",
                {{"route", route_name(snapshot)},
                 {"local", to_string(snapshot.local)},
                 {"link", to_string(snapshot.link)},
                 {"logged_in", panel_.logged_in()},
                 {"return_in_ms", snapshot.return_in.ms()},
                 {"switches_last_hour", snapshot.switches_last_hour},
                 {"sessions", snapshot.sessions},
                 {"requests_under_way", snapshot.requests_under_way},
                 {"requests", snapshot.requests},
                 {"hedges", snapshot.hedges},
                 {"retries", snapshot.retries},
                 {"reports_waiting", snapshot.reports_waiting},
                 {"snapshot", Json::parse(to_json(snapshot), nullptr, false)}},
                status_text(snapshot));
}

void Commands::history() {
  Json list = Json::array();
  std::string text;
  for (const SwitchRecord& record : client_.snapshot().history) {
    list.push_back(json_of(record));
    text += (text.empty() ? "" : "\n") + switch_text(record);
  }
  if (text.empty()) text = "No switches yet.";
  output_.event("history", {{"switches", std::move(list)}}, text);
}

void Commands::present(Words& words) {
  const std::string word = words.next();
  if ((word != "on" && word != "off") || words.more()) return wrong(words);
  client_.user_present(word == "on");
  done("present");
}

void Commands::link(Words& words) {
  const std::string word = words.next();
  if ((word != "up" && word != "down") || words.more()) return wrong(words);
  LinkState state;
  state.link_up = word == "up";
  state.has_address = state.link_up;
  state.has_route = state.link_up;
  client_.link(state, monotonic_now());
  done("link");
}

void Commands::answer(const char* command, Status status, const char* text) {
  if (status.ok()) return done(command, text);
  output_.event("error",
                {{"command", command}, {"what", status.message()}, {"status", json_of(status)}},
                std::string("Not done: ") + status.message());
}

void Commands::failback() { answer("failback", client_.fail_back(monotonic_now()), ""); }

void Commands::wipe_credentials() {
  answer("wipe-credentials", client_.wipe_credentials(monotonic_now()), "All are forgotten.");
}

void Commands::rotate_key() {
  answer("rotate-key", client_.rotate_credential_key(monotonic_now()), "The key is replaced.");
}

void Commands::reload() {
  std::vector<ConfigError> errors;
  std::string what;
  try {
    const auto changed = client_.reconfigure(read_config(options_), monotonic_now());
    if (changed) return done("reload", "The configuration is in use.");
    errors = changed.error();
    what = "the configuration can't be taken over while the device runs";
  } catch (const StartError& error) {
    errors = error.errors();
    what = error.what();
  }
  Json list = Json::array();
  std::string text = what + "; nothing was changed";
  for (const ConfigError& error : errors) {
    list.push_back({{"field", error.field}, {"value", error.value}, {"allowed", error.allowed}});
    text += "\n  " + error.text();
  }
  output_.event("error", {{"command", "reload"}, {"what", what}, {"errors", std::move(list)}},
                text);
}

void Commands::wait(Words& words) {
  const int64_t ms = milliseconds_of(words.next());
  if (ms < 0 || words.more()) return wrong(words);
  pause_ = Pause::time;
  pause_until_ = monotonic_now() + milliseconds(ms);
}

void Commands::wait_for(Words& words) {
  const std::string event = words.next();
  const int64_t ms = words.more() ? milliseconds_of(words.next()) : 30000;
  if (event.empty() || ms < 0 || words.more()) return wrong(words);
  pause_ = Pause::event;
  pause_event_ = event;
  pause_until_ = monotonic_now() + milliseconds(ms);
}

// An event counts from the last command on that was no wait: it may have come before this wait was
// read.
void Commands::poll(Instant now) {
  if (pause_ == Pause::none) return;
  const bool met = pause_ == Pause::event &&
                   (pause_event_ == "idle" ? panel_.idle() : output_.seen(pause_event_));
  if (!met && now < pause_until_) return;
  if (pause_ == Pause::event) {
    output_.event("waited", {{"for", pause_event_}, {"met", met}},
                  met ? "" : "No '" + pause_event_ + "' in that time.");
  }
  pause_ = Pause::none;
  pause_until_ = Instant::never();
}

void Commands::help() {
  Json list = Json::array();
  std::string text;
  for (const Entry* entry = kEntries; entry->name != nullptr; ++entry) {
    list.push_back(
        {{"command", entry->name}, {"arguments", entry->arguments}, {"text", entry->text}});
    std::string line = std::string(entry->name) + " " + entry->arguments;
    line.resize(std::max<size_t>(line.size() + 1, 42), ' ');
    text += (text.empty() ? "" : "\n") + line + entry->text;
  }
  output_.event("help", {{"commands", std::move(list)}}, text);
}

}  // namespace mfp
