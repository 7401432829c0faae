// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "adapters/ipp/verdict.h"

namespace holdfast::ipp {
namespace {

using codec::ipp::PrinterJobState;

// No answer told that the printer has the whole document. Printers print a truncated file and call
// it completed, so the count must reach the pages and the size, where one is given, must be right.
bool whole_by_count(const Evidence& evidence, const JobFacts& job) {
  if (evidence.pages == 0 || evidence.impressions < evidence.pages) return false;
  if (evidence.document_bytes == 0 || job.kilobytes <= 0) return true;
  return static_cast<uint64_t>(job.kilobytes) == (evidence.document_bytes + 1023) / 1024;
}

JobVerdict judge_completed(const Evidence& evidence, const JobFacts& job) {
  const uint32_t count = evidence.impressions > 0 ? evidence.impressions : evidence.pages;
  switch (evidence.sent) {
    case Sent::confirmed:
      return {PrintPhase::completed, count, ""};
    case Sent::all:
    case Sent::unheard:
      if (whole_by_count(evidence, job)) return {PrintPhase::completed, count, ""};
      return {PrintPhase::unknown, evidence.impressions, "printed, perhaps not the whole document"};
    case Sent::partly:
      if (evidence.cancel_wanted) return {PrintPhase::canceled, evidence.impressions, "canceled"};
      return {PrintPhase::unknown, evidence.impressions, "upload broke, part may be printed"};
    case Sent::nothing:
    case Sent::refused:
      // An empty job that the printer tidied away.
      if (job.never_processed && evidence.impressions == 0) {
        return {PrintPhase::not_started, 0, "printer closed the job without a document"};
      }
      break;
  }
  return {PrintPhase::unknown, evidence.impressions, "printer completed a job without a document"};
}

}  // namespace

JobVerdict judge_ended(const Evidence& evidence, const JobFacts& job) {
  if (evidence.restarted) return {PrintPhase::unknown, evidence.impressions, "printer restarted"};
  if (job.state == PrinterJobState::completed) return judge_completed(evidence, job);

  const bool aborted = job.state == PrinterJobState::aborted && !evidence.cancel_wanted;
  const JobVerdict as_reported = {aborted ? PrintPhase::aborted : PrintPhase::canceled,
                                  evidence.impressions,
                                  aborted ? "aborted by the printer" : "canceled"};
  if (evidence.cancel_wanted) return as_reported;
  const bool untouched = job.never_processed && evidence.impressions == 0;
  switch (evidence.sent) {
    case Sent::confirmed:
      return as_reported;
    case Sent::all:
    case Sent::unheard:
      if (untouched) return {PrintPhase::not_started, 0, "document never reached the printer"};
      if (!evidence.stopped_by_us) return as_reported;
      return {PrintPhase::unknown, evidence.impressions, "upload broke, part may be printed"};
    case Sent::nothing:
    case Sent::refused:
    case Sent::partly:
      break;
  }
  // A count of 0 alone proves nothing: there are printers that never count.
  if (untouched) return {PrintPhase::not_started, 0, "printer ended the job before it began"};
  return {PrintPhase::unknown, evidence.impressions, "upload broke, part may be printed"};
}

JobVerdict judge_gone(const Evidence& evidence) {
  if (evidence.restarted) return {PrintPhase::unknown, evidence.impressions, "printer restarted"};
  if (evidence.sent == Sent::nothing) {
    if (evidence.cancel_wanted) return {PrintPhase::canceled, 0, "canceled"};
    return {PrintPhase::not_started, 0, "printer never had the job"};
  }
  return {PrintPhase::unknown, evidence.impressions, "printer does not know the job any more"};
}

}  // namespace holdfast::ipp
