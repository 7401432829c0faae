// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "output.h"

#include <holdfast/adapters/posix.h>

#include <cstdio>

namespace mfp {
namespace {

// Names of users and jobs come from servers, and a terminal obeys control characters. C1 controls
// (U+0080..U+009F) are C2 80..9F in UTF-8.
std::string harmless(const std::string& text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool c1 = byte == 0xC2 && i + 1 < text.size() &&
                    static_cast<unsigned char>(text[i + 1]) >= 0x80 &&
                    static_cast<unsigned char>(text[i + 1]) <= 0x9F;
    if (c1) ++i;
    out += c1 || (byte < 0x20 && byte != '\n') || byte == 0x7F ? '?' : text[i];
  }
  return out;
}

}  // namespace

Output::Output(bool json, bool prompt)
    : json_(json), prompt_(prompt && !json), started_(holdfast::monotonic_now()) {}

void Output::event(const char* name, Json fields, const std::string& text) {
  seen_.insert(name);
  if (!json_) {
    if (!text.empty()) write(harmless(text) + "\n");
    return;
  }
  Json line = {{"t_ms", (holdfast::monotonic_now() - started_).ms()}, {"event", name}};
  for (auto& [key, value] : fields.items()) line[key] = std::move(value);
  if (!text.empty()) line["text"] = text;
  write(line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

void Output::error(const std::string& command, const std::string& what) {
  event("error", {{"command", command}, {"what", what}}, what);
}

void Output::prompt() {
  if (!prompt_ || prompt_shown_) return;
  std::fputs("mfp> ", stdout);
  std::fflush(stdout);
  prompt_shown_ = true;
}

void Output::newline() {
  if (prompt_shown_) std::fputs("\n", stdout);
  prompt_shown_ = false;
}

void Output::write(const std::string& text) {
  // An event that comes while a person sits at the prompt takes the prompt's line.
  if (prompt_shown_) std::fputs("\r\033[K", stdout);
  prompt_shown_ = false;
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

}  // namespace mfp
