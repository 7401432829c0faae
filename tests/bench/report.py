# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""Numbers from what was measured, and tables from the numbers."""
import systems

FAULT_TITLES = {
    "refused": "refused (kill -9)",
    "black_hole": "black hole",
    "hang": "accepts, never answers",
    "stopped": "SIGSTOP",
    "unavailable": "503",
    "handshake_hangs": "TLS handshake hangs",
}
TRANSITION_S = 4  # after which a silent server has been judged dead: silence of 3 s, and a probe


def percentile(values, part):
    """The smallest value that at least so large a part of the values doesn't exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * part // 100) - 1)] if ordered else 0


def spread(waits_us):
    return {"tries": len(waits_us), "p50_ms": percentile(waits_us, 50) / 1000,
            "p99_ms": percentile(waits_us, 99) / 1000, "max_ms": max(waits_us, default=0) / 1000}


def of_tries(tries):
    """A try that came after the system had noticed by itself is none."""
    counted = [one for one in tries if not one["noticed"]]
    found = spread([one["wait_us"] for one in counted])
    found["failed"] = sum(not one["granted"] for one in counted)
    found["latest_ms"] = max((one["after_fault_us"] for one in counted), default=0) / 1000
    found["noticed"] = len(tries) - len(counted)
    found["waits_us"] = [one["wait_us"] for one in counted]
    return found


def of_afterwards(logins, healthy):
    """Against a device that meets the healthy server only, at the same time and pace."""
    start = logins[0]["begun_us"]
    later = [one for one in logins if one["begun_us"] - start >= TRANSITION_S * 1000000]
    found = spread([one["wait_us"] for one in logins[1:]])
    found["settled"] = spread([one["wait_us"] for one in later])
    found["failed"] = sum(not one["granted"] for one in logins)
    found["ratio"] = found["p50_ms"] / spread([one["wait_us"] for one in healthy])["p50_ms"]
    return found


def of_polls(polls):
    slow = polls["slow"]
    found = {name: {**spread(polls[name + "_us"]),
                    "above_5_ms": sum(took > 5000 for took in polls[name + "_us"])}
             for name in ("plain", "handshake", "beside")}
    # The goal's: all calls, and of a handshake's only the rest.
    found["judged"] = spread(polls["plain_us"] + polls["beside_us"])
    found["slow"] = {"all": len(slow), "blocked": sum(one["blocked"] > 0 for one in slow),
                     "cpu_above_5_ms": sum(one["cpu_us"] > 5000 for one in slow)}
    return found


def summary(found):
    healthy = found["healthy"]
    return {
        "machine": found["machine"], "seconds": found["seconds"], "lanes": found["lanes"],
        "mode": found["mode"],
        "healthy": {system: spread(waits) for system, waits in healthy.items()},
        "first": {fault: {system: of_tries(tries) for system, tries in columns.items()}
                  for fault, columns in found["first"].items()},
        "afterwards": {fault: {system: of_afterwards(logins, columns["healthy"])
                               for system, logins in columns.items()}
                       for fault, columns in found["afterwards"].items()},
        "polls": of_polls(found["polls"]),
        "usage": found["usage"],
    }


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "| :-- |" + " --: |" * (len(head) - 1)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def ms(value):
    return f"{value:.1f}" if value < 100 else f"{value:.0f}"


def wait_cell(found):
    text = f"{ms(found['p50_ms'])} / {ms(found['p99_ms'])} / {ms(found['max_ms'])}"
    return text + (f" ({found['failed']} failed)" if found.get("failed") else "")


def markdown(summary):
    titles = [systems.TITLES[system] for system in systems.SYSTEMS]
    machine = summary["machine"]
    tries = min(found["tries"] for columns in summary["first"].values() for found in columns.values())
    latest = max(found["latest_ms"] for columns in summary["first"].values() for found in columns.values())
    parts = [
        f"Machine: {machine['processors']} x {machine['processor']}, Linux {machine['kernel']}; "
        f"{machine['curl']}, {machine['nginx']}, {machine['haproxy'].split(' - ')[0]}. "
        f"{summary['seconds']} s, load {machine['load']:.1f} at the start.\n",
        f"Wait of the first login after the fault, ms: median / p99 / max of {tries} tries or more, "
        f"begun at most {latest:.0f} ms after it.\n",
        table(["", *titles], [["healthy", *(wait_cell(summary["healthy"][s]) for s in systems.SYSTEMS)]] +
              [[FAULT_TITLES[fault], *(wait_cell(columns[s]) for s in systems.SYSTEMS)]
               for fault, columns in summary["first"].items()])]
    if summary["afterwards"]:
        parts += [
            "Logins each 200 ms while the first server stays dead, without the one that met the fault: "
            f"median / p99 / max in ms, and the same from {TRANSITION_S} s after the fault on. Beside them "
            "a Holdfast that has the healthy server only.\n",
            table(["", *titles, "healthy only"],
                  [row for fault, columns in summary["afterwards"].items() for row in (
                      [FAULT_TITLES[fault],
                       *(wait_cell(columns[s]) for s in (*systems.SYSTEMS, "healthy"))],
                      ["... settled",
                       *(wait_cell(columns[s]["settled"]) for s in (*systems.SYSTEMS, "healthy"))])])]
    return "\n".join(parts + [resources(summary["usage"], titles), poll_table(summary["polls"])])


def resources(usage, titles):
    def row(title, cell):
        return [title, *(cell(usage[system]) for system in systems.SYSTEMS)]
    return "One device of each, and its proxy:\n\n" + table(["", *titles], [
        row("idle: requests a minute at the servers", lambda u: f"{u['idle_requests_per_minute']:.0f}"),
        row("idle: CPU ms a minute", lambda u: f"{u['idle_cpu_ms_per_minute']:.0f}"),
        row("CPU ms a login", lambda u: f"{u['load_cpu_us_per_login'] / 1000:.2f}"),
        row("peak memory of the device, MB", lambda u: f"{u['device_peak_kb'] / 1024:.1f}"),
        row("... of it heap in use, MB", lambda u: f"{u['device_heap_bytes'] / 1048576:.2f}"),
        row("peak memory of the proxy, MB", lambda u: f"{u['proxy_peak_kb'] / 1024:.1f}"),
        row("threads of the device", lambda u: str(u["threads"]))])


def poll_table(polls):
    titles = {"plain": "without a TLS handshake", "handshake": "with a step of one",
              "beside": "... the rest of these, without the handshake's own time"}
    return "Library's `poll()`, ms:\n\n" + table(
        ["", "calls", "median", "p99", "max", "above 5 ms"],
        [[title, str(polls[name]["tries"]), f"{polls[name]['p50_ms']:.3f}",
          f"{polls[name]['p99_ms']:.3f}", f"{polls[name]['max_ms']:.2f}",
          str(polls[name]["above_5_ms"])] for name, title in titles.items()]) + (
              f"\nOf the {polls['slow']['all']} above 5 ms, {polls['slow']['blocked']} wrote "
              f"state to the disk and waited for it, and {polls['slow']['cpu_above_5_ms']} computed for so long. "
              f"All calls, without the handshakes' own time: p99 {polls['judged']['p99_ms']:.3f} ms.\n")
