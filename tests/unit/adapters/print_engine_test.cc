// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "conformance/documents.h"
#include "conformance/print_engine.h"
#include "holdfast/adapters/folder_engine.h"
#include "holdfast/adapters/posix.h"
#include "support/fake_documents.h"
#include "support/temporary_directory.h"

namespace holdfast {
namespace {

class FolderBench final : public conformance::PrintEngineBench {
 public:
  explicit FolderBench(std::unique_ptr<PrintEngine> engine) : engine_(std::move(engine)) {
    auto writer = documents_.create("document");
    CHECK(conformance::write_text(**writer, "%PDF-1.7\nnot much of a document\n").ok());
    CHECK((*writer)->commit().ok());
  }
  PrintEngine& engine() override { return *engine_; }
  std::unique_ptr<DocumentReader> document() override {
    return std::move(*documents_.open("document"));
  }
  Instant now() override { return monotonic_now(); }
  void sleep(Instant until) override {
    const Duration length = until - now();
    if (length.us > 0) std::this_thread::sleep_for(std::chrono::microseconds(length.us));
  }

 private:
  test::FakeDocuments documents_;
  std::unique_ptr<PrintEngine> engine_;
};

TEST_CASE("folder engine conforms") {
  for (const uint32_t page_ms : {0u, 30u}) {
    const test::TemporaryDirectory directory;
    FolderEngineConfig config;
    config.directory = directory / "printed";
    config.page_ms = page_ms;
    auto engine = folder_engine(config);
    REQUIRE(engine.has_value());
    FolderBench bench(std::move(*engine));
    conformance::print_engine(bench);
  }
}

}  // namespace
}  // namespace holdfast
