// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "adapters/ipp/answers.h"

#include <algorithm>
#include <cstdio>

#include "base/text.h"

namespace holdfast::ipp {
namespace {

using codec::ipp::Reader;
using codec::ipp::Tag;
using codec::ipp::Value;

constexpr size_t kMaxReasonBytes = 64;
constexpr size_t kMaxUuidBytes = 64;

const char* words_for(TransferOutcome outcome) {
  switch (outcome) {
    case TransferOutcome::timed_out:
      return "printer does not answer";
    case TransferOutcome::unreachable:
      return "no route to the printer";
    case TransferOutcome::name_not_found:
    case TransferOutcome::name_unavailable:
      return "printer's name cannot be resolved";
    case TransferOutcome::tls_untrusted:
      return "printer's certificate is not trusted";
    case TransferOutcome::tls_not_yet_valid:
      return "printer's certificate is not yet valid";
    case TransferOutcome::own_certificate:
      return "printer refuses this device's certificate";
    case TransferOutcome::too_large:
      return "printer's answer is too large";
    case TransferOutcome::misconfigured:
      return "printer's configuration is unusable";
    default:
      return "printer closed the connection";
  }
}

bool is_hopeless(TransferOutcome outcome) {
  return outcome == TransferOutcome::tls_untrusted || outcome == TransferOutcome::own_certificate ||
         outcome == TransferOutcome::misconfigured;
}

std::string with_number(const char* format, unsigned number) {
  char text[48];
  std::snprintf(text, sizeof text, format, number);
  return text;
}

std::string words_for_code(uint16_t code) {
  switch (code) {
    case codec::ipp::kFormatNotSupported:
      return "document-format-not-supported";
    case codec::ipp::kBusy:
      return "printer is busy";
    case codec::ipp::kNotAccepting:
      return "printer is not accepting jobs";
    case codec::ipp::kNotFound:
      return "printer does not know the job";
    default:
      return with_number("printer refused: IPP status 0x%04x", code);
  }
}

std::string state_reason(std::string_view keyword) {
  for (std::string_view suffix : {"-error", "-warning", "-report"}) {
    if (keyword.size() > suffix.size() &&
        keyword.substr(keyword.size() - suffix.size()) == suffix) {
      keyword.remove_suffix(suffix.size());
      break;
    }
  }
  return keyword == "none" ? std::string() : printable(keyword, kMaxReasonBytes);
}

// MIME types are compared without regard to case.
bool same_mime(std::string_view a, std::string_view b) {
  auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [&](char x, char y) { return lower(x) == lower(y); });
}

void read_job_reason(std::string_view reason, JobFacts& job) {
  if (reason == "processing-to-stop-point") job.stopping = true;
  if (reason == "job-incoming" || reason == "job-data-insufficient") job.lacks_document = true;
}

void read_job_value(const Value& value, JobFacts& job, int32_t& sheets) {
  if (value.is("job-id")) job.job_id = value.number(0);
  if (value.is("job-name")) job.name = value.text();
  if (value.is("job-state")) {
    const int32_t state = value.number(0);
    job.has_state = state >= 3 && state <= 9;
    if (job.has_state) job.state = static_cast<codec::ipp::PrinterJobState>(state);
  }
  if (value.is("job-state-reasons")) read_job_reason(value.text(), job);
  if (value.is("time-at-processing")) job.never_processed = value.tag == Tag::no_value;
  if (value.is("job-k-octets")) job.kilobytes = value.number(-1);
  if (value.is("job-printer-up-time")) job.up_time_s = value.number(-1);
  if (value.is("job-media-sheets-completed")) sheets = value.number(-1);
  if (value.is("job-impressions-completed")) {
    const int32_t count = value.number(-1);
    job.counted = count >= 0;
    if (job.counted) job.impressions = static_cast<uint32_t>(count);
  }
}

}  // namespace

Answer judge(const TransferResult& result, uint32_t request_id) {
  Answer answer;
  if (result.outcome != TransferOutcome::answered) {
    answer.kind = result.sent ? Answer::Kind::broken : Answer::Kind::unsent;
    answer.hopeless = is_hopeless(result.outcome);
    answer.reason = words_for(result.outcome);
    return answer;
  }
  if (result.http_status != 200) {
    const unsigned status = static_cast<unsigned>(result.http_status);
    // A 4xx says that the request wasn't taken; behind a 5xx it may have been.
    answer.kind = status / 100 == 4 ? Answer::Kind::refused : Answer::Kind::broken;
    answer.hopeless = answer.kind == Answer::Kind::refused;
    answer.reason = with_number("printer refused: HTTP status %u", status);
    return answer;
  }
  const Reader reader(result.body);
  if (!codec::ipp::is_whole(result.body) || reader.request_id() != request_id) {
    answer.reason = "printer's answer is damaged";
    return answer;
  }
  answer.code = reader.code();
  answer.kind = codec::ipp::is_success(answer.code) ? Answer::Kind::ok : Answer::Kind::refused;
  if (answer.kind == Answer::Kind::refused) answer.reason = words_for_code(answer.code);
  return answer;
}

PrinterFacts read_printer(std::string_view bytes, std::string_view format) {
  PrinterFacts facts;
  Reader reader(bytes);
  Value value;
  while (reader.next(value)) {
    if (value.group != Tag::printer_group) continue;
    if (value.is("printer-uuid")) facts.uuid = printable(value.text(), kMaxUuidBytes);
    if (value.is("printer-up-time")) facts.up_time_s = value.number(-1);
    if (value.is("printer-is-accepting-jobs")) facts.accepting = value.boolean(true);
    if (value.is("printer-state-reasons") && facts.reason.empty()) {
      facts.reason = state_reason(value.text());
    }
    if (value.is("document-format-supported")) {
      facts.lists_formats = true;
      facts.takes_format = facts.takes_format || same_mime(value.text(), format);
    }
  }
  return facts;
}

bool read_job(std::string_view bytes, std::string_view name, JobFacts& job) {
  Reader reader(bytes);
  Value value;
  bool open = false;
  uint16_t group = 0;
  JobFacts current;
  int32_t sheets = -1;
  auto matches = [&] {
    // One sheet has at least one impression: a printer that counts sheets only counts too few,
    // never too many.
    if (!current.counted && sheets >= 0) {
      current.counted = true;
      current.impressions = static_cast<uint32_t>(sheets);
    }
    return open && (name.empty() || current.name == name);
  };
  while (reader.next(value)) {
    if (value.group != Tag::job_group) continue;
    if (!open || value.group_index != group) {
      if (matches()) break;
      current = JobFacts();
      sheets = -1;
      group = value.group_index;
      open = true;
    }
    read_job_value(value, current, sheets);
  }
  if (!matches()) return false;
  job = current;
  return true;
}

}  // namespace holdfast::ipp
