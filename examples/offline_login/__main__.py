# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""Logins while no print server answers, with real processes: examples/run.sh starts this."""
import argparse
import http.client
import json
import os
import pathlib
import shutil
import signal
import ssl
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "main_job"))

import certificates  # noqa: E402
import office  # noqa: E402
from processes import Broken, Mfp, Server  # noqa: E402
from scenes import Scenes, Table, offline_policy  # noqa: E402
from timeline import Timeline  # noqa: E402


def arguments():
    parser = argparse.ArgumentParser(
        prog="offline_login", description="Two print servers that die, a virtual printer that"
        " remembers their users, and who gets in.",
        epilog="Exit code 0: all went well; 1: something did not, the text says what; 2: it could"
        " not begin.")
    parser.add_argument("--server", required=True, help="holdfast-print-server")
    parser.add_argument("--mfp", required=True, help="holdfast-mfp")
    parser.add_argument("--work", help="folder for all files; kept. Default: one under /tmp, removed"
                        " when all went well")
    return parser.parse_args()


def secured(folder, config):
    """The configuration with https, a client certificate, and the credential cache."""
    for server in config["servers"]:
        server["tls"] = {"ca_file": str(folder / "ca.pem"),
                         "client_certificate_file": str(folder / (office.DEVICE + ".pem")),
                         "client_key_file": str(folder / (office.DEVICE + ".key"))}
    return {**config, "offline": offline_policy()}


def set_up(given, work, people, timeline, running):
    """Servers with documents, and a printer that has never seen a user."""
    folder = work / "certificates"
    certificates.make(folder, [office.DEVICE, office.DESKTOP])
    context = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    context.load_cert_chain(str(folder / (office.DESKTOP + ".pem")),
                            str(folder / (office.DESKTOP + ".key")))
    users_file = work / "users.json"
    office.write_users(users_file, people)
    options = office.server_options(users_file, asserted=True) + [
        "--tls-cert", str(folder / "server.pem"), "--tls-key", str(folder / "server.key"),
        "--tls-client-ca", str(folder / "ca.pem"), "--sync-verifiers", "cards"]
    servers = [Server(name, given.server, str(work), cluster, *options, tls=context)
               for name, cluster in (("primary", "head-office"), ("fallback", "branch-office"))]
    for server in servers:
        running.append(server)
        server.start()
        timeline.say(f"{server.name}: {server.url}, pid {server.pid}, data {server.folder}")
    office.give_documents(people, 3)
    for server in servers:
        for user in people:
            office.submit(server, user, user.documents)
    config = work / "mfp.json"
    config.write_text(json.dumps(secured(folder, office.printer_config(*servers)), indent=1))
    mfp = Mfp(given.mfp, str(config), str(work), "--device-key", str(work / "device.key"),
              "--lab-key-tier", "soc_bound")
    mfp.listener = lambda event: on_event(timeline, event)
    running.append(mfp)
    ready = mfp.start()
    timeline.say(f"printer: pid {mfp.pid}, cache on {ready['offline']['cache']}, key of tier"
                 f" {ready['offline']['tier']} (it only claims so), {ready['offline']['kdf_iterations']}"
                 " iterations for what it learns itself")
    return users_file


def on_event(timeline, event):
    """Called on the reader's thread."""
    if event["event"] == "audit":
        timeline.say("  # " + event["text"].strip("[]"), event["at"])
    else:
        timeline.on_event(event)


def end_all(running):
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # it takes a moment, and must be whole
    for process in reversed(running):
        try:
            process.end()
        except OSError as error:
            print(f"{process.name}: {error}", file=sys.stderr)


def play(given, work, running):
    people, timeline, table = office.users(), Timeline(), Table()
    people.append(office.User("gil", "Gil Amelio", "0455AA77", "909090", "four score"))
    problems = table.problems
    try:
        users_file = set_up(given, work, people, timeline, running)
        scenes = Scenes(*running, people, users_file, timeline, table)
        scenes.all_well()
        scenes.outage()
        scenes.back_again()
        scenes.dismissed()
        scenes.check_secrets(work)
        if running[-1].finish() != 0:
            problems.append("the printer ended before all was done")
    except (Broken, OSError, http.client.HTTPException) as error:
        problems.append(str(error))
    table.print()
    for problem in problems:
        print("  WRONG: " + problem)
    print("logins without a server " + (
        "FAILED" if problems else "are done: people got in, and nobody else did"))
    return 1 if problems else 0


def main():
    given = arguments()
    for path in (given.server, given.mfp):
        if not os.access(path, os.X_OK):
            print(f"offline_login: {path} is no program; build it first", file=sys.stderr)
            return 2
    if not shutil.which("openssl"):
        print("offline_login: openssl is missing: toolchains/bootstrap.sh", file=sys.stderr)
        return 2
    work = pathlib.Path(given.work or tempfile.mkdtemp(prefix="holdfast-offline-login-"))
    if given.work and work.exists() and any(work.iterdir()):
        print(f"offline_login: {work} is not empty; give a new folder", file=sys.stderr)
        return 2
    work.mkdir(parents=True, exist_ok=True)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)

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
