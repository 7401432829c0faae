#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""The IPP engine against a real printer. The journal of the printer's marking engine is the truth:
each case compares what the engine says with what came out.

usage: test_ipp.py --program IPP_PRINT CASE
"""
import argparse
import contextlib
import hashlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from ipp_bench import Bench, Proxy, check


def printing(count):
    return lambda event: event["impressions"] >= count


def check_final(final, phase, impressions=None):
    check(final["phase"] == phase, "expected", phase, "got", final)
    if impressions is not None:
        check(final["impressions"] == impressions, "expected", impressions, "got", final)


def check_whole(bench, attempt, path):
    """What the printer got is the document, byte for byte, once, and all its pages came out."""
    data = path.read_bytes()
    begins = bench.printer.begins(attempt)
    check(len(begins) == 1, begins)
    check(begins[0][2] == hashlib.sha256(data).hexdigest(), begins)
    spooled = list((bench.printer.directory / "spool").glob(f"*-{attempt}.pdf"))
    check(len(spooled) == 1 and spooled[0].read_bytes() == data, spooled)
    check(bench.printer.pages(attempt) == int(begins[0][4]), bench.printer.journal(attempt))


def case_prints(bench):
    bench.printer.start()
    begun = time.monotonic()
    run = bench.print("attempt-a")
    check_final(run.end(), "completed", 3)
    check(time.monotonic() - begun < 6, "asleep over answers:", time.monotonic() - begun, "s")
    check(run.events[0]["phase"] == "accepted" and run.events[0]["engine_job"], run.events)
    check_whole(bench, "attempt-a", bench.pdf(3))


def case_many_pages(bench):
    bench.printer.start(page_ms=5)
    path = bench.pdf(40, kib=8192)
    begun = time.monotonic()
    check_final(bench.run("attempt-a", file=path, pages=40).end(), "completed", 40)
    check(time.monotonic() - begun < 20, "8 MiB took", time.monotonic() - begun, "s")
    check_whole(bench, "attempt-a", path)


def case_canceled(bench):
    bench.printer.start()
    final = bench.print("attempt-a", pages=5, cancel_at=1).end()
    check_final(final, "canceled", bench.printer.pages("attempt-a"))
    check(final["impressions"] >= 1, final)


def case_jam(bench):
    bench.printer.start()
    run = bench.print("attempt-a", pages=5)
    run.wait_for(printing(1))
    (bench.printer.directory / "jam").touch()
    run.wait_for(lambda event: event["reason"] == "media-jam")
    (bench.printer.directory / "jam").unlink()
    check_final(run.end(), "completed", 5)


def case_aborted(bench):
    bench.printer.start()
    (bench.printer.directory / "abort_at").write_text("2\n")
    check_final(bench.print("attempt-a").end(), "aborted", 2)
    check(bench.printer.pages("attempt-a") == 2)


def case_busy(bench):
    bench.printer.start(page_ms=300)
    first = bench.print("attempt-a", pages=4)
    first.wait_for(printing(1))
    second = bench.print("attempt-b", pages=2)
    check_final(first.end(), "completed", 4)
    check_final(second.end(), "completed", 2)
    names = [line[1] for line in bench.printer.journal()]
    check(names == sorted(names), "one after the other:", bench.printer.journal())
    check(len(bench.printer.begins("attempt-b")) == 1)


def case_refused_format(bench):
    bench.printer.start()
    final = bench.run("attempt-a", file=bench.pdf(1), mime="image/urf").end()
    check_final(final, "not_started", 0)
    check(final["reason"] == "document-format-not-supported", final)
    check(not bench.printer.journal(), bench.printer.journal())


def case_nobody_there(bench):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    final = bench.run("attempt-a", url=f"ipp://127.0.0.1:{port}/ipp/print", file=bench.pdf(1),
                      start_ms=1000).end()
    check_final(final, "not_started", 0)


def case_killed(bench):
    bench.printer.start(page_ms=300)
    run = bench.print("attempt-a", pages=6, lost_ms=2000)
    run.wait_for(printing(2))
    bench.printer.stop(kill=True)
    final = run.end()
    check_final(final, "unknown")
    check(2 <= final["impressions"] <= bench.printer.pages("attempt-a") < 6, final)


def case_engine_killed(bench):
    """The printer's marking engine dies, the printer itself doesn't."""
    bench.printer.start(page_ms=300)
    run = bench.print("attempt-a", pages=6)
    run.wait_for(printing(2))
    os.kill(bench.printer.marking_engine(), signal.SIGKILL)
    final = run.end()
    check(final["phase"] in ("aborted", "unknown"), final)
    check(2 <= final["impressions"] <= bench.printer.pages("attempt-a") < 6, final)


def case_stunned(bench):
    """Stopped for a while and going on: no reason to give up."""
    bench.printer.start(page_ms=200)
    run = bench.print("attempt-a", pages=5, request_ms=500)
    run.wait_for(printing(1))
    bench.printer.signal(signal.SIGSTOP)
    time.sleep(2)
    bench.printer.signal(signal.SIGCONT)
    check_final(run.end(), "completed", 5)
    check_whole(bench, "attempt-a", bench.pdf(5))


def case_hung(bench):
    """It takes connections and never answers. A connection is no sign of health."""
    bench.printer.start(page_ms=200)
    run = bench.print("attempt-a", pages=5, request_ms=500, lost_ms=2000)
    run.wait_for(printing(1))
    bench.printer.signal(signal.SIGSTOP)
    begun = time.monotonic()
    final = run.end()
    check_final(final, "unknown")
    check(1 <= final["impressions"] < 5, final)
    check(time.monotonic() - begun < 8, "took", time.monotonic() - begun, "s")


def case_restarted(bench):
    """The printer counts from job 1 again, and another's job 1 completes: that isn't ours."""
    bench.printer.start(page_ms=300)
    run = bench.print("attempt-a", pages=6, lost_ms=60000)
    run.wait_for(printing(1))
    number = run.events[0]["engine_job"].split("/")[1]
    bench.printer.stop(kill=True)
    bench.printer.start(page_ms=10)
    other = bench.print("attempt-b", pages=1)
    check_final(other.end(), "completed", 1)
    check(other.events[0]["engine_job"].split("/")[1] == number, "same number", other.events)
    final = run.end()
    check_final(final, "unknown")
    check(1 <= final["impressions"] < 6, final)
    check(len(bench.printer.begins("attempt-a")) == 1, bench.printer.journal())


def case_reattach(bench):
    bench.printer.start(page_ms=300)
    run = bench.print("attempt-a")
    run.wait_for(printing(1))
    run.kill()
    again = bench.run("attempt-a", reattach=run.events[-1]["engine_job"])
    check_final(again.end(), "completed", 3)
    check_whole(bench, "attempt-a", bench.pdf(3))
    # And once more when all is over.
    again = bench.run("attempt-a", reattach=run.events[-1]["engine_job"])
    check_final(again.end(), "completed", 3)


def case_reattach_forgotten(bench):
    bench.printer.start()
    run = bench.print("attempt-a")
    check_final(run.end(), "completed", 3)
    bench.printer.stop()
    bench.printer.start()
    again = bench.run("attempt-a", reattach=run.events[-1]["engine_job"])
    check_final(again.end(), "unknown")
    check_final(bench.run("attempt-never-sent", reattach="").end(), "unknown")


def case_reattach_half(bench):
    """The device died in its upload. What the printer makes of the half is never called printed."""
    bench.printer.start()
    proxy = Proxy(bench.printer.port(), cut_after=500000)
    run = bench.run("attempt-a", url=proxy.url, file=bench.pdf(3, kib=4096), pages=3)
    check(proxy.used.wait(20), "the upload was never cut")
    run.kill()
    known = [event["engine_job"] for event in run.events]
    final = bench.run("attempt-a", reattach=known[0] if known else "", pages=3).end()
    check(final["phase"] in ("unknown", "not_started"), final)
    if final["phase"] == "not_started":
        check(bench.printer.pages("attempt-a") == 0, bench.printer.journal())


def case_upload_cut(bench):
    bench.printer.start()
    proxy = Proxy(bench.printer.port(), cut_after=500000)
    run = bench.run("attempt-a", url=proxy.url, file=bench.pdf(3, kib=4096), pages=3)
    final = run.end()
    check(proxy.used.is_set(), "the upload was never cut")
    check(final["phase"] in ("unknown", "not_started"), final)
    time.sleep(0.5)
    printed = bench.printer.begins("attempt-a")
    check(len(printed) <= 1, printed)
    if final["phase"] == "not_started":
        check(bench.printer.pages("attempt-a") == 0, bench.printer.journal())


def case_answer_lost(bench):
    bench.printer.start()
    proxy = Proxy(bench.printer.port(), lose_answer=True)
    final = bench.run("attempt-a", url=proxy.url, file=bench.pdf(3), pages=3).end()
    check(proxy.used.is_set(), "no answer was lost")
    check_final(final, "completed", 3)
    check_whole(bench, "attempt-a", bench.pdf(3))


def polls_in(run, seconds):
    """How often the engine was called between two of its events that lie so far apart, by a second.
    The engine has to ask to be called for questions; it may not be called for nothing."""
    calls = [event["polls"] for event in run.events]
    return max(b - a for a, b in zip(calls, calls[1:])) / seconds


def case_sleeps_while_silent(bench):
    """A question without an answer costs nothing but its time."""
    bench.printer.start(page_ms=300)
    run = bench.print("attempt-a", pages=4, request_ms=4000, lost_ms=60000)
    run.wait_for(printing(1))
    bench.printer.signal(signal.SIGSTOP)
    time.sleep(3)
    bench.printer.signal(signal.SIGCONT)
    check_final(run.end(), "completed", 4)
    rate = polls_in(run, 3)
    check(rate < 15, rate, "calls a second;", run.events)
    print(f"{rate:.1f} calls a second while the printer was silent")


def case_sleeps_while_held(bench):
    """An upload that the printer doesn't take."""
    bench.printer.start(page_ms=5)
    proxy = Proxy(bench.printer.port(), hold_s=3)
    path = bench.pdf(3, kib=32768)
    run = bench.run("attempt-a", url=proxy.url, file=path, pages=3)
    check_final(run.end(), "completed", 3)
    check(proxy.used.is_set(), "nothing was held up")
    check_whole(bench, "attempt-a", path)
    # Between the number and the confirmation lies the whole upload: a call for each 64 KiB or so.
    accepted = [event["polls"] for event in run.events if event["phase"] == "accepted"]
    check(accepted[1] - accepted[0] < 550, run.events)
    print(f"{accepted[1] - accepted[0]} calls for an upload of 32 MiB that stood still for 3 s")


def case_named(bench):
    """By a name: looked up by the Resolver port."""
    bench.printer.start()
    url = bench.printer.url.replace("127.0.0.1", "localhost")
    check("//localhost:" in url, url)
    check_final(bench.run("attempt-a", url=url, file=bench.pdf(2), pages=2).end(), "completed", 2)
    check_whole(bench, "attempt-a", bench.pdf(2))
    nobody = url.replace("localhost", "nobody.invalid")
    final = bench.run("attempt-b", url=nobody, file=bench.pdf(2), start_ms=1000).end()
    check_final(final, "not_started", 0)
    check(final["reason"] == "printer's name cannot be resolved", final)


def case_tls(bench):
    bench.printer.start()
    url = bench.printer.url.replace("ipp://", "ipps://")
    final = bench.run("attempt-a", url=url, file=bench.pdf(1)).end()
    check_final(final, "not_started", 0)
    check(final["reason"] == "printer's certificate is not trusted", final)
    certificate = bench.printer.directory / "keys" / "localhost.crt"
    final = bench.run("attempt-b", url=url, file=bench.pdf(1), pages=1, ca=certificate).end()
    check_final(final, "completed", 1)
    check_whole(bench, "attempt-b", bench.pdf(1))
    check(not bench.printer.journal("attempt-a"))


def main():
    parser = argparse.ArgumentParser(description="The IPP engine against a real printer.")
    parser.add_argument("--program", required=True)
    parser.add_argument("case", choices=sorted(n[5:] for n in globals() if n.startswith("case_")))
    args = parser.parse_args()
    directory = pathlib.Path(tempfile.mkdtemp(prefix=f"holdfast-ipp-{args.case}-"))
    bench = Bench(args.program, directory)
    try:
        globals()[f"case_{args.case}"](bench)
    except (AssertionError, subprocess.TimeoutExpired) as error:
        for name in ("journal", "log"):
            with contextlib.suppress(OSError):
                print(f"--- {name}\n" + (bench.printer.directory / name).read_text()[-3000:])
        sys.exit(f"test_ipp.py: {args.case}: {error} (kept: {directory})")
    finally:
        bench.printer.stop(kill=True)
    shutil.rmtree(directory)
    print(f"{args.case}: ok")


if __name__ == "__main__":
    main()
