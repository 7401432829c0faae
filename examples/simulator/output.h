// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <holdfast/time.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>

namespace mfp {

// Keeps members in the order in which they are given: a line is read by people as well.
using Json = nlohmann::ordered_json;

// Standard output. Everything the program says is an event with a name, fields and a text; a script
// gets name and fields, a person the text.
class Output {
 public:
  Output(bool json, bool prompt);

  // An empty text says nothing to a person.
  void event(const char* name, Json fields, const std::string& text);
  // A command that can't be done. Nothing has changed.
  void error(const std::string& command, const std::string& what);

  void prompt();                           // where a person sits at a terminal
  void typed() { prompt_shown_ = false; }  // the person has ended the prompt's line
  void newline();                          // ends the line of a prompt that nobody answered

  // Names of the events since begin_command(): what `wait-for` looks at.
  void begin_command() { seen_.clear(); }
  bool seen(const std::string& name) const { return seen_.count(name) != 0; }

 private:
  void write(const std::string& text);

  const bool json_;
  const bool prompt_;
  bool prompt_shown_ = false;
  const holdfast::Instant started_;
  std::set<std::string> seen_;
};

}  // namespace mfp
