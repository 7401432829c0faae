// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <holdfast/adapters/posix.h>
#include <holdfast/config.h>
#include <holdfast/ports/device_key.h>
#include <holdfast/ports/log.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace mfp {

enum class EngineKind { folder, ipp };

struct Options {
  std::string config_file;
  std::string state_dir;
  EngineKind engine_kind = EngineKind::folder;
  std::string engine_target;              // a folder, or a printer's URL
  std::string printer_ca;                 // PEM file, for ipps
  std::vector<std::string> name_servers;  // empty: the system's
  bool json = false;

  std::string device_key;  // file; empty: none, so no credential cache
  holdfast::KeyTier lab_key_tier = holdfast::KeyTier::none;  // what the file claims to be
  bool kdf_iterations_given = false;                         // by the configuration file
  uint32_t kdf_iterations = 0;  // what was found for this device, where the file says nothing

  holdfast::WallTrust clock = holdfast::WallTrust::always;
  int64_t wall_unix_ms = -1;   // what the wall clock shows at the start; -1: the system's
  bool watch_network = false;  // by the kernel's word
  std::string interface_name;  // the only one that counts; empty: the way out
  uint32_t page_ms = 0;        // how long the folder engine takes for a page
  uint64_t storage_bytes = uint64_t{1} << 30;
  bool worker = true;  // blocking work on a thread of its own
  bool log = false;
  holdfast::LogLevel log_level = holdfast::LogLevel::warning;
  uint32_t finish_ms = 15000;  // how long the end waits for what is under way
};

// The program can't start; what() names the thing and the reason.
class StartError : public std::runtime_error {
 public:
  explicit StartError(const std::string& what, std::vector<holdfast::ConfigError> errors = {})
      : std::runtime_error(what), errors_(std::move(errors)) {}
  const std::vector<holdfast::ConfigError>& errors() const { return errors_; }

 private:
  std::vector<holdfast::ConfigError> errors_;  // of the configuration file, if it is that
};

// Reads the command line into `options`, also as far as it is right when it throws StartError.
// Ends the process for --help and --version.
void parse_options(int argc, char** argv, Options& options);

// Reads and checks the configuration file, and notes in `options` what a Config can't tell: whether
// the file says how many iterations a derivation has. Throws StartError with each of its errors.
holdfast::Config read_config(Options& options);

}  // namespace mfp
