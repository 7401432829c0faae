// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "accounting.h"
#include "audit.h"
#include "auth.h"
#include "crypto.h"
#include "drop_folder.h"
#include "faults.h"
#include "http.h"
#include "jobs.h"
#include "metrics.h"
#include "options.h"
#include "roles.h"
#include "store.h"
#include "users.h"

namespace print_server {

constexpr char kSoftware[] = "holdfast-print-server 1.0.0";

// All parts of the server, in the order of their dependence.
struct App {
  App(const Options& given, UserImport import);

  const Options& options;
  UserImport users_import;
  std::string instance_id = random_uuid();  // this boot of this node
  int64_t started_s;
  std::unique_ptr<SigningKey> key;
  int64_t servers_version = 0;
  std::string servers_payload;  // JSON; empty without a list
  Store store;
  Devices devices;
  Auth auth;
  UserFeed feed;
  Jobs jobs;
  Ledger ledger;
  AuditTrail audit;
  Faults faults;
  Metrics metrics;
  Roles roles;
  DropFolder drop;

 private:
  void load_server_list();
};

std::vector<Route> session_routes(App& app);  // versions, health, login, logout, users, servers
std::vector<Route> job_routes(App& app);      // jobs, claims, documents
std::vector<Route> report_routes(App& app);   // job status, accounting, audit
std::vector<Route> admin_routes(App& app);    // /admin and /metrics

}  // namespace print_server
