// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// For protocol_openapi_test.py. "requests": prints each request that the library builds, one JSON
// object a line. "read": reads lines of an operation's name, a tab and a body of an answer 200;
// prints for each the reader's verdict.
#include <cstdio>
#include <cstring>
#include <string>

#include "codec/json_writer.h"
#include "codec/server_list.h"
#include "holdfast/ports/protocol.h"

namespace holdfast {
namespace {

void print(const char* operation, const WireRequest& request) {
  codec::JsonWriter writer;
  writer.open_object().member("operation", operation).member("method", request.method);
  writer.member("target", request.target).member("body", request.body);
  writer.name("headers").open_object();
  for (const auto& [name, value] : request.headers) writer.member(name, value);
  writer.close_object().close_object();
  std::puts(writer.take().c_str());
}

void print_requests(ServerProtocol& protocol) {
  const DeviceIdentity device = {"mfp-2:east", "dGVzdA"};
  const UserProof receipt = {"u1", "eyJ2IjoxfQ.c2ln"};
  const UserProof asserted = {"u1", ""};
  const JobKey job = {"f47ac10b-58cc-4372-a567-0e02b2c3d479", "u1", std::string(64, 'a')};
  const std::string key = "00000000-0000-4000-8000-000000000001";
  print("getHealth", protocol.health(device));
  for (const CredentialKind kind :
       {CredentialKind::card, CredentialKind::pin, CredentialKind::password}) {
    Credential credential;
    credential.kind = kind;
    credential.user = "ada";
    credential.secret = Secret(std::string("0123\"\xc3\xa4"));
    print("login", protocol.login(device, credential, key));
  }
  print("logout", protocol.logout(device, receipt));
  print("listJobs", protocol.jobs(device, receipt));
  print("listJobs", protocol.jobs(device, asserted));
  print("claimJob", protocol.claim(device, receipt, job, key));
  print("claimJob", protocol.claim(device, asserted, job, key));
  print("releaseClaim", protocol.unclaim(device, receipt, job, 7));
  print("getDocument", protocol.document(device, receipt, job, 7));
  JobReport report;
  report.report_id = key;
  report.job = job;
  std::vector<JobReport> reports;
  for (uint8_t state = 0; state <= static_cast<uint8_t>(JobState::unknown); ++state) {
    report.state = static_cast<JobState>(state);
    report.fencing_token = state;
    report.impressions = UINT32_MAX - state;
    report.unix_ms = int64_t{state} * 86400000 * 365 * 10 + 250;
    reports.push_back(report);
  }
  reports.resize(60, report);
  print("reportJobStatus", protocol.report(device, reports));
  print("getServers", protocol.server_list(device));
}

template <class Answer>
const char* verdict(const Result<Answer>& result) {
  return result ? "ok" : to_string(result.error().code());
}

const char* read_one(ServerProtocol& protocol, const std::string& operation,
                     const std::string& body) {
  const Headers headers;
  const WireAnswer answer = {200, &headers, &body};
  if (operation == "getHealth") return verdict(protocol.read_health(answer));
  if (operation == "login") return verdict(protocol.read_login(answer));
  if (operation == "listJobs") return verdict(protocol.read_jobs(answer));
  if (operation == "claimJob") return verdict(protocol.read_claim(answer));
  if (operation == "reportJobStatus") return verdict(protocol.read_report(answer));
  if (operation == "getServers") return verdict(protocol.read_server_list(answer));
  if (operation == "ServerList") return verdict(codec::parse_server_list(body));
  return "unknown operation";
}

void read_lines(ServerProtocol& protocol) {
  std::string line;
  for (int c = std::getchar(); c != EOF; c = std::getchar()) {
    if (c != '\n') {
      line.push_back(static_cast<char>(c));
      continue;
    }
    const size_t tab = line.find('\t');
    const std::string body = tab == std::string::npos ? "" : line.substr(tab + 1);
    std::puts(read_one(protocol, line.substr(0, tab), body));
    line.clear();
  }
}

}  // namespace
}  // namespace holdfast

int main(int argc, char** argv) {
  const auto protocol = holdfast::device_protocol_v1();
  if (argc == 2 && std::strcmp(argv[1], "requests") == 0) {
    holdfast::print_requests(*protocol);
    return 0;
  }
  if (argc == 2 && std::strcmp(argv[1], "read") == 0) {
    holdfast::read_lines(*protocol);
    return 0;
  }
  std::fputs("usage: holdfast-protocol-check requests|read\n", stderr);
  return 2;
}
