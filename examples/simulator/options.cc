// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "options.h"

#include <holdfast/version.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>

#include "output.h"

namespace mfp {
namespace {

constexpr int64_t kEndOf9999_ms = 253402300799999;
constexpr size_t kMaxConfigBytes = 16 * 1024 * 1024;

constexpr const char* kDescription =
    "A virtual printer: logs users in and releases their documents through Holdfast.\n"
    "Reads one command a line on standard input; 'help' lists them. docs/mfp.md has the rest.";

constexpr const char* kFooter =
    "Exit codes: 0 all that was under way has ended; 1 it had not within --finish-ms;\n"
    "2 the program could not start.";

void parse_engine(const std::string& text, Options& options) {
  if (text.compare(0, 7, "folder:") == 0 && text.size() > 7) {
    options.engine_kind = EngineKind::folder;
    options.engine_target = text.substr(7);
    return;
  }
  if (text.compare(0, 6, "ipp://") == 0 || text.compare(0, 7, "ipps://") == 0) {
    options.engine_kind = EngineKind::ipp;
    options.engine_target = text;
    return;
  }
  throw StartError("--engine '" + text +
                   "' is unknown: use folder:DIR, ipp://HOST[:PORT]/PATH or"
                   " ipps://HOST[:PORT]/PATH");
}

void parse_network(const std::string& text, Options& options) {
  options.watch_network = text.compare(0, 7, "netlink") == 0;
  const std::string rest = options.watch_network ? text.substr(7) : "";
  const bool named = rest.size() > 1 && rest[0] == ':';
  if (text != "none" && !(options.watch_network && (rest.empty() || named))) {
    throw StartError("--device-network '" + text +
                     "' is unknown: use none, netlink or netlink:INTERFACE");
  }
  if (named) options.interface_name = rest.substr(1);
}

struct Words {
  std::string engine;
  std::string clock = "always";
  std::string log = "none";
  std::string work = "worker";
  std::string network = "none";
  std::string lab_key_tier = "none";
  uint32_t storage_mib = 1024;
};

void declare(CLI::App& app, Options& options, Words& words) {
  app.add_option("--config", options.config_file, "The library's configuration, JSON")->required();
  app.add_option("--state", options.state_dir, "Folder of what survives a restart")->required();
  app.add_option("--engine", words.engine, "folder:DIR, or ipp(s)://HOST[:PORT]/PATH")->required();
  app.add_flag("--json", options.json, "One JSON object a line instead of texts");
  app.add_option("--device-key", options.device_key,
                 "File of the device's key, made when absent: for the credential cache");
  app.add_option("--lab-key-tier", words.lab_key_tier,
                 "LAB ONLY: what the key file claims to be: soc_bound, tee or secure_element")
      ->check(CLI::IsMember({"none", "soc_bound", "tee", "secure_element"}));
  app.add_option("--device-page-ms", options.page_ms, "Time for a page, engine folder")
      ->check(CLI::Range(0, 60000));
  app.add_option("--device-storage-mib", words.storage_mib, "Room for documents on the device")
      ->check(CLI::Range(1, 1024 * 1024));
  app.add_option("--device-clock", words.clock, "When the wall clock is believed")
      ->check(CLI::IsMember({"always", "synchronised", "never"}));
  app.add_option("--device-wall-unix-ms", options.wall_unix_ms,
                 "What the wall clock shows at the start, instead of the system's")
      ->check(CLI::Range(int64_t{0}, kEndOf9999_ms));
  app.add_option("--device-network", words.network,
                 "none, or netlink[:INTERFACE]: watch cable, address and route");
  app.add_option("--device-work", words.work, "Blocking work: on a worker thread, or inline")
      ->check(CLI::IsMember({"worker", "inline"}));
  app.add_option("--device-printer-ca", options.printer_ca, "PEM file that ipps is verified by");
  app.add_option("--device-name-server", options.name_servers,
                 "ADDRESS[:PORT] of a name server, instead of the system's; may be repeated");
  app.add_option("--log", words.log, "The library's log on standard error")
      ->check(CLI::IsMember({"none", "error", "warning", "info", "debug"}));
  app.add_option("--finish-ms", options.finish_ms, "Wait at the end for what is under way")
      ->check(CLI::Range(0, 600000));
  app.set_version_flag("--version", HOLDFAST_VERSION);
  app.footer(kFooter);
}

void take_words(const Words& words, Options& options) {
  static const std::map<std::string, holdfast::WallTrust> kClocks = {
      {"always", holdfast::WallTrust::always},
      {"synchronised", holdfast::WallTrust::synchronised},
      {"never", holdfast::WallTrust::never}};
  static const std::map<std::string, holdfast::LogLevel> kLevels = {
      {"error", holdfast::LogLevel::error},
      {"warning", holdfast::LogLevel::warning},
      {"info", holdfast::LogLevel::info},
      {"debug", holdfast::LogLevel::debug}};
  static const std::map<std::string, holdfast::KeyTier> kTiers = {
      {"none", holdfast::KeyTier::none},
      {"soc_bound", holdfast::KeyTier::soc_bound},
      {"tee", holdfast::KeyTier::tee},
      {"secure_element", holdfast::KeyTier::secure_element}};
  options.lab_key_tier = kTiers.at(words.lab_key_tier);
  if (words.lab_key_tier != "none" && options.device_key.empty()) {
    throw StartError("--lab-key-tier: give the key that claims it, --device-key FILE");
  }
  options.clock = kClocks.at(words.clock);
  options.log = words.log != "none";
  if (options.log) options.log_level = kLevels.at(words.log);
  options.worker = words.work == "worker";
  options.storage_bytes = uint64_t{words.storage_mib} * 1024 * 1024;
  parse_network(words.network, options);
  parse_engine(words.engine, options);
}

std::string reason(int error) { return std::strerror(error); }

}  // namespace

void parse_options(int argc, char** argv, Options& options) {
  // Known before anything else can fail: it decides where an error is told.
  for (int i = 1; i < argc; ++i) options.json = options.json || !std::strcmp(argv[i], "--json");
  Words words;
  CLI::App app(kDescription, "holdfast-mfp");
  declare(app, options, words);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& e) {
    std::exit(app.exit(e));
  } catch (const CLI::ParseError& e) {
    throw StartError(std::string(e.what()) + " (see --help)");
  }
  take_words(words, options);
}

holdfast::Config read_config(Options& options) {
  const std::string& file = options.config_file;
  const std::unique_ptr<FILE, int (*)(FILE*)> stream(std::fopen(file.c_str(), "rbe"), std::fclose);
  if (!stream) throw StartError("--config " + file + ": cannot be opened: " + reason(errno));
  std::string text;
  char buffer[4096];
  for (size_t size; (size = std::fread(buffer, 1, sizeof buffer, stream.get())) > 0;) {
    text.append(buffer, size);
    if (text.size() > kMaxConfigBytes) {
      throw StartError("--config " + file + ": is larger than any configuration");
    }
  }
  if (std::ferror(stream.get()) != 0) {
    throw StartError("--config " + file + ": cannot be read: " + reason(errno));
  }
  auto config = holdfast::parse_config(text);
  if (!config) {
    const size_t count = config.error().size();
    throw StartError(
        "--config " + file + ": " + std::to_string(count) + (count == 1 ? " error" : " errors"),
        std::move(config.error()));
  }
  const Json parsed = Json::parse(text, nullptr, false);
  static const Json::json_pointer kIterations("/offline/kdf_iterations");
  options.kdf_iterations_given = parsed.contains(kIterations);
  if (!options.kdf_iterations_given && options.kdf_iterations != 0) {
    config->offline.kdf_iterations = options.kdf_iterations;
  }
  return std::move(*config);
}

}  // namespace mfp
