# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""The benchmark measures and judges at all: two tries, no time is looked at.

    smoke_test.py DEVICE SERVER
"""
import copy
import json
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

import judge
import systems

HERE = pathlib.Path(__file__).resolve().parent
FAULTS = ("refused", "black_hole")


def failures(summary):
    return {verdict["goal"] for verdict in judge.judged(summary) if not verdict["passed"]}


def check_results(folder):
    results = json.loads((folder / "bench.json").read_text())
    summary = results["summary"]
    assert set(summary["first"]) == set(FAULTS), summary["first"].keys()
    for fault, columns in summary["first"].items():
        for system in systems.SYSTEMS:
            tries = results["measured"]["first"][fault][system]
            assert len(tries) == 2, (fault, system, tries)
            assert not columns[system]["failed"], (fault, system, tries)
    assert summary["usage"]["haproxy"]["idle_requests_per_minute"] > 0, "nobody counted the requests"
    assert summary["polls"]["handshake"]["tries"] > 0, "no TLS handshake was seen"
    xml.etree.ElementTree.parse(folder / "bench.svg")
    assert "| black hole |" in (folder / "bench.md").read_text()
    return summary


def ideal(summary):
    """Numbers that meet each goal, in the form of the measured ones."""
    good = copy.deepcopy(summary)
    good["first"]["stopped"] = copy.deepcopy(good["first"]["black_hole"])
    for columns in good["first"].values():
        columns["holdfast"].update(waits_us=[30000] * 100, tries=100, p99_ms=30.0, failed=0)
        for peer in judge.PEERS:
            columns[peer]["max_ms"] = 300.0
    good["afterwards"] = {"black_hole": {system: {"ratio": 1.0, "failed": 0} for system in systems.SYSTEMS}}
    good["usage"]["holdfast"].update(threads=1, idle_requests_per_minute=12.0, load_failed=0)
    good["polls"]["judged"]["p99_ms"] = 1.0
    return good


def check_judge(summary):
    good = ideal(summary)
    assert not failures(good), failures(good)
    mine = "holdfast"
    spoilers = {
        "within": lambda s: s["first"]["refused"][mine].update(waits_us=[30000] * 98 + [900000] * 2),
        "quarter": lambda s: s["first"]["stopped"][mine].update(p99_ms=76.0),
        "no failed": lambda s: s["first"]["refused"][mine].update(failed=1),
        "afterwards": lambda s: s["afterwards"]["black_hole"][mine].update(ratio=1.6),
        "idle": lambda s: s["usage"][mine].update(idle_requests_per_minute=31.0),
        "no thread": lambda s: s["usage"][mine].update(threads=2),
        "poll()": lambda s: s["polls"]["judged"].update(p99_ms=5.1),
    }
    for word, spoil in spoilers.items():
        bad = copy.deepcopy(good)
        spoil(bad)
        found = failures(bad)
        assert len(found) == 1 and word in found.pop(), (word, failures(bad))


def main():
    device, server = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-B", str(HERE / "bench.py"), "--smoke", "--device", device,
                        "--server", server, "--out", folder, "--faults", ",".join(FAULTS)], check=True)
        check_judge(check_results(pathlib.Path(folder)))
    print("passed")


if __name__ == "__main__":
    main()
