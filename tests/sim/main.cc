// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// holdfast-sim: many random histories of one device, each from a seed, each judged.
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstring>

#include "sim/mutant_names.h"
#include "sim/reduce.h"
#include "sim/world.h"

namespace holdfast::sim {
namespace {

constexpr const char* kUsage =
    R"(usage: holdfast-sim [options]

  --seeds A..B     run the seeds A to B, both included (default 1..200); or one: --seeds 17
  --hours H        simulated hours of faults in each history (default 2), before all is repaired
  --scenario NAME  random (default) or dying-primary: a primary that dies every minute
  --mutant NAME    break the core on purpose; see --list
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
  int64_t hours = 2;
  bool dying_primary = false, twice = false, trace = false, reduce = false, probes = true;
  const char* mutant = "none";
  const char* killed_by = nullptr;
};

int wrong(const char* text, const char* value) {
  std::fprintf(stderr, "holdfast-sim: %s '%s'; see --help\n", text, value);
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

// -1: go on.
int parse(int argc, char** argv, Options* options) {
  for (int i = 1; i < argc; ++i) {
    const char* const name = argv[i];
    const auto is = [&](const char* known) { return std::strcmp(name, known) == 0; };
    if (is("--help")) return std::fputs(kUsage, stdout) < 0;
    if (is("--list")) return list();
    bool* const flag = is("--twice")    ? &options->twice
                       : is("--trace")  ? &options->trace
                       : is("--reduce") ? &options->reduce
                                        : nullptr;
    if (flag != nullptr) {
      *flag = true;
      continue;
    }
    if (is("--no-probes")) {
      options->probes = false;
      continue;
    }
    const bool known =
        is("--seeds") || is("--hours") || is("--mutant") || is("--scenario") || is("--killed-by");
    if (!known) return wrong("unknown option", name);
    if (i + 1 == argc) return wrong("no value for", name);
    const char* const value = argv[++i];
    const char* rest = value;
    uint64_t n = 0;
    if (is("--mutant")) {
      options->mutant = value;
      if (!set_mutant(value)) return wrong("unknown mutant", value);
    } else if (is("--killed-by")) {
      options->killed_by = value;
    } else if (is("--scenario")) {
      options->dying_primary = std::strcmp(value, "dying-primary") == 0;
      if (!options->dying_primary && std::strcmp(value, "random") != 0)
        return wrong("unknown scenario", value);
    } else if (is("--hours")) {
      if (!number(value, &n, &rest) || *rest != '\0' || n < 1 || n > 8760)
        return wrong("--hours takes 1..8760, not", value);
      options->hours = static_cast<int64_t>(n);
    } else {
      bool good = number(value, &options->first, &rest);
      options->last = options->first;
      if (good && std::strncmp(rest, "..", 2) == 0) good = number(rest + 2, &options->last, &rest);
      if (!good || *rest != '\0' || options->last < options->first)
        return wrong("--seeds takes A..B or one number, not", value);
    }
  }
  return -1;
}

struct Totals {
  uint64_t seeds = 0, failed = 0, events = 0, requests = 0, switches = 0, returns = 0, unserved = 0;
  int64_t simulated_us = 0;
  uint64_t traces = 0;  // a fingerprint of all
  Duration longest_over{};
};

Scenario scenario_of(const Options& options, uint64_t seed) {
  const Duration length = seconds(3600) * options.hours;
  return options.dying_primary ? dying_primary(seed, length) : draw_scenario(seed, length);
}

void show(const Options& options, const Scenario& scenario, const Outcome& outcome) {
  const Violation& v = outcome.violation;
  std::printf("\nFAILED seed %" PRIu64 " --hours %" PRId64 "%s --mutant %s\n", scenario.seed,
              options.hours, options.dying_primary ? " --scenario dying-primary" : "",
              options.mutant);
  std::printf("invariant %s: %s\n  at %.6f s: %s\n", v.number.c_str(), v.name.c_str(),
              static_cast<double>(v.at.us) / 1e6, v.detail.c_str());
  std::printf("%s", describe(scenario).c_str());
  std::printf("the end of the trace:\n%s", outcome.tail.c_str());
}

Outcome run_seed(const Options& options, uint64_t seed, Reached* reached, Totals* totals) {
  Scenario scenario = scenario_of(options, seed);
  Outcome outcome = World(scenario, options.trace, reached).run();
  if (options.twice && !outcome.violation.found) {
    Reached unused;
    const Outcome second = World(scenario, false, &unused).run();
    if (second.trace_hash != outcome.trace_hash)
      outcome.violation = {true, "28", invariant_name("28"), "two runs differ", {}};
  }
  ++totals->seeds;
  totals->events += outcome.events;
  totals->requests += outcome.requests;
  totals->switches += outcome.switches;
  totals->returns += outcome.returns;
  totals->traces = totals->traces * 0x100000001b3ull + outcome.trace_hash;
  totals->unserved += outcome.unserved;
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
  uint64_t missed = 0, met = 0;
  for (size_t i = 0; i < kSometimes; ++i) (reached.times[i] == 0 ? missed : met) += 1;
  std::printf("%" PRIu64 " seeds, %.0f simulated hours, %" PRIu64 " events, %" PRIu64
              " requests, %" PRIu64 " switches, %" PRIu64 " returns\n",
              totals.seeds, static_cast<double>(totals.simulated_us) / 3.6e9, totals.events,
              totals.requests, totals.switches, totals.returns);
  std::printf("traces: %016" PRIx64 "\n", totals.traces);
  std::printf("%.1f s: %.1f seeds a second, %.0f simulated hours a second\n", elapsed,
              static_cast<double>(totals.seeds) / elapsed,
              static_cast<double>(totals.simulated_us) / 3.6e9 / elapsed);
  std::printf("the longest wait over a deadline: %.1f ms; not served by anybody: %" PRIu64 "\n",
              static_cast<double>(totals.longest_over.us) / 1e3, totals.unserved);
  std::printf("seen sometimes: %" PRIu64 " of %zu\n", met, kSometimes);
  const bool judge = options.probes && !options.dying_primary && totals.failed == 0;
  // Its fallback is always there: everything is served, and each day has its few returns.
  const int64_t hours = totals.simulated_us / 3600000000 + 1;
  if (options.dying_primary && (totals.unserved != 0 || totals.returns == 0 ||
                                totals.returns > static_cast<uint64_t>(hours) * 2)) {
    std::printf("a primary that dies every minute: %" PRIu64 " requests not served, %" PRIu64
                " returns in %" PRId64 " hours\n0 passed, 1 failed\n",
                totals.unserved, totals.returns, hours);
    return 1;
  }
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
    if (options.killed_by != nullptr && outcome.violation.found) {
      const bool right = outcome.violation.number == options.killed_by;
      std::printf("mutant %s: seed %" PRIu64 " breaks invariant %s (%s): %s, after %" PRIu64
                  " seeds%s\n",
                  options.mutant, seed, outcome.violation.number.c_str(),
                  outcome.violation.name.c_str(), outcome.violation.detail.c_str(), totals.seeds,
                  right ? "" : "; another one was expected");
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
}  // namespace holdfast::sim

int main(int argc, char** argv) {
  holdfast::sim::Options options;
  const int code = holdfast::sim::parse(argc, argv, &options);
  return code >= 0 ? code : holdfast::sim::run(options);
}
