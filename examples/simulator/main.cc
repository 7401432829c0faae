// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// holdfast-mfp: a printer without paper, and the library in a process of its own. The loop below is
// all that a firmware needs as well.
#include <holdfast/adapters/posix.h>
#include <holdfast/client.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "commands.h"
#include "console.h"
#include "device.h"
#include "options.h"
#include "output.h"
#include "panel.h"

namespace mfp {
namespace {

using namespace holdfast;

constexpr Duration kLongestSleep = seconds(3600);
constexpr Duration kLastWords = seconds(1);  // for logout and reports that servers should still get

// Command after command until the input ends; then what is under way, within `finish_ms`.
class Shell {
 public:
  Shell(Options& options, Output& output, Panel& panel, Client& client, Console& console)
      : options_(options),
        output_(output),
        panel_(panel),
        client_(client),
        console_(console),
        commands_(options, output, panel, client) {}

  // True when it did something after which the client wants a poll().
  bool step(Instant now) {
    if (ending_) return false;
    commands_.poll(now);
    if (console_.signals() > 0 || commands_.quitting()) return end(now);
    if (commands_.paused()) return false;
    Line line;
    if (!console_.take(line)) {
      if (console_.over()) return end(now);
      if (panel_.idle()) output_.prompt();  // the answer first; commands are read meanwhile
      return false;
    }
    output_.typed();
    if (line.too_long) {
      output_.error(line.text.substr(0, 16), "the line is longer than any command");
      wipe(line.text);
      return true;
    }
    commands_.run(line.text);
    return true;
  }

  bool over(Instant now) {
    if (!ending_) return false;
    if (console_.signals() > 1) return true;
    if (!said_goodbye_ && (panel_.idle() || now >= give_up_)) {
      finished_ = panel_.idle();
      said_goodbye_ = true;
      if (panel_.logged_in()) panel_.logout();
      give_up_ = now + kLastWords;
      client_.wake();  // the logout is still to be sent
      return false;
    }
    if (!said_goodbye_) return false;
    const Snapshot snapshot = client_.snapshot();
    return now >= give_up_ || (snapshot.requests_under_way == 0 && snapshot.reports_waiting == 0);
  }

  Instant deadline() const { return ending_ ? give_up_ : commands_.deadline(); }
  bool finished() const { return finished_; }
  bool ending() const { return ending_; }

 private:
  bool end(Instant now) {
    ending_ = true;
    give_up_ = now + milliseconds(options_.finish_ms);
    output_.newline();
    return true;
  }

  const Options& options_;
  Output& output_;
  Panel& panel_;
  Client& client_;
  Console& console_;
  Commands commands_;
  bool ending_ = false;
  bool said_goodbye_ = false;
  bool finished_ = false;
  Instant give_up_ = Instant::never();
};

Json json_of(const OfflinePolicy& policy, const Credentials& credentials) {
  if (credentials.database() == nullptr) return {{"cache", "off"}};
  const KeyTier tier = credentials.key()->tier();
  return {{"cache", credentials_on_flash(policy, tier) ? "flash" : "ram"},
          {"tier", to_string(tier)},
          {"kdf_iterations", policy.kdf_iterations}};
}

void say_ready(Output& output, const Options& options, const Config& config, const Device& device) {
  Json servers = Json::array();
  std::string text = "Holdfast virtual printer " + config.device_id + ". Servers:";
  for (const ServerConfig& server : config.servers) {
    servers.push_back(server.name);
    text += " " + server.name;
  }
  output.event(
      "ready",
      {{"pid", getpid()},
       {"device_id", config.device_id},
       {"servers", std::move(servers)},
       {"engine", options.engine_kind == EngineKind::folder ? "folder:" + options.engine_target
                                                            : options.engine_target},
       {"clock_floor_unix_ms", device.clock_floor_unix_ms()},
       {"offline", json_of(config.offline, device.credentials())}},
      text + ". 'help' lists the commands.");
  const Credentials& credentials = device.credentials();
  if (!credentials.warning().empty()) {
    std::fprintf(stderr, "holdfast-mfp: %s\n", credentials.warning().c_str());
    // A person has read it above.
    output.event("warning", {{"what", credentials.warning()}}, "");
  }
  if (credentials.set_aside().empty()) return;
  const std::string what =
      "the credential cache was set aside and begins anew: " + credentials.set_aside();
  output.event("alarm", {{"alarm", to_string(Alarm::state_damaged)}, {"what", what}},
               "[alarm: " + what + "]");
}

int serve(Options& options, Output& output) {
  Config config = read_config(options);
  Device device(options, config);
  options.kdf_iterations = device.credentials().kdf_iterations();
  if (options.kdf_iterations != 0) config.offline.kdf_iterations = options.kdf_iterations;
  Clock& clock = device.clock();
  Panel panel(output);
  auto created = Client::create(config, device.ports(), panel, monotonic_now(), clock.now());
  if (!created) {
    throw StartError(std::string("the client cannot start: ") + created.error().message());
  }
  Client& client = **created;
  panel.attach(&client);
  Console console([&client] { client.wake(); });
  Shell shell(options, output, panel, client, console);
  say_ready(output, options, config, device);

  for (;;) {
    const Step step = client.poll(monotonic_now(), clock.now());
    clock.keep(config, client, *device.ports().executor);
    if (shell.step(monotonic_now())) continue;
    const Instant now = monotonic_now();
    if (shell.over(now)) break;
    const Instant until = earlier(step.call_again, shell.deadline());
    client.wait(shorter(longer(until - now, Duration{}), kLongestSleep));
  }
  output.event("bye", {{"finished", shell.finished()}},
               shell.finished() ? "" : "Ended before all was done; it goes on at the next start.");
  return shell.finished() ? 0 : 1;
}

int fail(Output& output, const StartError& error) {
  std::fprintf(stderr, "holdfast-mfp: %s\n", error.what());
  Json list = Json::array();
  for (const ConfigError& wrong : error.errors()) {
    std::fprintf(stderr, "  %s\n", wrong.text().c_str());
    list.push_back({{"field", wrong.field}, {"value", wrong.value}, {"allowed", wrong.allowed}});
  }
  // A person has read it above.
  output.event("start_failed", {{"what", error.what()}, {"errors", std::move(list)}}, "");
  return 2;
}

}  // namespace
}  // namespace mfp

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a reader that left is noticed at the end of our input
  mfp::Console::block_signals();
  mfp::Options options;
  try {
    mfp::parse_options(argc, argv, options);
  } catch (const mfp::StartError& error) {
    mfp::Output output(options.json, false);
    return mfp::fail(output, error);
  }
  mfp::Output output(options.json, isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1);
  try {
    return mfp::serve(options, output);
  } catch (const mfp::StartError& error) {
    return mfp::fail(output, error);
  }
}
