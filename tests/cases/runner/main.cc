// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// holdfast-cases: replays case files on the core. docs/cases.md describes them.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "offline_case.h"
#include "runner.h"

namespace holdfast::cases {
namespace {

struct Options {
  std::vector<std::string> files;
  std::string only;
  uint64_t seeds = 1;
  bool trace = false;
};

const char kUsage[] =
    "usage: holdfast-cases [--trace] [--only TEXT] [--seeds N] FILE...\n"
    "\n"
    "Replays the cases of each file and prints the first difference of each that fails.\n"
    "  --trace      with it the last 20 actions before the difference\n"
    "  --only TEXT  only cases with TEXT in their name\n"
    "  --seeds N    each case with N seeds: its own and those after it\n"
    "Exit code: 0 all passed, 1 one differs, 2 a file can't be read or is no valid case file.\n";

bool read_file(const std::string& path, std::string* text) {
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return false;
  char buffer[65536];
  size_t n = 0;
  while ((n = std::fread(buffer, 1, sizeof buffer, file)) > 0) text->append(buffer, n);
  const bool good = std::ferror(file) == 0;
  return std::fclose(file) == 0 && good;
}

bool parse_options(int argc, char** argv, Options* options) {
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const bool has_value = i + 1 < argc;
    if (word == "--help" || word == "-h") {
      std::fputs(kUsage, stdout);
      std::exit(0);
    } else if (word == "--trace") {
      options->trace = true;
    } else if (word == "--only" && has_value) {
      options->only = argv[++i];
    } else if (word == "--seeds" && has_value) {
      char* end = nullptr;
      options->seeds = std::strtoull(argv[++i], &end, 10);
      if (*end != '\0' || options->seeds == 0 || options->seeds > 1000000) {
        std::fprintf(stderr, "holdfast-cases: --seeds %s: use 1..1000000\n", argv[i]);
        return false;
      }
    } else if (word.size() > 1 && word[0] == '-') {
      std::fprintf(stderr, "holdfast-cases: unknown option or missing value: %s\n%s", word.c_str(),
                   kUsage);
      return false;
    } else {
      options->files.push_back(word);
    }
  }
  if (options->files.empty()) std::fputs(kUsage, stderr);
  return !options->files.empty();
}

void print_trace(const Journal& journal, Instant at) {
  size_t end = 0;
  while (end < journal.records.size() && journal.records[end].at <= at) ++end;
  const size_t begin = end > 20 ? end - 20 : 0;
  std::printf("  the last actions before that:\n");
  for (size_t i = begin; i < end; ++i)
    std::printf("    %s\n", describe(journal.records[i]).c_str());
}

void print_failure(const std::string& file, const std::string& name, const Difference& d) {
  std::printf("FAILED %s: %s\n", file.c_str(), name.c_str());
  if (!d.where.empty()) std::printf("  at       %s\n", d.where.c_str());
  std::printf("  what     %s\n  expected %s\n  got      %s\n", d.what.c_str(), d.expected.c_str(),
              d.got.c_str());
  if (d.at != Instant::never()) std::printf("  time     %s\n", shown(d.at).c_str());
}

bool run_one(const OfflineCase& c, const std::string& file, const Options&) {
  const Difference d = run_offline(c);
  if (d.found()) print_failure(file, c.name, d);
  return !d.found();
}

bool run_one(const Case& c, const std::string& file, const Options& options) {
  for (uint64_t i = 0; i < options.seeds; ++i) {
    Runner runner(c, c.seed + i);
    const Difference d = runner.run();
    if (!d.found()) continue;
    print_failure(file, c.name, d);
    std::printf("  seed     %llu\n", static_cast<unsigned long long>(c.seed + i));
    if (options.trace) print_trace(runner.journal(), d.at);
    return false;
  }
  return true;
}

struct Tally {
  size_t passed = 0, failed = 0;
};

template <class AnyCase>
void run_all(const std::vector<AnyCase>& cases, const std::string& file, const Options& options,
             Tally* tally) {
  for (const AnyCase& c : cases) {
    if (c.name.find(options.only) == std::string::npos) continue;
    ++(run_one(c, file, options) ? tally->passed : tally->failed);
  }
}

int run(const Options& options) {
  // Each file fills one of the two.
  std::vector<std::vector<Case>> all;
  std::vector<std::vector<OfflineCase>> offline;
  bool valid = true;
  for (const std::string& file : options.files) {
    std::string text;
    std::vector<std::string> errors;
    all.emplace_back();
    offline.emplace_back();
    if (!read_file(file, &text)) {
      std::fprintf(stderr, "holdfast-cases: %s: can't be read\n", file.c_str());
      valid = false;
    } else if (is_offline_file(text)) {
      offline.back() = parse_offline_cases(text, &errors);
    } else {
      all.back() = parse_cases(text, &errors);
    }
    for (const std::string& error : errors)
      std::fprintf(stderr, "holdfast-cases: %s: %s\n", file.c_str(), error.c_str());
    valid = valid && errors.empty();
  }
  if (!valid) return 2;

  Tally tally;
  for (size_t f = 0; f < all.size(); ++f) {
    run_all(all[f], options.files[f], options, &tally);
    run_all(offline[f], options.files[f], options, &tally);
  }
  std::printf("%zu passed, %zu failed\n", tally.passed, tally.failed);
  return tally.failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace holdfast::cases

int main(int argc, char** argv) {
  holdfast::cases::Options options;
  if (!holdfast::cases::parse_options(argc, argv, &options)) return 2;
  return holdfast::cases::run(options);
}
