# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""The goals, and whether they were met."""
import report

HEDGE_MS = 30  # its least: the delay that a healthy server in the same building leads to
GRACE_MS = 50
PEERS = ("nginx", "haproxy")


def verdict(goal, passed, found):
    return {"goal": goal, "passed": bool(passed), "found": found}


def first_logins(summary):
    limit = HEDGE_MS + 3 * summary["healthy"]["holdfast"]["p50_ms"] + GRACE_MS
    for fault, columns in summary["first"].items():
        mine = columns["holdfast"]
        within = sum(wait / 1000 <= limit for wait in mine["waits_us"])
        yield verdict(f"{report.FAULT_TITLES[fault]}: 99 of 100 first logins within {limit:.0f} ms",
                      mine["tries"] > 0 and within >= 0.99 * mine["tries"],
                      f"{within} of {mine['tries']}")


def against_peers(summary):
    for fault in ("black_hole", "stopped"):
        columns = summary["first"].get(fault)
        if columns is None:
            continue
        best = min(columns[peer]["max_ms"] for peer in PEERS)
        mine = columns["holdfast"]["p99_ms"]
        yield verdict(f"{report.FAULT_TITLES[fault]}: p99 at most a quarter of the best peer's worst",
                      mine <= best / 4, f"{mine:.1f} ms, peer {best:.0f} ms")


def failed_logins(summary):
    failed = {}
    for part in ("first", "afterwards"):
        for columns in summary[part].values():
            for system, found in columns.items():
                if system == "healthy":
                    continue
                failed[system] = failed.get(system, 0) + found["failed"]
    for system, found in summary["usage"].items():
        failed[system] = failed.get(system, 0) + found["load_failed"]
    others = ", ".join(f"{system} {count}" for system, count in failed.items() if system != "holdfast")
    return verdict("no failed login", failed["holdfast"] == 0, f"{failed['holdfast']} ({others})")


def afterwards(summary):
    for fault, columns in summary["afterwards"].items():
        ratio = columns["holdfast"]["ratio"]
        yield verdict(f"{report.FAULT_TITLES[fault]}: afterwards at most 1.5 times a healthy server's wait",
                      ratio <= 1.5, f"{ratio:.2f}")


def judged(summary):
    usage = summary["usage"]["holdfast"]
    polls = summary["polls"]
    slowest = polls["judged"]["p99_ms"]
    return [
        *first_logins(summary),
        *against_peers(summary),
        failed_logins(summary),
        *afterwards(summary),
        verdict("idle: at most 30 requests a minute", usage["idle_requests_per_minute"] <= 30,
                f"{usage['idle_requests_per_minute']:.1f}"),
        verdict("no thread of the library's own", usage["threads"] == 1, f"{usage['threads']} in all"),
        verdict("poll() at most 5 ms, p99, TLS handshakes excepted", slowest <= 5,
                f"{slowest:.3f} ms; {polls['plain']['above_5_ms']} of {polls['plain']['tries']} above, "
                f"and {polls['handshake']['above_5_ms']} of {polls['handshake']['tries']} with a handshake"),
    ]
