// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "options.h"
#include "store.h"

namespace print_server {

// What makes a job the same job: nobody suppresses another's by knowing its UUID.
struct JobIdentity {
  std::string uuid;
  std::string user_uid;
  std::string sha256;  // of the document, lower-case hex
};

struct Job : JobIdentity {
  std::string name;
  std::string mime;
  int64_t bytes = 0;
  int64_t pages = 0;  // 0: not known
  int64_t submitted_at_s = 0;
  std::string state;
  std::string claimed_by;
};

// Hands the document over in pieces; false when it broke off.
using DocumentSource = std::function<bool(std::function<bool(const char*, size_t)>)>;

struct Submission {
  std::string device;  // who submits, for the idempotency key
  std::string key;
  Job job;                    // identity's sha256 is filled in from what arrived
  std::string stated_sha256;  // binary, empty when not stated
  DocumentSource document;
};

struct Submitted {
  int status = 201;
  std::string sha256;
  std::string state;
};

struct Claim {
  std::string lease_id;
  int64_t fencing_token = 0;
  int lease_s = 0;
};

struct Report {
  std::string report_id;
  JobIdentity job;
  std::string state;  // completed | canceled | aborted | processing
  int64_t impressions = 0;
  std::string at;
  int64_t fencing_token = 0;  // 0: none
};

struct DocumentFile {
  std::string path;
  std::string mime;
  std::string sha256;
  int64_t bytes = 0;
};

class Jobs {
 public:
  Jobs(Store& store, const Options& options) : store_(store), options_(options) {}

  Submitted submit(const Submission& submission);
  std::vector<Job> list(const std::string& user_uid, bool* more);
  std::vector<Job> all();
  Claim claim(const std::string& device, const JobIdentity& job, const std::string& key);
  void release(const std::string& device, const std::string& uuid, int64_t fencing_token);
  // Renews the lease as well: who reads is alive.
  DocumentFile document(const std::string& device, const std::string& uuid, int64_t fencing_token);
  void report(const std::string& device, const std::vector<Report>& reports);

  struct Counts {
    int64_t pending = 0, processing = 0, ended = 0;
  };
  Counts counts();

 private:
  struct Written {
    std::string path;
    std::string sha256;
    int64_t bytes = 0;
  };
  bool repeated(Database& database, const Submission& submission, const std::string& sha256,
                Submitted* out);
  Submitted place(Database& database, const Submission& submission, const Written& written,
                  bool* keep_file);
  void apply(Database& database, const std::string& device, const Report& report,
             std::vector<std::string>* unlink_uuids);

  Store& store_;
  const Options& options_;
};

}  // namespace print_server
