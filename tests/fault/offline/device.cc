// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// A device with a credential cache in a process of its own: real transport, worker, SQLite and
// files. usage:
//
//   holdfast-offline-device CONFIG DIRECTORY TIER
//
// TIER is none (a key file) or soc_bound, secure_element (a key that pretends, with a counter in a
// file beside DIRECTORY). Commands come on standard input, one a line: login card NUMBER, login pin
// DIGITS, login password USER PASSWORD, status, wipe, rotate, quit, and arm N: the process is
// killed before (even N) or after (odd N) the sync of a file that is N/2 from now. Each event is a
// line of JSON.
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

#include "codec/json_writer.h"
#include "holdfast/adapters/curl_transport.h"
#include "holdfast/adapters/mbedtls_crypto.h"
#include "holdfast/adapters/posix.h"
#include "holdfast/adapters/sqlite_database.h"
#include "holdfast/client.h"
#include "support/fake_device_key.h"
#include "support/temporary_directory.h"

namespace {

std::atomic<int> steps_left{-1};  // until the process is killed; below 0: it isn't

void step() {
  if (steps_left >= 0 && steps_left-- == 0) ::kill(::getpid(), SIGKILL);
}

}  // namespace

// SQLite's and the state store's only one.
extern "C" int fdatasync(int descriptor) {
  step();
  const int result = ::fsync(descriptor);
  step();
  return result;
}

namespace {

using namespace holdfast;
using codec::JsonWriter;

void say(JsonWriter& writer) {
  std::string line = writer.close_object().take();
  line += '\n';
  if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) std::_Exit(3);
}

JsonWriter event(const char* name) {
  JsonWriter writer;
  writer.open_object().member("event", name);
  return writer;
}

[[noreturn]] void fail(const std::string& what) {
  JsonWriter writer = event("failed");
  writer.member("what", what);
  say(writer);
  std::exit(2);
}

// Its counter outlives the process, as one in hardware would.
class CountingKey final : public DeviceKey {
 public:
  CountingKey(KeyTier tier, std::string path) : key_(1, tier), path_(std::move(path)) {
    if (test::file_exists(path_)) key_.count = std::stoull(test::read_file(path_));
  }
  KeyTier tier() const override { return key_.tier(); }
  Result<Sha256Digest> hmac(const std::string& label, const uint8_t* data, size_t size) override {
    return key_.hmac(label, data, size);
  }
  Result<std::string> wrap(const Key256& key) override { return key_.wrap(key); }
  Result<Key256> unwrap(const std::string& wrapped) override { return key_.unwrap(wrapped); }
  Result<uint64_t> counter() override { return key_.counter(); }
  Result<uint64_t> count_up() override {
    const auto counted = key_.count_up();
    test::write_file(path_ + ".new", std::to_string(key_.count));
    if (std::rename((path_ + ".new").c_str(), path_.c_str()) != 0) std::abort();
    return counted;
  }

 private:
  test::FakeDeviceKey key_;
  std::string path_;
};

class StderrLog final : public Log {
 public:
  void write(LogLevel, const char* text) noexcept override { std::fprintf(stderr, "%s\n", text); }
};

class Panel final : public Listener {
 public:
  Client* client = nullptr;
  Instant now{};

  void on_login(const LoginResult& result) override {
    JsonWriter writer = event("login");
    writer.member("verdict", to_string(result.verdict)).member("source", to_string(result.source));
    writer.member("denial", result.denial).member("user_uid", result.user.user_uid);
    writer.member("retry_after_s", uint64_t{result.retry_after_s});
    writer.member("status", to_string(result.status.code()));
    say(writer);
    session_ = result.session;
  }
  void on_audit(const AuditEvent& audited) override {
    JsonWriter writer = event("audit");
    writer.member("sequence", audited.sequence).member("kind", to_string(audited.kind));
    writer.member("user_uid", audited.user_uid).member("what", audited.what);
    say(writer);
  }
  void on_alarm(Alarm alarm, const std::string& what) override {
    JsonWriter writer = event("alarm");
    writer.member("alarm", to_string(alarm)).member("what", what);
    say(writer);
  }
  void log_out() {
    if (session_ != SessionId::none) (void)client->logout(session_, now);
    session_ = SessionId::none;
  }

 private:
  SessionId session_ = SessionId::none;
};

// Reads without stdio, which keeps what it has read.
class Input {
 public:
  ~Input() { wipe(bytes_, sizeof bytes_); }
  // A whole line, or nothing. False at the end.
  bool take(std::string& line) {
    line.clear();
    pollfd wait{STDIN_FILENO, POLLIN, 0};
    while (::poll(&wait, 1, 0) == 1) {
      const ssize_t got = ::read(STDIN_FILENO, bytes_ + size_, 1);
      if (got <= 0 || size_ + 1 == sizeof bytes_) return false;
      if (bytes_[size_++] != '\n') continue;
      line.assign(bytes_, size_ - 1);
      wipe(bytes_, size_);
      size_ = 0;
      return true;
    }
    return true;
  }

 private:
  char bytes_[4096] = {};
  size_t size_ = 0;
};

void login(Client& client, const char* words, Instant now) {
  Credential credential;
  if (std::strncmp(words, "card ", 5) == 0) {
    credential.secret = Secret(std::string(words + 5));
  } else if (std::strncmp(words, "pin ", 4) == 0) {
    credential.kind = CredentialKind::pin;
    credential.secret = Secret(std::string(words + 4));
  } else {
    const char* const user = words + std::strlen("password ");
    const char* const space = std::strchr(user, ' ');
    if (space == nullptr) fail("login");
    credential.kind = CredentialKind::password;
    credential.user.assign(user, space);
    credential.secret = Secret(std::string(space + 1));
  }
  const auto ticket = client.login(std::move(credential), now);
  if (ticket) return;
  JsonWriter writer = event("login");
  writer.member("verdict", "error").member("source", "none").member("denial", "");
  writer.member("status", to_string(ticket.error().code()));
  say(writer);
}

// False: end.
bool obey(Client& client, const std::string& line, Instant now) {
  if (line.rfind("login ", 0) == 0) {
    login(client, line.c_str() + 6, now);
  } else if (line == "status") {
    const Snapshot snapshot = client.snapshot();
    const OfflineSnapshot& offline = snapshot.offline;
    JsonWriter writer = event("status");
    writer.member("on", offline.on).member("on_flash", offline.on_flash);
    writer.member("users", offline.users).member("credentials", offline.credentials);
    writer.member("users_version", offline.users_version);
    writer.member("audit_waiting", offline.audit_waiting).name("servers").open_array();
    for (const ServerSnapshot& server : snapshot.servers) {
      writer.open_object().member("name", server.name).member("state", to_string(server.state));
      writer.member("cause", server.cause).close_object();
    }
    writer.close_array();
    say(writer);
  } else if (line == "wipe") {
    if (!client.wipe_credentials(now).ok()) fail("wipe");
  } else if (line.rfind("arm ", 0) == 0) {
    steps_left = std::atoi(line.c_str() + 4);
  } else if (line == "rotate") {
    if (!client.rotate_credential_key(now).ok()) fail("rotate");
  }
  return line != "quit";
}

template <class T>
std::unique_ptr<T> had(Result<std::unique_ptr<T>> result, const char* what,
                       const std::string& problem = "") {
  if (!result) fail(std::string(what) + ": " + to_string(result.error().code()) + " " + problem);
  return std::move(*result);
}

std::unique_ptr<DeviceKey> make_key(const std::string& tier, const std::string& directory,
                                    Crypto& crypto) {
  const std::string path = directory + "-device";
  if (tier == "none") return had(file_device_key(path + ".key", crypto), "device key");
  const KeyTier of = tier == "soc_bound" ? KeyTier::soc_bound : KeyTier::secure_element;
  return std::make_unique<CountingKey>(of, path + ".count");
}

void run(Client& client, Panel& panel) {
  Input input;
  std::string line;
  line.reserve(4096);
  for (bool go_on = true; go_on;) {
    panel.now = monotonic_now();
    (void)client.poll(panel.now, wall_now(WallTrust::always));
    panel.log_out();
    if (!input.take(line)) break;
    if (!line.empty()) go_on = obey(client, line, monotonic_now());
    wipe(line);
    client.wait(milliseconds(5));
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("usage: holdfast-offline-device CONFIG DIRECTORY TIER\n", stderr);
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  const std::string directory = argv[2];
  const auto config = parse_config(test::read_file(argv[1]));
  if (!config) fail(config.error().front().text());
  const auto crypto = had(mbedtls_crypto(), "mbedTLS");
  const auto key = make_key(argv[3], directory, *crypto);
  std::string problem;
  auto state = file_state_store(directory, &problem);
  if (!state) fail("state: " + problem);
  SqliteOptions options;
  options.path = directory + "/cred.db";
  auto database = sqlite_database(options, &problem);
  if (!database && database.error().code() == Code::corrupt && sqlite_set_aside(options.path).ok())
    database = sqlite_database(options, &problem);
  if (!database) fail("cred.db: " + problem);
  const auto random = system_random();
  const auto protocol = device_protocol_v1();
  const auto transport = had(curl_transport(), "libcurl");
  auto executor = had(worker_executor("offline"), "the worker");
  StderrLog log;
  Panel panel;
  Ports ports;
  ports.transport = transport.get();
  ports.protocol = protocol.get();
  ports.state = state->get();
  ports.executor = executor.get();
  ports.random = random.get();
  ports.crypto = crypto.get();
  ports.log = &log;
  ports.device_key = key.get();
  ports.credentials = database->get();
  {
    auto client =
        Client::create(*config, ports, panel, monotonic_now(), wall_now(WallTrust::always));
    if (!client) fail(client.error().message());
    panel.client = client->get();
    JsonWriter writer = event("ready");
    say(writer);
    run(**client, panel);
  }
  executor.reset();
  return 0;
}
