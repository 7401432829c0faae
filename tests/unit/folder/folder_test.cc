// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "holdfast/adapters/folder_engine.h"
#include "support/temporary_directory.h"

using namespace holdfast;
using namespace holdfast::test;

namespace {

class Document : public DocumentReader {
 public:
  Document(std::string bytes, uint64_t claimed) : bytes_(std::move(bytes)), claimed_(claimed) {}
  uint64_t size() const override { return claimed_; }
  Result<size_t> read(uint8_t* data, size_t capacity) override {
    const size_t size = bytes_.size() - at_ < capacity ? bytes_.size() - at_ : capacity;
    std::memcpy(data, bytes_.data() + at_, size);
    at_ += size;
    return size;
  }
  Status rewind() override {
    at_ = 0;
    return {};
  }

 private:
  std::string bytes_;
  uint64_t claimed_;
  size_t at_ = 0;
};

std::unique_ptr<DocumentReader> document(const std::string& bytes) {
  return std::make_unique<Document>(bytes, bytes.size());
}

PrintAttempt attempt(const std::string& id, uint32_t pages = 3) {
  PrintAttempt result;
  result.attempt_id = id;
  result.job.uuid = "0f0e";
  result.job.sha256 = "abc";
  result.mime = "application/pdf";
  result.user_name = "ada";
  result.job_name = "a \"quoted\"\nname";
  result.pages = pages;
  return result;
}

struct Bench {
  TemporaryDirectory temporary;
  std::string directory = temporary / "out";
  std::unique_ptr<PrintEngine> engine;
  std::vector<PrintEvent> events;
  Instant now = {0};

  explicit Bench(uint32_t page_ms = 0) { open(page_ms); }
  void open(uint32_t page_ms = 0) {
    engine.reset();
    events.clear();
    FolderEngineConfig config;
    config.directory = directory;
    config.page_ms = page_ms;
    config.max_jobs = 2;
    auto made = folder_engine(config);
    REQUIRE(made.has_value());
    engine = std::move(*made);
  }
  void run(int64_t ms) {
    for (const Instant end = now + milliseconds(ms); now < end; now = now + milliseconds(10)) {
      engine->poll(now);
      PrintEvent event;
      while (engine->take(event)) events.push_back(event);
    }
  }
  const PrintEvent& last() const { return events.back(); }
  std::string file(const std::string& name) const { return directory + "/" + name; }
  std::string journal() const { return read_file(file("printed.ndjson")); }
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a document is printed: the file, the journal's line, the events") {
  Bench bench;
  const std::string bytes(3000000, 'x');
  REQUIRE(bench.engine->start(attempt("a-1"), document(bytes)).ok());
  CHECK(bench.engine->start(attempt("a-1"), document(bytes)).code() == Code::already_exists);
  bench.run(100);
  REQUIRE(bench.events.size() == 2);
  CHECK(bench.events[0].phase == PrintPhase::accepted);
  CHECK(bench.events[0].engine_job == "a-1.pdf");
  CHECK(bench.last().phase == PrintPhase::completed);
  CHECK(bench.last().impressions == 3);
  CHECK(read_file(bench.file("a-1.pdf")) == bytes);
  CHECK_FALSE(file_exists(bench.file("a-1.part")));
  CHECK(bench.journal() ==
        "{\"attempt\":\"a-1\",\"outcome\":\"completed\",\"impressions\":3,\"bytes\":3000000,"
        "\"file\":\"a-1.pdf\",\"job\":\"0f0e\",\"sha256\":\"abc\",\"user\":\"ada\","
        "\"name\":\"a \\\"quoted\\\"\\u000aname\"}\n");
  CHECK(bench.engine->start(attempt("a-1"), document(bytes)).code() == Code::already_exists);
  CHECK(bench.engine->poll(bench.now) == Instant::never());
}

TEST_CASE("pages come out one by one, and the file appears with the last") {
  Bench bench(100);
  REQUIRE(bench.engine->start(attempt("a-1"), document("x")).ok());
  bench.run(250);
  CHECK(bench.last().phase == PrintPhase::printing);
  CHECK(bench.last().impressions == 2);
  CHECK_FALSE(file_exists(bench.file("a-1.pdf")));
  CHECK(file_exists(bench.file("a-1.part")));
  bench.run(100);
  CHECK(bench.last().phase == PrintPhase::completed);
  CHECK(file_exists(bench.file("a-1.pdf")));
}

TEST_CASE("pages unknown count as one; unknown formats get .bin") {
  Bench bench;
  PrintAttempt odd = attempt("a-1", 0);
  odd.mime = "application/vnd.example";
  REQUIRE(bench.engine->start(odd, document("x")).ok());
  bench.run(50);
  CHECK(bench.last().impressions == 1);
  CHECK(file_exists(bench.file("a-1.bin")));
}

TEST_CASE("canceled: what came out is told, also after a restart") {
  Bench bench(100);
  REQUIRE(bench.engine->start(attempt("a-1"), document("x")).ok());
  bench.run(150);
  bench.engine->cancel("a-1");
  bench.engine->cancel("a-1");
  bench.run(500);
  CHECK(bench.last().phase == PrintPhase::canceled);
  CHECK(bench.last().impressions == 1);
  CHECK_FALSE(file_exists(bench.file("a-1.part")));
  CHECK_FALSE(file_exists(bench.file("a-1.pdf")));
  bench.open();
  REQUIRE(bench.engine->reattach(attempt("a-1"), "a-1.pdf").ok());
  bench.run(10);
  REQUIRE(bench.events.size() == 1);
  CHECK(bench.last().phase == PrintPhase::canceled);
  CHECK(bench.last().impressions == 1);
}

TEST_CASE("faults by file: jam, abort, vanish") {
  Bench bench(100);
  write_file(bench.file("fault.jam"), "");
  REQUIRE(bench.engine->start(attempt("a-1"), document("x")).ok());
  bench.run(1000);
  CHECK(bench.last().phase == PrintPhase::printing);
  CHECK(bench.last().reason == "media-jam");
  std::remove(bench.file("fault.jam").c_str());
  bench.run(1000);
  CHECK(bench.last().phase == PrintPhase::completed);

  write_file(bench.file("fault.abort_at"), "2\n");
  REQUIRE(bench.engine->start(attempt("a-2"), document("x")).ok());
  bench.run(1000);
  CHECK(bench.last().phase == PrintPhase::aborted);
  CHECK(bench.last().impressions == 2);
  std::remove(bench.file("fault.abort_at").c_str());

  REQUIRE(bench.engine->start(attempt("a-3"), document("x")).ok());
  bench.run(150);
  write_file(bench.file("fault.vanish"), "");
  bench.run(200);
  CHECK(bench.last().phase == PrintPhase::unknown);
  CHECK(bench.last().impressions == 1);
}

TEST_CASE("after a power cut: half written is not started, renamed is completed") {
  Bench bench(1000);
  REQUIRE(bench.engine->start(attempt("a-1"), document("x")).ok());
  bench.run(1500);
  bench.open();  // the engine is gone in mid print
  REQUIRE(file_exists(bench.file("a-1.part")));
  REQUIRE(bench.engine->reattach(attempt("a-1"), "").ok());
  bench.run(10);
  CHECK(bench.last().phase == PrintPhase::not_started);
  CHECK(bench.last().impressions == 0);
  CHECK_FALSE(file_exists(bench.file("a-1.part")));

  write_file(bench.file("a-2.pdf"), "x");  // renamed, and then no line was written
  write_file(bench.file("printed.ndjson"), "{\"attempt\":\"a-2\",\"outcome\":\"abor");
  REQUIRE(bench.engine->reattach(attempt("a-2"), "").ok());
  bench.run(10);
  CHECK(bench.last().phase == PrintPhase::completed);
  CHECK(bench.last().impressions == 3);
  CHECK(contains(bench.journal(),
                 "\"outcome\":\"abor\n{\"attempt\":\"a-2\",\"outcome\":\"completed\""));

  REQUIRE(bench.engine->reattach(attempt("a-3"), "").ok());
  bench.run(10);
  CHECK(bench.last().phase == PrintPhase::not_started);
}

TEST_CASE("the journal is found in across many lines, and isn't fooled by names") {
  Bench bench;
  std::string lines = std::string(40000, 'z') + "\n";
  for (int i = 0; i < 2000; ++i) {
    lines += "{\"attempt\":\"b-" + std::to_string(i) +
             "\",\"outcome\":\"completed\",\"impressions\":1,\"bytes\":1,\"name\":"
             "\"{\\\"attempt\\\":\\\"a-1\\\",\\\"outcome\\\":\\\"completed\\\"\"}\n";
  }
  lines += "{\"attempt\":\"a-11\",\"outcome\":\"aborted\",\"impressions\":7,\"bytes\":1}\n";
  write_file(bench.file("printed.ndjson"), lines);
  REQUIRE(bench.engine->reattach(attempt("a-1"), "").ok());
  bench.run(10);
  CHECK(bench.last().phase == PrintPhase::not_started);
  REQUIRE(bench.engine->reattach(attempt("a-11"), "").ok());
  bench.run(10);
  CHECK(bench.last().phase == PrintPhase::aborted);
  CHECK(bench.last().impressions == 7);
}

TEST_CASE("a document shorter than it claims is never printed") {
  Bench bench;
  REQUIRE(bench.engine->start(attempt("a-1"), std::make_unique<Document>("short", 6)).ok());
  bench.run(50);
  CHECK(bench.last().phase == PrintPhase::not_started);
  CHECK_FALSE(file_exists(bench.file("a-1.pdf")));
  CHECK_FALSE(file_exists(bench.file("a-1.part")));
}

TEST_CASE("a preposterous number of pages costs nothing") {
  Bench bench;
  REQUIRE(bench.engine->start(attempt("a-1", 4294967295u), document("x")).ok());
  bench.run(20);
  CHECK(bench.last().phase == PrintPhase::completed);
  CHECK(bench.last().impressions == 4294967295u);
}

TEST_CASE("bad calls and limits") {
  Bench bench(1000);
  for (const char* id : {"", "../a", "a/b", "a.b", "a b"}) {
    CHECK(bench.engine->start(attempt(id), document("x")).code() == Code::invalid_argument);
    CHECK(bench.engine->reattach(attempt(id), "").code() == Code::invalid_argument);
  }
  CHECK(bench.engine->start(attempt("a-1"), nullptr).code() == Code::invalid_argument);
  REQUIRE(bench.engine->start(attempt("a-1"), document("x")).ok());
  CHECK(bench.engine->reattach(attempt("a-1"), "").code() == Code::already_exists);
  REQUIRE(bench.engine->start(attempt("a-2"), document("x")).ok());
  CHECK(bench.engine->start(attempt("a-3"), document("x")).code() == Code::busy);

  std::string problem;
  FolderEngineConfig second;
  second.directory = bench.directory;
  CHECK(folder_engine(second, &problem).error().code() == Code::busy);
  CHECK(contains(problem, bench.directory));
  second.directory = bench.temporary / "missing/deeper";
  CHECK_FALSE(folder_engine(second, &problem).has_value());
  CHECK(contains(problem, "missing/deeper"));
  second.directory = "";
  CHECK(folder_engine(second, &problem).error().code() == Code::invalid_argument);
}
