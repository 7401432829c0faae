// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Measured by tests/size_static.sh: the transport alone, without the client.
#include <holdfast/adapters/curl_transport.h>

using namespace holdfast;

int main(int argc, char** argv) {
  auto transport = curl_transport();
  if (argc != 3 || !transport) return 2;
  ServerConfig server;
  TlsConfig tls;
  server.url = argv[1];
  tls.ca_file = argv[2];
  if (!(*transport)->set_server(0, server, tls).ok()) return 2;
  Transfer transfer;
  transfer.server = 0;
  transfer.url = "/";
  if (!(*transport)->start(std::move(transfer)).ok()) return 2;
  TransferResult result;
  while (!(*transport)->take(result)) {
    (*transport)->wait(seconds(1));
    (*transport)->poll();
  }
  return result.outcome == TransferOutcome::answered ? 0 : 1;
}
