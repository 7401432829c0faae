// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "jobs.h"

namespace print_server {

// What a route sees of a request. The HTTP library stays in http_server.cc.
struct HttpRequest {
  std::string method;
  std::string path;
  std::vector<std::string> args;                   // the parts of the path that vary
  std::function<std::string(const char*)> header;  // empty when absent
  std::function<std::string(const char*)> query;
  std::string body;         // of routes that don't stream
  DocumentSource document;  // of those that do
  std::string device;       // proven, where the route asks for a device
};

struct Answer {
  Answer() = default;
  Answer(int status_code, std::string json) : status(status_code), body(std::move(json)) {}

  int status = 200;
  std::string type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string file;  // when set: this part of a file is the body
  int64_t file_offset = 0;
  int64_t file_bytes = 0;
};

enum class Access { open, device, admin };

struct Route {
  std::string method;
  std::string pattern;  // regular expression of the whole path
  std::string name;     // the operation, as in the OpenAPI document and the metrics
  Access access = Access::device;
  bool when_draining = false;
  bool when_passive = false;
  bool streams = false;
  std::function<Answer(const HttpRequest&)> handle;
};

struct Problem;
Answer problem_answer(const Problem& problem);

}  // namespace print_server
