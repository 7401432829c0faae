// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>

#include "app.h"
#include "fields.h"

namespace print_server {
namespace {

using nlohmann::json;
using R = const HttpRequest&;

User user_of(App& app, R request) {
  return app.auth.user_of(request.device, request.header("Holdfast-Receipt"),
                          request.header("Holdfast-User"));
}

std::string job_uuid(R request) {
  if (!is_uuid(request.args[0])) throw invalid_request("the job's UUID must be lower-case");
  return request.args[0];
}

std::string idempotency_key(R request) {
  const std::string key = request.header("Idempotency-Key");
  if (!is_opaque_id(key)) {
    throw invalid_request("Idempotency-Key must be 1 to 64 of [A-Za-z0-9._:-]");
  }
  return key;
}

int64_t fencing_token(R request) {
  const std::string token = request.header("Holdfast-Fencing-Token");
  if (token.empty() || token.size() > 18 ||
      token.find_first_not_of("0123456789") != std::string::npos) {
    throw invalid_request("Holdfast-Fencing-Token must be the number that the claim gave");
  }
  return std::atoll(token.c_str());
}

Answer list(App& app, R request) {
  bool more = false;
  json jobs = json::array();
  for (const Job& job : app.jobs.list(user_of(app, request).user_uid, &more)) {
    json item = {{"uuid", job.uuid},
                 {"user_uid", job.user_uid},
                 {"name", job.name},
                 {"mime", job.mime},
                 {"bytes", job.bytes},
                 {"sha256", job.sha256},
                 {"pages", job.pages},
                 {"state", job.state},
                 {"submitted_at", rfc3339(job.submitted_at_s)}};
    if (!job.claimed_by.empty()) item["claimed_by"] = job.claimed_by;
    jobs.push_back(item);
  }
  return {200, dumped({{"jobs", jobs}, {"more", more}})};
}

std::string stated_digest(const std::string& header) {
  if (header.empty()) return {};
  static const std::string kStart = "sha-256=:";
  const size_t start = header.find(kStart);
  if (start == std::string::npos) return {};  // another algorithm: not ours to judge
  const size_t first = start + kStart.size();
  const size_t end = header.find(':', first);
  std::string digest;
  if (end == std::string::npos || !unbase64(header.substr(first, end - first), &digest) ||
      digest.size() != 32) {
    throw invalid_request("Repr-Digest must be sha-256=:<base64 of 32 bytes>:");
  }
  return digest;
}

Answer submit(App& app, R request) {
  Submission submission;
  submission.device = request.device;
  submission.key = idempotency_key(request);
  Job& job = submission.job;
  job.uuid = job_uuid(request);
  job.user_uid = user_of(app, request).user_uid;
  if (!percent_decode(request.header("Holdfast-Job-Name"), &job.name) || job.name.empty() ||
      job.name.size() > 255 || !is_utf8(job.name) || has_control(job.name)) {
    throw invalid_request("Holdfast-Job-Name must be percent-encoded UTF-8 of 1 to 255 bytes");
  }
  const std::string type = request.header("Content-Type");
  job.mime = trimmed(type.substr(0, type.find(';')));
  if (!is_media_type(job.mime)) {
    throw invalid_request("Content-Type must name the document's format");
  }
  const std::string pages = request.header("Holdfast-Pages");
  if (pages.size() > 7 || pages.find_first_not_of("0123456789") != std::string::npos) {
    throw invalid_request("Holdfast-Pages must be a number");
  }
  job.pages = std::atoll(pages.c_str());
  submission.stated_sha256 = stated_digest(request.header("Repr-Digest"));
  submission.document = request.document;
  const Submitted done = app.jobs.submit(submission);
  return {done.status,
          dumped({{"uuid", job.uuid}, {"sha256", done.sha256}, {"state", done.state}})};
}

Answer claim(App& app, R request) {
  const std::string uuid = job_uuid(request);
  const std::string key = idempotency_key(request);
  const json body = parse_body(request.body);
  const Fields fields(body, "");
  const JobIdentity job{uuid, fields.id("user_uid"), fields.hash("sha256")};
  if (user_of(app, request).user_uid != job.user_uid) {
    throw invalid_request("user_uid is not the user whose session this is");
  }
  const Claim claim = app.jobs.claim(request.device, job, key);
  return {200, dumped({{"lease_id", claim.lease_id},
                       {"fencing_token", claim.fencing_token},
                       {"lease_s", claim.lease_s}})};
}

Answer release(App& app, R request) {
  app.jobs.release(request.device, job_uuid(request), fencing_token(request));
  return {204, ""};
}

bool to_number(const std::string& text, int64_t* out) {
  if (text.empty() || text.size() > 18 ||
      text.find_first_not_of("0123456789") != std::string::npos) {
    return false;
  }
  *out = std::atoll(text.c_str());
  return true;
}

// One range of bytes; anything else (several, malformed) asks for the whole, as RFC 9110 allows.
// Throws where the range lies behind the end.
bool parse_range(const std::string& header, int64_t size, int64_t* first, int64_t* last) {
  static const std::string kUnit = "bytes=";
  if (header.compare(0, kUnit.size(), kUnit) != 0) return false;
  const std::string range = header.substr(kUnit.size());
  const size_t dash = range.find('-');
  if (dash == std::string::npos) return false;
  const std::string from = range.substr(0, dash);
  const std::string to = range.substr(dash + 1);
  int64_t number = 0;
  if (from.empty()) {
    if (!to_number(to, &number)) return false;
    *first = std::max<int64_t>(0, size - number);
    *last = number == 0 ? -1 : size - 1;
  } else {
    if (!to_number(from, first)) return false;
    *last = size - 1;
    if (!to.empty()) {
      if (!to_number(to, &number) || number < *first) return false;
      *last = std::min(*last, number);
    }
  }
  if (*first >= size || *last < *first) {
    throw Problem(416, "range-not-satisfiable",
                  "the document has " + std::to_string(size) + " bytes");
  }
  return true;
}

Answer document(App& app, R request) {
  const DocumentFile file =
      app.jobs.document(request.device, job_uuid(request), fencing_token(request));
  const std::string etag = "\"" + file.sha256 + "\"";
  const std::string if_range = request.header("If-Range");
  Answer answer;
  answer.type = file.mime;
  answer.headers = {{"ETag", etag}, {"Accept-Ranges", "bytes"}};
  answer.file = file.path;
  int64_t first = 0;
  int64_t last = file.bytes - 1;
  try {
    if ((if_range.empty() || if_range == etag) &&
        parse_range(request.header("Range"), file.bytes, &first, &last)) {
      answer.status = 206;
      answer.headers.emplace_back("Content-Range", "bytes " + std::to_string(first) + "-" +
                                                       std::to_string(last) + "/" +
                                                       std::to_string(file.bytes));
    }
  } catch (const Problem& problem) {
    Answer refusal = problem_answer(problem);
    refusal.headers.emplace_back("Content-Range", "bytes */" + std::to_string(file.bytes));
    return refusal;
  }
  answer.file_offset = first;
  answer.file_bytes = last - first + 1;
  return answer;
}

}  // namespace

std::vector<Route> job_routes(App& app) {
  const std::string jobs = "/holdfast/v1/jobs";
  const std::string job = jobs + "/([^/]+)";
  constexpr bool kDraining = true;
  return {
      {"GET", jobs, "listJobs", Access::device, false, false, false,
       [&app](R r) { return list(app, r); }},
      {"PUT", job, "submitJob", Access::device, false, false, true,
       [&app](R r) { return submit(app, r); }},
      {"POST", job + "/claim", "claimJob", Access::device, false, false, false,
       [&app](R r) { return claim(app, r); }},
      {"DELETE", job + "/claim", "releaseClaim", Access::device, kDraining, false, false,
       [&app](R r) { return release(app, r); }},
      {"GET", job + "/document", "getDocument", Access::device, kDraining, false, false,
       [&app](R r) { return document(app, r); }},
  };
}

}  // namespace print_server
