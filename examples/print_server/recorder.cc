// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "recorder.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "fields.h"
#include "text.h"

namespace print_server {
namespace {

using nlohmann::json;

bool same_name(const std::string& a, const char* b) {
  return a.size() == std::strlen(b) && strcasecmp(a.c_str(), b) == 0;
}

json masked_headers(const std::vector<std::pair<std::string, std::string>>& headers) {
  json out = json::object();
  for (const auto& [name, value] : headers) {
    if (same_name(name, "Authorization")) {
      out[name] = value.compare(0, 7, "Bearer ") == 0 ? "Bearer masked" : "masked";
    } else if (same_name(name, "Holdfast-Receipt")) {
      out[name] = "masked";
    } else {
      out[name] = value;
    }
  }
  return out;
}

json masked_body(const std::string& body) {
  json value = json::parse(body, nullptr, false);
  if (value.is_discarded()) return nullptr;
  if (value.is_object()) {
    for (const char* secret : {"secret", "receipt"}) {
      if (value.contains(secret) && value[secret].is_string()) value[secret] = "masked";
    }
  }
  return value;
}

}  // namespace

Recorder::Recorder(const std::string& path) {
  if (path.empty()) return;
  descriptor_ = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (descriptor_ < 0) {
    throw UsageError("cannot write the record " + path + ": " + std::strerror(errno));
  }
}

Recorder::~Recorder() {
  if (descriptor_ >= 0) close(descriptor_);
}

void Recorder::record(const RecordedRequest& request, const Answer& answer) {
  if (!on()) return;
  std::vector<std::pair<std::string, std::string>> headers = answer.headers;
  if (!answer.body.empty() || !answer.file.empty())
    headers.emplace_back("Content-Type", answer.type);
  const bool from_file = !answer.file.empty();
  const json line = {
      {"t_ms", now_ms()},
      {"operation", request.operation},
      {"method", request.method},
      {"path", request.path},
      {"target", request.target},
      {"headers", masked_headers(request.headers)},
      {"body", masked_body(request.body)},
      {"body_bytes", request.body_bytes},
      {"response",
       {{"status", answer.status},
        {"headers", masked_headers(headers)},
        {"body", masked_body(answer.body)},
        {"body_bytes", from_file ? answer.file_bytes : static_cast<int64_t>(answer.body.size())}}}};
  const std::string text = dumped(line) + "\n";
  const std::lock_guard<std::mutex> lock(mutex_);
  // One write a line: a line is whole or absent even when the process is killed.
  if (write(descriptor_, text.data(), text.size()) < 0) return;
}

}  // namespace print_server
