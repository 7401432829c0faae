// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "adapters/cares/hosts.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <strings.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "holdfast/ports/resolver.h"

namespace holdfast::cares {
namespace {

constexpr size_t kMostBytes = 256 * 1024;  // a block list may be long; one beyond this is cut

std::string read_file(const std::string& path) {
  std::string text;
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return text;
  char buffer[4096];
  while (text.size() < kMostBytes) {
    const ssize_t got = ::read(fd, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    text.append(buffer, static_cast<size_t>(got));
  }
  (void)::close(fd);
  return text;
}

// The next word of `line` from `at` on; empty at its end.
std::string next_word(const std::string& line, size_t& at) {
  const size_t begin = line.find_first_not_of(" \t\r", at);
  if (begin == std::string::npos) return {};
  at = std::min(line.find_first_of(" \t\r", begin), line.size());
  return line.substr(begin, at - begin);
}

bool is_address(const std::string& text) {
  in6_addr raw;
  return ::inet_pton(AF_INET, text.c_str(), &raw) == 1 ||
         ::inet_pton(AF_INET6, text.c_str(), &raw) == 1;
}

}  // namespace

std::vector<std::string> find_in_hosts(const std::string& file, const std::string& host) {
  std::vector<std::string> found;
  const std::string text = read_file(file);
  for (size_t begin = 0; begin < text.size() && found.size() < kMaxAddresses;) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    line = line.substr(0, line.find('#'));
    size_t at = 0;
    const std::string address = next_word(line, at);
    bool named = false;
    for (std::string name = next_word(line, at); !name.empty(); name = next_word(line, at))
      named = named || ::strcasecmp(name.c_str(), host.c_str()) == 0;
    if (named && is_address(address) &&
        std::find(found.begin(), found.end(), address) == found.end())
      found.push_back(address);
  }
  return found;
}

}  // namespace holdfast::cares
