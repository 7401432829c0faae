// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// IPP messages (RFC 8010): the requests that printing needs, and a reader for any answer.
// libcups would cost a hundred times the code and bring a second TLS stack.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "holdfast/status.h"

namespace holdfast::codec::ipp {

// Delimiter tags open a group; value tags say what a value is.
enum class Tag : uint8_t {
  operation_group = 0x01,
  job_group = 0x02,
  end = 0x03,
  printer_group = 0x04,
  unsupported_group = 0x05,
  no_value = 0x13,
  integer = 0x21,
  boolean = 0x22,
  enumeration = 0x23,
  begin_collection = 0x34,
  text_with_language = 0x35,
  name_with_language = 0x36,
  end_collection = 0x37,
  text = 0x41,
  name = 0x42,
  keyword = 0x44,
  uri = 0x45,
  charset = 0x47,
  language = 0x48,
  mime = 0x49,
  member_name = 0x4a,
};

enum class Operation : uint16_t {
  validate_job = 0x0004,
  create_job = 0x0005,
  send_document = 0x0006,
  cancel_job = 0x0008,
  get_job_attributes = 0x0009,
  get_jobs = 0x000a,
  get_printer_attributes = 0x000b,
};

// Status codes that a caller acts upon. Below 0x0100 all is well.
constexpr uint16_t kNotFound = 0x0406;
constexpr uint16_t kFormatNotSupported = 0x040a;
constexpr uint16_t kServiceUnavailable = 0x0502;
constexpr uint16_t kTemporaryError = 0x0505;
constexpr uint16_t kNotAccepting = 0x0506;
constexpr uint16_t kBusy = 0x0507;
constexpr bool is_success(uint16_t code) { return code < 0x0100; }

// RFC 8011, 5.3.7.
enum class PrinterJobState : int32_t {
  pending = 3,
  held = 4,
  processing = 5,
  stopped = 6,
  canceled = 7,
  aborted = 8,
  completed = 9,
};

// ---- requests
// -------------------------------------------------------------------------------------

using Keywords = std::initializer_list<const char*>;

// Builds one request. The operation group is open from the start, with charset and language in it.
// What is longer than IPP allows for its kind is cut (names, between UTF-8 characters).
class Request {
 public:
  Request(Operation operation, uint32_t request_id);

  void group(Tag tag);
  void text(Tag tag, std::string_view name, std::string_view value);
  void integer(std::string_view name, int32_t value);
  void boolean(std::string_view name, bool value);
  void keywords(std::string_view name, Keywords values);
  // Ends the attributes; a document may follow.
  std::string finish();

 private:
  void head(Tag tag, std::string_view name, size_t value_size);

  std::string bytes_;
};

// What each request says of itself.
struct Caller {
  std::string printer_uri;  // ipp:// or ipps://
  std::string user_name;    // requesting-user-name
  uint32_t request_id = 1;
};

std::string get_printer_attributes(const Caller& caller, Keywords attributes);
std::string validate_job(const Caller& caller, std::string_view job_name, std::string_view mime);
std::string create_job(const Caller& caller, std::string_view job_name);
// The head of a Send-Document with last-document; the document's bytes follow it.
std::string send_document(const Caller& caller, int32_t job_id, std::string_view mime);
std::string get_job_attributes(const Caller& caller, int32_t job_id, Keywords attributes);
// `which`: "completed" or "not-completed". All users' jobs; at most `limit`.
std::string get_jobs(const Caller& caller, std::string_view which, int32_t limit,
                     Keywords attributes);
std::string cancel_job(const Caller& caller, int32_t job_id);

// ---- answers
// --------------------------------------------------------------------------------------

constexpr size_t kMaxValues = 16384;  // of one message, over all attributes
constexpr size_t kMaxGroups = 1024;   // one group for each job of a list
constexpr size_t kMaxDepth = 8;       // collections in collections

// One value. An attribute with several values gives several of these with the same name.
struct Value {
  Tag group = Tag::operation_group;
  uint16_t group_index = 0;  // counts the groups of the message: two jobs of a list differ in it
  Tag tag = Tag::no_value;
  std::string_view name;
  std::string_view bytes;  // as they stand in the message

  bool is(std::string_view attribute) const { return name == attribute; }
  // integer and enum; `fallback` for every other kind.
  int32_t number(int32_t fallback) const;
  bool boolean(bool fallback) const;
  // Any kind of text, without its language.
  std::string_view text() const;
};

// Walks over a message's values, one after the other; collections are stepped over whole. Allocates
// nothing and reads nothing outside of `bytes`, which it borrows.
class Reader {
 public:
  explicit Reader(std::string_view bytes);

  // False at the end, and at the first fault; failed() tells which.
  bool next(Value& value);
  bool failed() const { return failed_; }

  uint16_t version() const { return version_; }
  uint16_t code() const { return code_; }  // the status of an answer, the operation of a request
  uint32_t request_id() const { return request_id_; }
  // Bytes behind the end-of-attributes tag (a request's document); valid when next() came to the
  // end.
  std::string_view rest() const { return rest_; }

 private:
  bool number(size_t size, uint32_t& value);
  bool field(std::string_view& field);
  bool open_group(uint8_t tag);
  bool skip_collection();
  bool fail();

  std::string_view rest_;
  std::string_view name_;
  Tag group_ = Tag::end;
  uint16_t group_index_ = 0;
  uint16_t version_ = 0;
  uint16_t code_ = 0;
  uint32_t request_id_ = 0;
  size_t groups_ = 0;
  size_t values_ = 0;
  bool failed_ = false;
  bool ended_ = false;
};

// The whole message can be read to its end-of-attributes tag. A Reader over checked bytes can't
// fail, so that nobody acts on the first half of a damaged answer.
bool is_whole(std::string_view bytes);

}  // namespace holdfast::codec::ipp

namespace holdfast::codec {

// Asks an existing IPP server for a sign of life.
std::string ipp_probe_request(const std::string& printer_uri);
// It gave one: a whole IPP answer with a successful status.
bool ipp_answer_ok(const std::string& body);

}  // namespace holdfast::codec
