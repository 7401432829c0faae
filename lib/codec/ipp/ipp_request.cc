// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "codec/ipp/ipp.h"

namespace holdfast::codec::ipp {
namespace {

constexpr size_t kMaxNameBytes = 255;   // name, keyword, mimeMediaType, charset, naturalLanguage
constexpr size_t kMaxTextBytes = 1023;  // text, uri

void append_u16(std::string& out, size_t value) {
  out.push_back(static_cast<char>((value >> 8) & 0xff));
  out.push_back(static_cast<char>(value & 0xff));
}

void append_u32(std::string& out, uint32_t value) {
  append_u16(out, value >> 16);
  append_u16(out, value & 0xffff);
}

size_t max_bytes(Tag tag) {
  return tag == Tag::text || tag == Tag::uri ? kMaxTextBytes : kMaxNameBytes;
}

// Each operation on a printer begins with its URI, each on a job goes on with the job's id.
Request begin(const Caller& caller, Operation operation) {
  Request request(operation, caller.request_id);
  request.text(Tag::uri, "printer-uri", caller.printer_uri);
  return request;
}

Request begin(const Caller& caller, Operation operation, int32_t job_id) {
  Request request = begin(caller, operation);
  request.integer("job-id", job_id);
  return request;
}

void add_user(Request& request, const Caller& caller) {
  if (!caller.user_name.empty()) {
    request.text(Tag::name, "requesting-user-name", caller.user_name);
  }
}

}  // namespace

Request::Request(Operation operation, uint32_t request_id) {
  bytes_.reserve(512);
  bytes_.push_back(2);  // IPP/2.0, which every printer since 2009 takes
  bytes_.push_back(0);
  append_u16(bytes_, static_cast<uint16_t>(operation));
  append_u32(bytes_, request_id);
  group(Tag::operation_group);
  text(Tag::charset, "attributes-charset", "utf-8");
  text(Tag::language, "attributes-natural-language", "en");
}

void Request::group(Tag tag) { bytes_.push_back(static_cast<char>(tag)); }

void Request::head(Tag tag, std::string_view name, size_t value_size) {
  bytes_.push_back(static_cast<char>(tag));
  append_u16(bytes_, name.size());
  bytes_.append(name);
  append_u16(bytes_, value_size);
}

void Request::text(Tag tag, std::string_view name, std::string_view value) {
  value = utf8_prefix(value, max_bytes(tag));
  head(tag, name, value.size());
  bytes_.append(value);
}

void Request::integer(std::string_view name, int32_t value) {
  head(Tag::integer, name, 4);
  append_u32(bytes_, static_cast<uint32_t>(value));
}

void Request::boolean(std::string_view name, bool value) {
  head(Tag::boolean, name, 1);
  bytes_.push_back(value ? 1 : 0);
}

void Request::keywords(std::string_view name, Keywords values) {
  for (const char* value : values) {
    text(Tag::keyword, name, value);
    name = {};  // further values of an attribute have no name
  }
}

std::string Request::finish() {
  group(Tag::end);
  return std::move(bytes_);
}

std::string get_printer_attributes(const Caller& caller, Keywords attributes) {
  Request request = begin(caller, Operation::get_printer_attributes);
  add_user(request, caller);
  request.keywords("requested-attributes", attributes);
  return request.finish();
}

std::string validate_job(const Caller& caller, std::string_view job_name, std::string_view mime) {
  Request request = begin(caller, Operation::validate_job);
  add_user(request, caller);
  request.text(Tag::name, "job-name", job_name);
  request.text(Tag::mime, "document-format", mime);
  return request.finish();
}

std::string create_job(const Caller& caller, std::string_view job_name) {
  Request request = begin(caller, Operation::create_job);
  add_user(request, caller);
  request.text(Tag::name, "job-name", job_name);
  return request.finish();
}

std::string send_document(const Caller& caller, int32_t job_id, std::string_view mime) {
  Request request = begin(caller, Operation::send_document, job_id);
  add_user(request, caller);
  if (!mime.empty()) request.text(Tag::mime, "document-format", mime);
  request.boolean("last-document", true);
  return request.finish();
}

std::string get_job_attributes(const Caller& caller, int32_t job_id, Keywords attributes) {
  Request request = begin(caller, Operation::get_job_attributes, job_id);
  add_user(request, caller);
  request.keywords("requested-attributes", attributes);
  return request.finish();
}

std::string get_jobs(const Caller& caller, std::string_view which, int32_t limit,
                     Keywords attributes) {
  Request request = begin(caller, Operation::get_jobs);
  add_user(request, caller);
  request.integer("limit", limit);
  request.keywords("requested-attributes", attributes);
  request.text(Tag::keyword, "which-jobs", which);
  return request.finish();
}

std::string cancel_job(const Caller& caller, int32_t job_id) {
  Request request = begin(caller, Operation::cancel_job, job_id);
  add_user(request, caller);
  return request.finish();
}

}  // namespace holdfast::codec::ipp

namespace holdfast::codec {

std::string ipp_probe_request(const std::string& printer_uri) {
  ipp::Caller caller;
  caller.printer_uri = printer_uri;
  return ipp::get_printer_attributes(caller, {"printer-state", "printer-is-accepting-jobs"});
}

}  // namespace holdfast::codec
