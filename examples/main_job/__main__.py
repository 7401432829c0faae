# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""Holdfast's main job with real processes: examples/run.sh builds them and starts this."""
import argparse
import http.client
import json
import os
import pathlib
import shutil
import signal
import sys
import tempfile

import keep
import office
from job import Job
from processes import Broken, Mfp, Server
from timeline import Timeline

DOCUMENTS_EACH = 8


def arguments():
    parser = argparse.ArgumentParser(
        prog="main_job", description="Two print servers that share nothing, a virtual printer, and"
        " what users notice when the first server fails in five ways.",
        epilog="Exit code 0: all went well; 1: something did not, the text says what; 2: it could"
        " not begin.")
    parser.add_argument("--server", required=True, help="holdfast-print-server")
    parser.add_argument("--mfp", required=True, help="holdfast-mfp")
    parser.add_argument("--work", help="folder for all files; kept. Default: one under /tmp, removed"
                        " when all went well")
    parser.add_argument("--keep", action="store_true",
                        help="leave all up at the end, to be played with")
    return parser.parse_args()


def set_up(given, work, people, timeline, running):
    """The servers with the users' documents, and the printer. Whatever was begun is in `running`."""
    users_file = work / "users.json"
    office.write_users(users_file, people)
    primary = Server("primary", given.server, str(work), "head-office",
                     *office.server_options(users_file, asserted=False))
    fallback = Server("fallback", given.server, str(work), "branch-office",
                      *office.server_options(users_file, asserted=True))
    for server in (primary, fallback):
        running.append(server)
        server.start()
        timeline.say(f"{server.name}: {server.url}, pid {server.pid}, data {server.folder}")
    packaged = office.give_documents(people, DOCUMENTS_EACH)
    for server in (primary, fallback):
        for user in people:
            office.submit(server, user, user.documents)
    count = sum(len(user.documents) for user in people)
    timeline.say(f"{count} PDFs submitted to both, each under one UUID"
                 + "".join(f"; {path}" for path in packaged))
    config = work / "mfp.json"
    config.write_text(json.dumps(office.printer_config(primary, fallback), indent=1))
    mfp = Mfp(given.mfp, str(config), str(work))
    mfp.listener = timeline.on_event
    running.append(mfp)
    mfp.start()
    timeline.say(f"printer: pid {mfp.pid}, configuration {config}")


def run(job):
    """Plays all scenes, then judges. Returns what can be said for it."""
    job.all_well()
    job.failures()
    job.the_rest()
    verdicts = [job.check_servers(), job.check_lists(), job.check_waits(), job.check_switches()]
    if job.mfp.finish() != 0:
        job.problems.append("the printer ended before all was done")
    return verdicts + [job.check_paper()]


def end_all(running):
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # it takes a moment, and must be whole
    for process in reversed(running):
        try:
            process.end()
        except OSError as error:
            print(f"{process.name}: {error}", file=sys.stderr)


def report(timeline, verdicts, problems):
    timeline.print_table()
    print()
    for verdict in verdicts:
        print("  " + verdict)
    for problem in problems:
        print("  WRONG: " + problem)
    print("the main job " + ("FAILED" if problems else "is done: nothing lost, nothing doubled"))


def play(given, work, running):
    """All of it, up to the person who plays on; the caller ends what is in `running`."""
    people, timeline = office.users(), Timeline()
    problems, verdicts = [], []
    try:
        set_up(given, work, people, timeline, running)
        job = Job(*running, people, timeline)
        problems = job.problems
        verdicts = run(job)
    except (Broken, OSError, http.client.HTTPException) as error:
        problems.append(str(error))
    report(timeline, verdicts, problems)
    if given.keep and len(running) == 3:
        keep.play(work, running[:2], running[2], people)
    return 1 if problems else 0


def main():
    given = arguments()
    for path in (given.server, given.mfp):
        if not os.access(path, os.X_OK):
            print(f"main_job: {path} is no program; build it first", file=sys.stderr)
            return 2
    work = pathlib.Path(given.work or tempfile.mkdtemp(prefix="holdfast-main-job-"))
    if given.work and work.exists() and any(work.iterdir()):
        print(f"main_job: {work} is not empty; give a new folder", file=sys.stderr)
        return 2
    work.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.default_int_handler)

    running, code = [], 130
    try:
        code = play(given, work, running)
    except KeyboardInterrupt:
        print("\ninterrupted: ending what was started", file=sys.stderr)
    finally:
        end_all(running)
    if code == 1:
        print(f"logs and records: {work}")
    elif not given.work:
        shutil.rmtree(work)
    return code


if __name__ == "__main__":
    sys.exit(main())
