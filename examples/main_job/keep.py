# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""After the main job: the servers stay up, and a person gets the printer's prompt."""
import json
import subprocess
import sys
import time

import office
from processes import ADMIN_TOKEN

RESTART_S = 20  # after which a server that was killed comes back


def play(work, servers, mfp, people):
    """Returns when the person quits."""
    for user in people:
        user.documents = []
    packaged = office.give_documents(people, 5)
    for server in servers:
        for user in people:
            office.submit(server, user, user.documents)
    explain(work, servers, mfp, people, packaged)
    if sys.stdin.isatty():
        printer = subprocess.Popen([mfp.binary, *mfp.options])
    else:
        print("standard input is no terminal: start the printer as shown; Ctrl-C ends the servers")
        printer = None
    dead_since = {}
    try:
        while printer is None or printer.poll() is None:
            bring_back(servers, dead_since)
            time.sleep(0.2)
    finally:
        if printer:
            end(printer)


def end(printer):
    """The terminal's Ctrl-C has reached it as well: it gets the time to finish."""
    try:
        printer.wait(5)
    except subprocess.TimeoutExpired:
        printer.terminate()
        printer.wait()


def bring_back(servers, dead_since):
    for server in servers:
        if server.running():
            dead_since.pop(server, None)
        elif time.monotonic() - dead_since.setdefault(server, time.monotonic()) > RESTART_S:
            server.kill()  # only collects what is left of it
            server.start()
            print(f"\n({server.name} was started again, pid {server.pid})", flush=True)


def explain(work, servers, mfp, people, packaged):
    print(f"\nAll stays up in {work}. Each user has {len(people[0].documents)} new documents"
          + (f", {', '.join(packaged)} among them." if packaged else "."))
    for user in people:
        print(f"  {user.display_name:14} login card {user.card}   login pin {user.pin}"
              f"   login password {user.name} {user.password}")
    print("In another terminal, to make the primary or the fallback fail:")
    for server in servers:
        post = (f"curl -sS -H 'Authorization: Bearer {ADMIN_TOKEN}' -d BODY"
                f" {server.url}/admin/")
        print(f"  {server.name}, pid {server.pid} (comes back {RESTART_S} s after a kill):\n"
              f"    kill -9 {server.pid}   kill -STOP {server.pid}   kill -CONT {server.pid}\n"
              f"    {post}faults   with {json.dumps({'mode': 'hang'})},"
              f" {json.dumps({'mode': 'status', 'status': 503})} or {json.dumps({'mode': 'none'})}\n"
              f"    {post}role   with {json.dumps({'role': 'draining'})} or"
              f" {json.dumps({'role': 'active'})}\n"
              f"    another document: cp FILE.pdf {server.folder}/drop/{people[0].name}/")
    print(f"The paper: {mfp.paper}\nThe printer: {mfp.binary} {' '.join(mfp.options)}\n"
          "At its prompt: help, servers, status, history; quit ends everything.\n", flush=True)
