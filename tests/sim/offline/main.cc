// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// holdfast-sim-offline: many random histories of a device whose servers come and go, through the
// whole client and its credential cache, each from a seed, each judged.
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "sim/offline/mutants.h"
#include "sim/offline/reduce.h"
#include "sim/offline/world.h"

namespace holdfast::sim::offline {
namespace {

constexpr const char* kUsage =
    R"(usage: holdfast-sim-offline [options]

  --seeds A..B     run the seeds A to B, both included (default 1..200); or one: --seeds 17
  --hours H        simulated hours of faults in each history (default 4), before all is repaired
  --mutant NAME    break the library on purpose; see --list
  --killed-by N    succeed when a seed breaks invariant N, and fail when none does
  --twice          run each seed twice and compare the traces
  --trace          print everything that happens
  --reduce         shorten the script of a failing seed before it is shown
  --no-probes      don't ask whether everything that should be seen sometimes was
  --list           names of mutants and of what must be seen sometimes
  --help

Exit code: 0 passed, 1 an invariant was broken or something was never seen, 2 wrong options.
)";

struct Options {
  uint64_t first = 1, last = 200;
  int64_t hours = 4;
  bool twice = false, trace = false, reduce = false, probes = true;
  const char* mutant = "none";
  const char* killed_by = nullptr;
};

int wrong(const char* text, const char* value) {
  std::fprintf(stderr, "holdfast-sim-offline: %s '%s'; see --help\n", text, value);
  return 2;
}

bool number(const char* text, uint64_t* value, const char** rest) {
  char* end = nullptr;
  *value = std::strtoull(text, &end, 10);
  *rest = end;
  return end != text && *text >= '0' && *text <= '9';
}

int list() {
  for (const MutantName& mutant : kMutants)
    std::printf("mutant %-24s %s\n", mutant.name, mutant.what);
  for (size_t i = 0; i < kSometimes; ++i)
    std::printf("sometimes %s\n", to_string(static_cast<Sometimes>(i)));
  return 0;
}

bool* flag_of(Options* options, const char* name) {
  if (std::strcmp(name, "--twice") == 0) return &options->twice;
  if (std::strcmp(name, "--trace") == 0) return &options->trace;
  if (std::strcmp(name, "--reduce") == 0) return &options->reduce;
  return nullptr;
}

// -1: go on.
int set(Options* options, const char* name, const char* value) {
  const auto is = [&](const char* known) { return std::strcmp(name, known) == 0; };
  const char* rest = value;
  if (is("--mutant")) {
    options->mutant = value;
    return set_mutant(value) ? -1 : wrong("unknown mutant", value);
  }
  if (is("--killed-by")) {
    options->killed_by = value;
    return -1;
  }
  if (is("--hours")) {
    uint64_t n = 0;
    const bool good = number(value, &n, &rest) && *rest == '\0' && n >= 1 && n <= 1000;
    options->hours = static_cast<int64_t>(n);
    return good ? -1 : wrong("--hours takes 1..1000, not", value);
  }
  bool good = number(value, &options->first, &rest);
  options->last = options->first;
  if (good && std::strncmp(rest, "..", 2) == 0) good = number(rest + 2, &options->last, &rest);
  good = good && *rest == '\0' && options->first <= options->last;
  return good ? -1 : wrong("--seeds takes A..B or one number, not", value);
}

int parse(int argc, char** argv, Options* options) {
  for (int i = 1; i < argc; ++i) {
    const char* const name = argv[i];
    const auto is = [&](const char* known) { return std::strcmp(name, known) == 0; };
    if (is("--help")) return std::fputs(kUsage, stdout) < 0;
    if (is("--list")) return list();
    if (bool* const flag = flag_of(options, name)) {
      *flag = true;
      continue;
    }
    if (is("--no-probes")) {
      options->probes = false;
      continue;
    }
    const bool known = is("--seeds") || is("--hours") || is("--mutant") || is("--killed-by");
    if (!known) return wrong("unknown option", name);
    if (i + 1 == argc) return wrong("no value for", name);
    const int code = set(options, name, argv[++i]);
    if (code >= 0) return code;
  }
  return -1;
}

struct Totals {
  uint64_t seeds = 0, failed = 0, events = 0, logins = 0, cached = 0, kills = 0;
  int64_t simulated_us = 0;
  uint64_t traces = 0;  // a fingerprint of all
  Duration longest_over{};
};

void show(const Options& options, const Scenario& scenario, const Outcome& outcome) {
  const Violation& v = outcome.violation;
  std::printf("\nFAILED seed %" PRIu64 " --hours %" PRId64 " --mutant %s\n", scenario.seed,
              options.hours, options.mutant);
  std::printf("invariant %s: %s\n  at %.6f s: %s\n", v.number.c_str(), invariant_name(v.number),
              static_cast<double>(v.at.us) / 1e6, v.detail.c_str());
  std::printf("%sthe end of the trace:\n%s", describe(scenario).c_str(), outcome.tail.c_str());
}

Outcome run_seed(const Options& options, uint64_t seed, Reached* reached, Totals* totals) {
  Scenario scenario = draw_scenario(seed, seconds(3600) * options.hours);
  Outcome outcome = World(scenario, options.trace, reached).run();
  if (options.twice && !outcome.violation.found) {
    Reached unused;
    const Outcome second = World(scenario, false, &unused).run();
    if (second.trace_hash != outcome.trace_hash)
      outcome.violation = {true, "28", "two runs differ", {}};
  }
  ++totals->seeds;
  totals->events += outcome.events;
  totals->logins += outcome.logins;
  totals->cached += outcome.cached;
  totals->kills += outcome.kills;
  totals->traces = totals->traces * 0x100000001b3ull + outcome.trace_hash;
  totals->simulated_us += outcome.simulated.us;
  totals->longest_over = longer(totals->longest_over, outcome.longest_over);
  if (!outcome.violation.found) return outcome;
  ++totals->failed;
  if (options.killed_by != nullptr) return outcome;
  if (options.reduce) outcome = reduce(&scenario, outcome);
  show(options, scenario, outcome);
  return outcome;
}

int report(const Options& options, const Reached& reached, const Totals& totals, double elapsed) {
  uint64_t missed = 0;
  for (const uint64_t times : reached.times) missed += times == 0 ? 1 : 0;
  const double hours = static_cast<double>(totals.simulated_us) / 3.6e9;
  std::printf("%" PRIu64 " seeds, %.0f simulated hours, %" PRIu64 " events, %" PRIu64
              " logins, %" PRIu64 " answered by the cache, %" PRIu64 " power cuts\n",
              totals.seeds, hours, totals.events, totals.logins, totals.cached, totals.kills);
  std::printf("traces: %016" PRIx64 "\n", totals.traces);
  std::printf("%.1f s: %.1f seeds a second, %.0f simulated hours a second\n", elapsed,
              static_cast<double>(totals.seeds) / elapsed, hours / elapsed);
  std::printf("the longest wait over a deadline: %.1f ms\n",
              static_cast<double>(totals.longest_over.us) / 1e3);
  std::printf("seen sometimes: %zu of %zu\n", kSometimes - static_cast<size_t>(missed), kSometimes);
  const bool judge = options.probes && totals.failed == 0;
  for (size_t i = 0; i < kSometimes && judge; ++i)
    if (reached.times[i] == 0) std::printf("  never: %s\n", to_string(static_cast<Sometimes>(i)));
  std::printf("%" PRIu64 " passed, %" PRIu64 " failed\n", totals.seeds - totals.failed,
              totals.failed);
  return totals.failed > 0 || (judge && missed > 0) ? 1 : 0;
}

int run(const Options& options) {
  Reached reached;
  Totals totals;
  const auto start = std::chrono::steady_clock::now();
  for (uint64_t seed = options.first;; ++seed) {
    const Outcome outcome = run_seed(options, seed, &reached, &totals);
    const Violation& v = outcome.violation;
    if (options.killed_by != nullptr && v.found) {
      const bool right = v.number == options.killed_by;
      std::printf("mutant %s: seed %" PRIu64 " breaks invariant %s (%s): %s, after %" PRIu64
                  " seeds%s\n",
                  options.mutant, seed, v.number.c_str(), invariant_name(v.number),
                  v.detail.c_str(), totals.seeds, right ? "" : "; another one was expected");
      if (right) return 0;
    }
    if (seed == options.last) break;
  }
  if (options.killed_by != nullptr) {
    std::printf("mutant %s survived %" PRIu64 " seeds\n", options.mutant, totals.seeds);
    return 1;
  }
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  return report(options, reached, totals, elapsed.count());
}

}  // namespace
}  // namespace holdfast::sim::offline

int main(int argc, char** argv) {
  holdfast::sim::offline::Options options;
  const int code = holdfast::sim::offline::parse(argc, argv, &options);
  return code >= 0 ? code : holdfast::sim::offline::run(options);
}
