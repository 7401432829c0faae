# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""The comparison, in a network namespace of its own. Started by run.sh."""
import argparse
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import judge
import measure
import network
import plot
import report
import systems


def options():
    parser = argparse.ArgumentParser(prog="tests/bench/run.sh")
    parser.add_argument("--quick", action="store_true", help="fewer tries, about a minute")
    parser.add_argument("--smoke", action="store_true", help="two tries, nothing is judged; for smoke_test.py")
    parser.add_argument("--update", action="store_true", help="put table and plot into docs/")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder of the results")
    parser.add_argument("--device", required=True)
    parser.add_argument("--server", required=True)
    parser.add_argument("--faults", default=",".join(measure.FAULTS))
    given = parser.parse_args([a for a in sys.argv[1:] if a != network.INSIDE])
    if not set(given.faults.split(",")) <= set(measure.FAULTS):
        parser.error(f"--faults: known are {', '.join(measure.FAULTS)}")
    given.faults = given.faults.split(",")
    return given


def plan(given):
    """Lanes, rounds a fault, seconds afterwards, seconds idle, logins as load."""
    if given.smoke:
        return 2, 1, 0, 1, 20
    if given.quick:
        return 6, 1, 9, 10, 100
    return 6, 17, 30, 120, 1000


def version_of(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    return (done.stdout + done.stderr).splitlines()[0].strip()


def machine():
    model = next((line.split(":", 1)[1].strip()
                  for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), "unknown processor")
    return {"processor": model, "processors": os.cpu_count(), "kernel": os.uname().release,
            "load": os.getloadavg()[0], "nginx": version_of("nginx", "-v"),
            "haproxy": version_of("haproxy", "-v"),
            "curl": version_of("curl", "--version").split(" (")[0]}


def measured(given, say):
    lanes, count, after_s, idle_s, logins = plan(given)
    found = {"machine": machine(), "lanes": lanes, "mode": "quick" if given.quick else "full",
             "first": {}, "healthy": {}, "afterwards": {}, "polls": {}}
    for place, fault in enumerate(given.faults):
        begun = time.monotonic()
        # New servers for each fault: their database grows with each login, and is read at each start.
        with measure.Arena(given.device, given.server, lanes) as arena:
            if after_s > 0 and fault in (("black_hole",) if given.quick else ("black_hole", "stopped")):
                found["afterwards"][fault] = measure.afterwards(arena, fault, after_s)
            measure.rounds(arena, fault, range(place * count, (place + 1) * count), found)
            measure.polls(arena, found["polls"])
        say(f"{fault}: {count} rounds in {time.monotonic() - begun:.0f} s")
    with measure.Arena(given.device, given.server, 1) as arena:
        found["usage"] = measure.idle_and_load(arena, idle_s, logins, say)
    found["machine"]["load_after"] = os.getloadavg()[0]
    return found


def update_docs(table, picture):
    docs = pathlib.Path(__file__).resolve().parents[2] / "docs"
    page = docs / "benchmark.md"
    head, _, rest = page.read_text().partition("<!-- measured -->\n")
    tail = rest.partition("<!-- end -->\n")[2]
    page.write_text(f"{head}<!-- measured -->\n{table}<!-- end -->\n{tail}")
    (docs / "benchmark.svg").write_bytes(picture.read_bytes())


def main():
    given = options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))  # so that what was started is ended
    begun = time.monotonic()

    def say(text):
        print(f"[{time.monotonic() - begun:5.0f} s] {text}", file=sys.stderr, flush=True)

    try:
        if sys.argv[1:2] != [network.INSIDE]:
            network.enter_namespace(__file__)
        found = measured(given, say)
    except (network.Missing, RuntimeError) as problem:
        print(f"tests/bench/run.sh: {problem}", file=sys.stderr)
        return 2
    found["seconds"] = round(time.monotonic() - begun)
    summary = report.summary(found)
    verdicts = judge.judged(summary)
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "bench.json").write_text(
        json.dumps({"summary": summary, "verdicts": verdicts, "measured": found}) + "\n")
    text = report.markdown(summary)
    (given.out / "bench.md").write_text(text)
    (given.out / "bench.svg").write_text(plot.svg(found["first"], found["healthy"]))
    print(text)
    if given.update:
        update_docs(text, given.out / "bench.svg")
    if given.smoke:
        return 0
    for verdict in verdicts:
        print(f"{'PASS' if verdict['passed'] else 'FAIL'}  {verdict['goal']}: {verdict['found']}")
    return 0 if all(verdict["passed"] for verdict in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
