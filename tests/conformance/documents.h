// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What every Documents must do. `make` opens the same storage each time it is called, with a quota
// of kQuota_bytes; at first it is empty. What it gave is destroyed before the next one is made.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "holdfast/ports/documents.h"

namespace holdfast::conformance {

constexpr uint64_t kQuota_bytes = 200000;

inline Status write_text(BodySink& sink, const std::string& text) {
  return sink.write(reinterpret_cast<const uint8_t*>(text.data()), text.size());
}

// Everything from where the source stands, in pieces of an odd size.
inline std::string read_all(BodySource& source) {
  std::string text;
  uint8_t piece[1021];
  for (;;) {
    const Result<size_t> given = source.read(piece, sizeof piece);
    CHECK(given.has_value());
    if (!given || *given == 0) return text;
    text.append(reinterpret_cast<const char*>(piece), *given);
  }
}

inline std::vector<std::string> sorted_list(Documents& documents) {
  std::vector<std::string> ids = documents.list().value_or(std::vector<std::string>{"(failed)"});
  std::sort(ids.begin(), ids.end());
  return ids;
}

inline void document_life(Documents& documents, const std::string& content) {
  using Ids = std::vector<std::string>;
  CHECK(sorted_list(documents) == Ids{});
  CHECK(documents.open("job-1").error().code() == Code::not_found);
  CHECK(documents.remove("job-1").ok());
  {
    auto writer = documents.create("job-1");
    REQUIRE(writer.has_value());
    CHECK(write_text(**writer, content.substr(0, 1)).ok());
    CHECK(write_text(**writer, content.substr(1)).ok());
    CHECK(sorted_list(documents) == Ids{});  // not before the commit
    CHECK(documents.open("job-1").error().code() == Code::not_found);
    CHECK((*writer)->commit().ok());
    CHECK_FALSE((*writer)->commit().ok());  // once
    CHECK_FALSE(write_text(**writer, "more").ok());
  }
  CHECK(sorted_list(documents) == Ids{"job-1"});
  CHECK(documents.create("job-1").error().code() == Code::already_exists);
  auto reader = documents.open("job-1");
  REQUIRE(reader.has_value());
  CHECK((*reader)->size() == content.size());
  CHECK(read_all(**reader) == content);
  CHECK(read_all(**reader).empty());
  CHECK((*reader)->rewind().ok());
  CHECK(read_all(**reader) == content);
}

inline void document_left_uncommitted(Documents& documents) {
  {
    auto writer = documents.create("never");
    REQUIRE(writer.has_value());
    CHECK(write_text(**writer, "half a docu").ok());
    CHECK_FALSE(documents.create("never").has_value());  // one writer for an id
  }
  CHECK(documents.open("never").error().code() == Code::not_found);
  CHECK(documents.create("never").has_value());  // nothing remained
  auto empty = documents.create("empty");
  REQUIRE(empty.has_value());
  CHECK((*empty)->commit().ok());
  auto reader = documents.open("empty");
  REQUIRE(reader.has_value());
  CHECK((*reader)->size() == 0);
  CHECK(documents.remove("empty").ok());
}

inline void document_names(Documents& documents) {
  const std::string longest(64, 'a');
  for (const std::string& id :
       {std::string(), std::string("../x"), std::string("a/b"), std::string("."),
        std::string("a.b"), longest + "a", std::string("a\0b", 3)}) {
    CAPTURE(id);
    CHECK(documents.create(id).error().code() == Code::invalid_argument);
    CHECK(documents.open(id).error().code() == Code::invalid_argument);
    CHECK(documents.remove(id).code() == Code::invalid_argument);
  }
  auto writer = documents.create(longest);
  CHECK(writer.has_value());
}

inline void document_quota(Documents& documents) {
  const std::string most(kQuota_bytes - 10, 'q');
  {
    auto writer = documents.create("large");
    REQUIRE(writer.has_value());
    CHECK(write_text(**writer, most).ok());
    auto other = documents.create("other");
    REQUIRE(other.has_value());
    CHECK(write_text(**other, "12345").ok());
    CHECK(write_text(**other, "123456").code() == Code::no_space);
    CHECK_FALSE((*other)->commit().ok());  // never a document with a hole
  }
  auto writer = documents.create("large");  // what was given up is given back
  REQUIRE(writer.has_value());
  CHECK(write_text(**writer, most + "0123456789").ok());
  CHECK((*writer)->commit().ok());
  CHECK(documents.create("other").error().code() == Code::no_space);
  CHECK(documents.remove("large").ok());
  CHECK(documents.create("other").has_value());
}

template <class Make>
void documents(Make make) {
  std::string content = "%PDF-1.7\n";
  for (size_t i = 0; content.size() < 150001; ++i) content += static_cast<char>(i * 7);
  {
    std::unique_ptr<Documents> store = make();
    REQUIRE(store != nullptr);
    document_life(*store, content);
  }
  {
    std::unique_ptr<Documents> store = make();
    REQUIRE(store != nullptr);
    CHECK(sorted_list(*store) == std::vector<std::string>{"job-1"});
    auto reader = store->open("job-1");
    REQUIRE(reader.has_value());
    CHECK(store->remove("job-1").ok());
    CHECK(sorted_list(*store).empty());
    CHECK(read_all(**reader) == content);  // who prints it isn't disturbed
  }
  std::unique_ptr<Documents> store = make();
  REQUIRE(store != nullptr);
  document_left_uncommitted(*store);
  document_names(*store);
  document_quota(*store);
}

}  // namespace holdfast::conformance
