# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""The virtual printer says what is wrong with its own network, in words for who stands before it.

    network_test.py HOLDFAST_MFP cable|address|route|stalled|unwatched

In network namespaces: the printer's, and the servers' at the other end of a cable.
"""
import json
import os
import pathlib
import signal
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/real/local_health"))
sys.path.insert(0, str(ROOT / "tests/fault/hostile_answers"))

from device import Broken, Mfp, check  # noqa: E402
from local_health_test import INSIDE, PORTS, Office, enter_namespace, fail, run  # noqa: E402

SERVERS = [{"name": name, "url": f"http://198.51.100.1:{port}", "token": "t",
            "cluster_id": f"cluster-{number}"}
           for number, (name, port) in enumerate(zip(("main", "branch"), PORTS), 1)]
NOTICED_S = 6


class Printer(Mfp):
    def __init__(self, binary, folder, *options):
        super().__init__(binary, folder, SERVERS, *options, allow_http=True,
                         probe={"user_present_probe_ms": 500}, request={"deadline_ms": 4000},
                         login={"accept_login_from": "any"})
        self.ask("present on", "done")
        check(self.login()["verdict"] == "granted", self.events[-1])
        self.ask("logout", "session_end")
        self.wait_state("main", ("up",))
        self.wait_state("branch", ("up",))

    def login(self):
        return self.ask("login card 1234", "login", 20)

    def blamed(self, since):
        """Servers that were given up. A doubt from before the kernel spoke is none."""
        return [event for event in self.events[since:]
                if event["event"] == "server_state" and event["to"] not in ("up", "suspect")]


def outage(office, printer, word, said, begin, end):
    """begin() takes the network away, end() brings it back. `said` is what a person must read."""
    since = len(printer.events)
    begin()
    check(printer.next("link", NOTICED_S)["link"] == word, printer.events[since:])
    health = printer.next("local_health", NOTICED_S)
    check(health["local"] == "network_down" and health["link"] == word, health)
    check(said in health["text"], health["text"])
    print(f"{word}: {health['text']}")
    login = printer.login()
    check(login["verdict"] == "unknown" and login["text"] == health["text"], login)
    time.sleep(6)  # long enough for a silent server to be judged dead twice over
    status = printer.ask("status")
    check(status["local"] == "network_down" and status["link"] == word, status)
    check(said in status["text"], status["text"])
    check(not printer.blamed(since), "blamed:", printer.blamed(since))
    end()
    check(printer.next("local_health", 12)["local"] == "ok", printer.events[since:])
    check(printer.login()["verdict"] == "granted", printer.events[-1])
    # An answer may have been quicker than the kernel's word.
    latest = time.monotonic() + 5
    while (status := printer.ask("status"))["link"] != "usable":
        check(time.monotonic() < latest, status)
        time.sleep(0.1)
    check("No network" not in status["text"], status["text"])


def cable(office, printer):
    outage(office, printer, "no_link", "the cable is out",
           lambda: office.there("ip", "link", "set", "office0", "down"),
           lambda: office.there("ip", "link", "set", "office0", "up"))


def address(office, printer):
    def back():
        office.give_address()
        office.give_route()
    outage(office, printer, "no_address", "given no address",
           lambda: run("ip", "address", "delete", "192.0.2.7/24", "dev", "eth0"), back)


def route(office, printer):
    outage(office, printer, "no_route", "no default route",
           lambda: run("ip", "route", "delete", "default"), office.give_route)


def stalled(_office, printer):
    since = len(printer.events)
    os.kill(printer.process.pid, signal.SIGSTOP)
    time.sleep(3)
    os.kill(printer.process.pid, signal.SIGCONT)
    health = printer.next("local_health", NOTICED_S)
    check(health["local"] == "local_stall" and "itself stood still" in health["text"], health)
    print(f"local_stall: {health['text']}")
    check(printer.next("local_health", 12)["local"] == "ok", printer.events[since:])
    check(printer.login()["verdict"] == "granted", printer.events[-1])
    check(not printer.blamed(since), "blamed:", printer.blamed(since))
    check(not [e for e in printer.events[since:] if e["event"] == "link"], printer.events[since:])


def unwatched(office, printer):
    """The default: nobody looks at the cable, so a server gets the blame."""
    since = len(printer.events)
    office.there("ip", "link", "set", "office0", "down")
    printer.wait_state("main", ("down",), 30)
    check(not [e for e in printer.events[since:] if e["event"] == "link"], printer.events[since:])


CASES = {case.__name__: case for case in (cable, address, route, stalled, unwatched)}


def main():
    if len(sys.argv) > 1 and sys.argv[1] == INSIDE:
        del sys.argv[1]
    else:
        enter_namespace(__file__)
    binary, name = sys.argv[1:]
    options = () if name == "unwatched" else ("--device-network", "netlink")
    parts = []
    with tempfile.TemporaryDirectory() as folder:
        try:
            parts.append(Office())
            parts.append(Printer(binary, pathlib.Path(folder), *options))
            CASES[name](*parts)
            parts[1].quit()
        except (Broken, RuntimeError) as problem:
            fail(f"{name}: {problem}")
        finally:
            for part in reversed(parts):
                part.close()
    print(json.dumps({"case": name, "passed": True}))


if __name__ == "__main__":
    main()
