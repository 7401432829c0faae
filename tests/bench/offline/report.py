# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""Numbers from what was measured, tables from the numbers, and the goals."""
import json
import math
import os
import pathlib
import random
import statistics

BOUND = 4.5  # of |t| and |z|: by chance in one of 100,000 comparisons
PAIRS = (("card", "card_known", "card_unknown", "granted"),
         ("PIN", "pin_known", "pin_unknown", "granted"),
         ("password, wrong", "password_wrong", "password_unknown", "refused"),
         ("password, right", "password_right", "password_unknown", "granted"))
MIB = 1048576


def machine():
    model = next((line.split(":", 1)[1].strip()
                  for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), "unknown processor")
    return {"processor": model, "processors": os.cpu_count(), "kernel": os.uname().release}


def percentile(values, part):
    """The smallest value that at least so large a part of the values doesn't exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * part // 100) - 1)] if ordered else 0


def polls(found):
    wall, cpu = found["poll_us"], found["poll_cpu_us"]
    return {"polls": len(wall), "p50_ms": percentile(wall, 50) / 1000,
            "p99_ms": percentile(wall, 99) / 1000, "max_ms": max(wall) / 1000,
            "above": sum(one > 5000 for one in wall), "cpu_max_ms": max(cpu) / 1000,
            "cpu_above": sum(one > 5000 for one in cpu)}


def by_kind(numbers, pick):
    """Cards and passwords take turns, and not the same time: each kind has a median of its own."""
    return sum(statistics.median(numbers[i] for i in pick if i % 2 == kind) for kind in (0, 1)) / 2


def ratio_interval(upper, lower):
    """95 % of the ratios that the same pairs, drawn again, would give."""
    dice = random.Random(1)
    ratios = []
    for _ in range(1000):
        pick = [dice.randrange(len(upper) // 2) * 2 + i % 2 for i in range(len(upper))]
        ratios.append(by_kind(upper, pick) / by_kind(lower, pick))
    ratios.sort()
    return ratios[25], ratios[975]


def cost(found):
    login, bare = found["login_us"], found["bare_us"]
    everyone = range(len(login))

    def median(name):
        return by_kind(found[name], everyone)
    return {"logins": len(login), "login_ms": median("login_us") / 1000, "bare_ms": median("bare_us") / 1000,
            "ratio": median("login_us") / median("bare_us"), "interval": ratio_interval(login, bare),
            "cpu_ratio": median("login_cpu_us") / median("bare_cpu_us"),
            "rest_ms": median("rest_us") / 1000, "rest": median("rest_us") / median("bare_us"),
            "commits": found["commits"], "iterations": found["iterations"]}


def welch(a, b):
    spread = statistics.variance(a) / len(a) + statistics.variance(b) / len(b)
    return (statistics.fmean(a) - statistics.fmean(b)) / math.sqrt(spread)


def mann_whitney(a, b):
    """z of the rank sum, positive where a takes longer; ties get their mean rank."""
    both = sorted([(value, 0) for value in a] + [(value, 1) for value in b])
    ranks, ties, at = 0.0, 0, 0
    while at < len(both):
        end = at
        while end < len(both) and both[end][0] == both[at][0]:
            end += 1
        ranks += (at + 1 + end) / 2 * sum(who == 0 for _, who in both[at:end])
        ties += (end - at) ** 3 - (end - at)
        at = end
    n = len(both)
    variance = len(a) * len(b) / 12 * (n + 1 - ties / (n * (n - 1)))
    return (ranks - len(a) * (n + 1) / 2) / math.sqrt(variance)


def alike(found, known, unknown):
    """Also without the slowest tenth, which belongs to whatever else ran."""
    a, b = found[known + "_us"], found[unknown + "_us"]
    limit = percentile(a + b, 90)
    return {"tries": len(a), "known_ms": statistics.median(a) / 1000,
            "unknown_ms": statistics.median(b) / 1000,
            "difference_us": statistics.median(a) - statistics.median(b),
            "cpu_difference_us": statistics.median(found[known + "_cpu_us"]) -
            statistics.median(found[unknown + "_cpu_us"]),
            "t": welch(a, b), "z": mann_whitney(a, b),
            "t_cropped": welch([x for x in a if x <= limit], [x for x in b if x <= limit])}


def summary(found):
    full, watch = found["full"], found["watch"]
    return {
        "users": found["users"], "mode": found["mode"], "seconds": found["seconds"],
        "machine": {key: found[key] for key in ("processor", "processors", "kernel", "load", "load_after")},
        "cost": cost(found["worker"]), "inline": {**cost(found["inline"]), "polls": polls(found["inline"])},
        "alike": {title: alike(found["blind"], known, unknown) for title, known, unknown, _ in PAIRS},
        "polls": {"login": polls(found["worker"]), "full": polls(full), "watch": polls(watch)},
        "full": {key: value for key, value in full.items() if not key.startswith("poll")},
        "delta": {key: value for key, value in found["delta"].items() if not key.startswith("poll")},
        "watch": {**{key: value for key, value in watch.items() if not isinstance(value, list)},
                  "granted": len(watch["granted_us"]),
                  "p50_ms": percentile(watch["granted_us"], 50) / 1000,
                  "p99_ms": percentile(watch["granted_us"], 99) / 1000,
                  "max_ms": max(watch["granted_us"], default=0) / 1000},
        "tidy_s": found["tidy_s"], "open": found["open"], "cache_bytes": found["cache_bytes"],
    }


def verdict(goal, passed, found):
    return {"goal": goal, "passed": bool(passed), "found": found}


def judged(s):
    found = [verdict("an offline login costs at most 2 % beyond derivation and bare commits",
                     s["cost"]["ratio"] <= 1.02,
                     f"{100 * (s['cost']['ratio'] - 1):+.2f} % "
                     f"(95 %: {100 * (s['cost']['interval'][0] - 1):+.2f} to "
                     f"{100 * (s['cost']['interval'][1] - 1):+.2f}); measured inside the login "
                     f"{100 * s['cost']['rest']:.2f} %")]
    for title, one in s["alike"].items():
        worst = max(abs(one[key]) for key in ("t", "z", "t_cropped"))
        found.append(verdict(f"{title}: known and unknown alike, |t| and |z| at most {BOUND}",
                             worst <= BOUND,
                             f"t {one['t']:+.1f}, without the slowest tenth {one['t_cropped']:+.1f}, "
                             f"z {one['z']:+.1f}; medians differ by {one['difference_us']:+.0f} us"))
    for key, title in (("login", "logins"), ("full", "synchronisation"),
                       ("watch", "synchronisation with logins")):
        one = s["polls"][key]
        found.append(verdict(f"poll() at most 5 ms, p99, during {title}", one["p99_ms"] <= 5,
                             f"{one['p99_ms']:.2f} ms, at most {one['max_ms']:.1f}"))
    peak = max(s["full"]["heap_peak_bytes"], s["watch"]["heap_peak_bytes"])
    watch = s["watch"]
    return found + [
        verdict("full synchronisation: heap of the library below 8 MiB", peak < 8 * MIB,
                f"{peak / MIB:.2f} MiB"),
        verdict("delta of 100 users below 1 s", s["delta"]["since_health_s"] < 1,
                f"{s['delta']['since_health_s']:.2f} s"),
        verdict("logins during synchronisation see the old or the new list, and one change",
                watch["switches"] == 1 and watch["ends_new"] and watch["during"] >= 10 and
                watch["unanswered"] * 10 <= watch["tries"],
                f"{watch['switches']} change in {watch['tries']} tries, {watch['during']} of them meanwhile; "
                f"{watch['unanswered']} unanswered"),
    ]


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "| :-- |" + " --: |" * (len(head) - 1)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def logins_table(s):
    def column(one):
        return [str(one["logins"]), f"{one['login_ms']:.2f}", f"{one['bare_ms']:.2f}",
                f"{100 * (one['ratio'] - 1):+.2f} % ({100 * (one['interval'][0] - 1):+.2f} to "
                f"{100 * (one['interval'][1] - 1):+.2f})",
                f"{100 * (one['cpu_ratio'] - 1):+.2f} %", f"{one['rest_ms']:.2f} ms, {100 * one['rest']:.2f} %"]
    titles = ["logins", "login, ms", "bare derivation and commits, ms", "more than bare (95 %)",
              "the same of processor time", "neither derivation nor writing, inside the login"]
    return table(["", "worker", "inline"],
                 [list(row) for row in zip(titles, column(s["cost"]), column(s["inline"]))])


def alike_table(s):
    return table(["", "tries", "known, ms", "unknown, ms", "difference, us", "t", "t, cropped", "z"],
                 [[title, str(one["tries"]), f"{one['known_ms']:.2f}", f"{one['unknown_ms']:.2f}",
                   f"{one['difference_us']:+.0f}", f"{one['t']:+.2f}", f"{one['t_cropped']:+.2f}",
                   f"{one['z']:+.2f}"] for title, one in s["alike"].items()])


def poll_table(s):
    rows = (("logins, worker", s["polls"]["login"]), ("full list, worker", s["polls"]["full"]),
            ("full list and logins, worker", s["polls"]["watch"]), ("logins, inline", s["inline"]["polls"]))
    return table(["`poll()` during", "calls", "median, ms", "p99, ms", "max, ms", "above 5 ms",
                  "... of processor time"],
                 [[title, str(one["polls"]), f"{one['p50_ms']:.3f}", f"{one['p99_ms']:.2f}",
                   f"{one['max_ms']:.1f}", str(one["above"]), str(one["cpu_above"])] for title, one in rows])


def list_table(s):
    full, delta, watch = s["full"], s["delta"], s["watch"]
    rows = [("from the probe that told of it, s", f"{full['since_health_s']:.1f}",
             f"{delta['since_health_s']:.2f}", f"{watch['seconds']:.1f}"),
            ("of it the server's manifest, s", *(f"{one['manifest_s']:.2f}" for one in (full, delta, watch))),
            ("chunks", *(str(one["chunks"]) for one in (full, delta, watch))),
            ("received, MiB", *(f"{one['chunk_bytes'] / MIB:.1f}" for one in (full, delta, watch))),
            ("written to the disk, MiB", *(f"{one['written_bytes'] / MIB:.1f}" for one in (full, delta, watch))),
            ("peak heap of the library, MiB", *(f"{one['heap_peak_bytes'] / MIB:.2f}"
                                                for one in (full, delta, watch))),
            ("... of it SQLite's", *(f"{one['sqlite_peak_bytes'] / MIB:.2f}" for one in (full, delta, watch))),
            ("libcurl and OpenSSL, beside it", *(f"{one['tls_http_peak_bytes'] / MIB:.2f}"
                                                 for one in (full, delta, watch)))]
    return table(["", "full list", "100 users", "full list and logins"], [list(row) for row in rows])


def markdown(s):
    m, watch = s["machine"], s["watch"]
    return "\n".join([
        f"{s['users']} users. Machine: {m['processors']} x {m['processor']}, Linux {m['kernel']}, load "
        f"{m['load']:.1f} before and {m['load_after']:.1f} after. {s['seconds']} s.\n",
        logins_table(s), alike_table(s), poll_table(s), list_table(s),
        f"Logins while the full list came: {watch['granted']} granted, wait {watch['p50_ms']:.0f} ms median, "
        f"{watch['p99_ms']:.0f} p99, {watch['max_ms']:.0f} max, of which home's silence is 100. Then "
        f"{s['tidy_s']:.0f} s of tidying in the background.\n",
        f"Start: {s['open']['structure_s']:.2f} s for the file's structure, {s['open']['rows_s']:.2f} s for all "
        f"rows, peak heap {s['open']['heap_peak_bytes'] / MIB:.2f} MiB. `cred.db`: "
        f"{s['cache_bytes'] / MIB:.1f} MiB.\n"])


def update_docs(text):
    page = pathlib.Path(__file__).resolve().parents[3] / "docs/benchmark_offline.md"
    head, _, rest = page.read_text().partition("<!-- measured -->\n")
    tail = rest.partition("<!-- end -->\n")[2]
    page.write_text(f"{head}<!-- measured -->\n{text}<!-- end -->\n{tail}")


def told(found, out, update):
    numbers = summary(found)
    verdicts = judged(numbers)
    (out / "offline.json").write_text(json.dumps({"summary": numbers, "verdicts": verdicts}, indent=1) + "\n")
    text = markdown(numbers)
    (out / "offline.md").write_text(text)
    print(text)
    if update:
        update_docs(text)
    for one in verdicts:
        print(f"{'PASS' if one['passed'] else 'FAIL'}  {one['goal']}: {one['found']}")
    return 0 if all(one["passed"] for one in verdicts) else 1
