# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""Each hostile answer to each question. usage: hostile_answers_test.py HOLDFAST_MFP [CASE...]

A virtual printer has a hostile server first in its list and a good one second. Whatever the first
says, its user is logged in and sees the documents within 10 s, and the printer lives, keeps to its
memory and thinks of the first server what docs/transport.md says.
"""
import json
import pathlib
import shutil
import sys
import tempfile

from answers import ANSWERS
from device import HostileServer, Mfp, check, is_sanitized, run_all

MOST_MS = 10000
MOST_GROWTH_KIB = 12 * 1024  # over a printer with two good servers: the limit of an answer, parsed
AT_ONCE = 8

# The states that the first server may end in when it answers everything like this. Not trusted is
# for what is somebody else's; down for silence and cut connections; suspect or down for an answer
# that isn't one.
BAD = ("suspect", "down")
STATES = {"wrong_type": ("up",), "same_lengths": ("up",), "many_jobs": ("up",), "twins": ("up",),
          "receipt_injection": ("up",), "path_as_uuid": ("up",), "other_users_jobs": ("up",),
          "other_cluster": ("quarantined",)}

binary = None
folder = None
baseline_kib = 0


def cases():
    for name in ANSWERS:
        if name == "good":
            continue
        yield "all", name
        if name == "other_cluster":
            continue
        yield "login", name
        yield "jobs", name


def session(mfp, who):
    """A user's visit: the events of login and list, each within the time."""
    login = mfp.ask("login card 04A2B3C4", "login")
    check(login["verdict"] == "granted", who, login)
    jobs = mfp.ask("jobs")
    for event in (login, jobs):
        check(event["took_ms"] <= MOST_MS, who, event)
    return login, jobs


def is_clean(value):
    """Panel texts have lines; a server has no word in where they end."""
    if isinstance(value, dict):
        return all(is_clean(each) for each in value.values())
    if isinstance(value, list):
        return all(is_clean(each) for each in value)
    if not isinstance(value, str):
        return True
    return not any((ord(c) < 32 and c != "\n") or ord(c) == 127 for c in value)


def play(at, name, hostile, good, mfp):
    login, jobs = session(mfp, at)
    check(jobs["status"]["code"] == "ok", "the list:", jobs)
    named = [jobs["jobs"], login["user"]]
    check("\\n" not in json.dumps(named), "a line break in a name:", named)
    check(len(jobs["jobs"]) == 2 or name == "many_jobs", "the list:", jobs)
    said = f"login by {login['server']} {login['took_ms']} ms, list by {jobs['server']}"
    said += f" {jobs['took_ms']} ms"
    if at == "all":
        found = mfp.wait_state("hostile", STATES.get(name, BAD))
        said += f", {found['state']}: {found['cause']}"
    return said


def run(case):
    at, name = case
    here = folder / f"{at}-{name}"
    hostile = HostileServer(name, () if at == "all" else (at,))
    good = HostileServer("good")
    mfp = None
    try:
        mfp = Mfp(binary, here, [hostile.entry("hostile"), good.entry("good")])
        said = play(at, name, hostile, good, mfp)
        check(is_clean(mfp.events), "control characters reached an event")
        peak = mfp.peak_kib()
        check(peak <= baseline_kib + MOST_GROWTH_KIB, "memory:", peak, "KiB over", baseline_kib)
        mfp.quit()
        hostile.close()  # its last words are read
        check(hostile.requests, "the hostile server was never asked")
        return f"{said}, {peak - baseline_kib:+d} KiB"
    finally:
        for process in (mfp, hostile, good):
            if process:
                process.close()


def measure_baseline():
    good = [HostileServer("good"), HostileServer("good")]
    mfp = Mfp(binary, folder / "baseline", [good[0].entry("hostile"), good[1].entry("good")])
    try:
        for _ in range(3):
            _, jobs = session(mfp, "baseline")
            check(jobs["server"] == "hostile", jobs)
            mfp.ask("logout", "session_end")
        mfp.wait_state("hostile", ("up",))
        return mfp.peak_kib()
    finally:
        mfp.close()
        for server in good:
            server.close()


def main():
    global binary, folder, baseline_kib
    binary, wanted = sys.argv[1], sys.argv[2:]
    folder = pathlib.Path(tempfile.mkdtemp(prefix="holdfast-hostile-"))
    try:
        # A sanitizer keeps what was freed: no measure of the program's own memory.
        baseline_kib = 10 ** 9 if is_sanitized(binary) else measure_baseline()
        chosen = [case for case in cases() if not wanted or "-".join(case) in wanted
                  or case[1] in wanted]
        failed = run_all(chosen, run, AT_ONCE)
        print(f"{len(chosen)} cases, {failed} failed; a printer with good servers: "
              f"{baseline_kib} KiB")
        return 1 if failed or not chosen else 0
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
