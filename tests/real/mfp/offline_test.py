# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""Logins while the server is dead, through the virtual printer and its restarts.

usage: offline_test.py PRINT_SERVER HOLDFAST_MFP [unittest options]
"""
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "examples/main_job"))

import office  # noqa: E402
from processes import Mfp, Server  # noqa: E402

SERVER = MFP = None
LAB = ("--lab-key-tier", "soc_bound")


class Case(unittest.TestCase):
    """One server, which knows Ada, Bob and Eve, and one printer."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="holdfast-offline-"))
        self.ada, self.bob, self.eve = self.people = office.users()
        users = self.folder / "users.json"
        office.write_users(users, self.people)
        self.server = Server("home", SERVER, str(self.folder), "home",
                             *office.server_options(users, asserted=True))
        self.server.start()
        self.mfp = None

    def tearDown(self):
        if self.mfp is not None and self.mfp.child is not None:
            self.mfp.kill()
        self.server.kill()
        shutil.rmtree(self.folder)

    def printer(self, *options, key="device.key", **offline):
        """Makes the printer, and starts it. A cheap derivation, unless the case is about its cost."""
        policy = {"cache": "automatic", "kdf_iterations": 10000, **offline}
        config = self.folder / "mfp.json"
        config.write_text(json.dumps({
            "device_id": office.DEVICE, "probe": {"probe_s": 5},
            "down": {"backoff_min_ms": 500, "backoff_max_ms": 1000,
                     "preferred_backoff_max_ms": 1000},
            "offline": {name: value for name, value in policy.items() if value is not None},
            "servers": [{"name": "home", "url": self.server.url, "cluster_id": "home",
                         "token": office.DEVICE_TOKEN, "cluster_grace_ms": 0}]}))
        key = ("--device-key", str(self.folder / key)) if key else ()
        self.mfp = Mfp(MFP, str(config), str(self.folder), *key, *options)
        return self.mfp.start()

    def state(self, name):
        return pathlib.Path(self.mfp.state) / name

    def route_is(self, route, within_s=15):
        end = time.monotonic() + within_s
        while self.mfp.ask("status", "status", 10)["route"] != route:
            self.assertLess(time.monotonic(), end, f"the route is never {route}")
            time.sleep(0.05)

    def lose_server(self):
        self.server.kill()
        self.mfp.ask("present on", "done", 5)
        self.route_is("none")

    def restart(self, kill=False):
        """Its end, and its next start; with the server dead, and that known."""
        if kill:
            self.mfp.kill()
        else:
            self.assertEqual(self.mfp.finish(), 0)
            self.mfp.kill()
        ready = self.mfp.start()
        self.mfp.ask("present on", "done", 5)
        self.route_is("none")
        return ready

    def offline(self):
        return self.mfp.ask("status", "status", 10)["snapshot"]["offline"]

    def login(self, line, verdict=None, denial=None, source="cache"):
        event = self.mfp.ask(line, "login", 20)
        if verdict is not None:
            self.assertEqual((event["verdict"], event["source"]), (verdict, source), event)
        if denial is not None:
            self.assertEqual(event["denial"], denial, event)
        if event["verdict"] == "granted":
            self.mfp.ask("logout", "session_end", 10)
        return event

    def learn(self, *logins):
        """Users log in at home, which teaches the cache; returns when it has learnt."""
        for user, kind in logins:
            before = self.offline()["credentials"]
            self.login(user.login_line(kind), "granted", source="home")
            end = time.monotonic() + 10
            while self.offline()["credentials"] == before:
                self.assertLess(time.monotonic(), end, f"{kind} of {user.name} is never learnt")
                time.sleep(0.02)


class WhereItLives(Case):
    def test_on_flash_it_survives(self):
        ready = self.printer(*LAB)
        self.assertEqual(ready["offline"],
                         {"cache": "flash", "tier": "soc_bound", "kdf_iterations": 10000})
        kinds = [(self.ada, kind) for kind in ("card", "pin", "password")]
        self.learn(*kinds)
        self.lose_server()
        for kill in (False, True):
            for user, kind in kinds:
                event = self.login(user.login_line(kind), "granted")
                self.assertEqual(event["user"]["user_uid"], user.uid)
                self.assertIn("this device knows you", event["text"])
            self.login(self.bob.login_line("card"), "unknown", "not-cached")
            self.restart(kill)
        self.assertEqual(self.state("cred.db").stat().st_mode & 0o777, 0o600)
        self.assertEqual((self.folder / "device.key").stat().st_mode & 0o777, 0o600)

    def test_in_ram_it_dies_with_the_process(self):
        self.assertEqual(self.printer()["offline"]["cache"], "ram")
        self.learn((self.ada, "card"))
        self.lose_server()
        self.login(self.ada.login_line("card"), "granted")
        self.restart()
        self.login(self.ada.login_line("card"), "unknown", "not-cached")
        self.assertFalse(self.state("cred.db").exists())

    def test_a_key_file_on_flash_is_for_passwords_only(self):
        ready = self.printer(cache="flash")
        self.assertEqual((ready["offline"]["cache"], ready["offline"]["tier"]), ("flash", "none"))
        for user, kind in ((self.ada, "card"), (self.ada, "pin")):
            self.login(user.login_line(kind), "granted", source="home")
        self.learn((self.ada, "password"))
        self.lose_server()
        for _ in range(2):
            self.login(self.ada.login_line("password"), "granted")
            for kind in ("card", "pin"):
                event = self.login(self.ada.login_line(kind), "unknown", "off")
                self.assertIn("in another way", event["text"])
            self.restart()

    def test_off(self):
        self.assertEqual(self.printer(*LAB, cache="off")["offline"], {"cache": "off"})
        self.login(self.ada.login_line("card"), "granted", source="home")
        self.lose_server()
        self.login(self.ada.login_line("card"), "unknown", source="none")
        self.assertFalse(self.state("cred.db").exists())

    def test_without_a_key_it_says_so(self):
        self.assertEqual(self.printer(key=None)["offline"], {"cache": "off"})
        self.assertIn("--device-key", self.mfp.expect("warning", 5)["what"])
        self.assertIs(self.offline()["on"], False)
        errors = [self.mfp.send(line) or self.mfp.expect("error", 5, where=lambda e, w=line:
                                                         e["command"] == w)
                  for line in ("wipe-credentials", "rotate-key")]
        self.assertEqual({error["status"]["code"] for error in errors}, {"unsupported"})


class WhatItIsWorth(Case):
    def test_the_laboratory_is_warned(self):
        self.printer(*LAB)
        self.assertIn("LAB ONLY", self.mfp.expect("warning", 5)["what"])
        self.assertIn("LAB ONLY", self.mfp.log_tail())

    def test_iterations_are_calibrated(self):
        found = self.printer(kdf_iterations=None, kdf_target_ms=100)["offline"]["kdf_iterations"]
        self.assertTrue(10000 <= found <= 1000000 and found != 100000, found)
        self.learn((self.ada, "card"))
        self.lose_server()
        took = self.login(self.ada.login_line("card"), "granted")["took_ms"]
        self.assertGreater(took, 100 // 4 if found > 10000 else 0)
        self.mfp.ask("reload", "done", 10)  # what was found stays

    def test_wiped_and_rotated(self):
        self.printer(*LAB)
        self.learn((self.ada, "card"), (self.bob, "password"))
        self.mfp.ask("rotate-key", "done", 5)
        self.mfp.expect("audit", 5, where=lambda e: e["kind"] == "root_rotated")
        self.lose_server()
        for _ in range(2):
            self.login(self.ada.login_line("card"), "granted")
            self.login(self.bob.login_line("password"), "granted")
            self.restart()
        since = self.mfp.mark()
        self.mfp.ask("wipe-credentials", "done", 5)
        self.mfp.expect("audit", 5, since, lambda e: e["kind"] == "wiped")
        for _ in range(2):
            self.login(self.ada.login_line("card"), "unknown", "not-cached")
            self.login(self.bob.login_line("password"), "unknown", "not-cached")
            self.restart()

    def test_a_damaged_file_is_set_aside(self):
        self.printer(*LAB)
        self.learn((self.ada, "card"))
        self.lose_server()
        self.mfp.kill()
        self.state("cred.db").write_bytes(b"no database at all " * 500)
        since = self.mfp.mark()
        self.mfp.start()
        alarm = self.mfp.expect("alarm", 5, since, lambda e: e["alarm"] == "state_damaged")
        self.assertIn("cred.db", alarm["what"])
        self.assertTrue(self.state("cred.db.damaged-1").read_bytes().startswith(b"no database"))
        self.login(self.ada.login_line("card"), "unknown", "not-cached")
        self.server.start()
        self.route_is("home")
        self.learn((self.ada, "card"))
        self.lose_server()
        self.login(self.ada.login_line("card"), "granted")

    def test_under_another_key_it_is_worth_nothing(self):
        self.printer(*LAB)
        self.learn((self.ada, "card"))
        self.lose_server()
        self.mfp.kill()
        (self.folder / "device.key").write_bytes(os.urandom(32))
        since = self.mfp.mark()
        self.mfp.start()
        self.login(self.ada.login_line("card"), "unknown", "not-cached")
        self.mfp.expect("alarm", 5, since, lambda e: e["alarm"] == "state_damaged")
        self.mfp.expect("audit", 5, since, lambda e: e["kind"] == "cache_damaged")

    def test_wrong_options(self):
        self.printer(*LAB)
        self.mfp.kill()
        refused = {("--lab-key-tier", "tee"): "--device-key",
                   ("--device-key", str(self.folder)): "--device-key",
                   ("--device-key", str(self.folder / "mfp.json")): "--device-key",
                   ("--device-key", str(self.folder / "k"), "--lab-key-tier", "tpm"): "tee"}
        base = self.mfp.options[:self.mfp.options.index("--device-key")]
        for options, words in refused.items():
            done = subprocess.run([MFP, *base, *options], capture_output=True, text=True,
                                  stdin=subprocess.DEVNULL, timeout=20)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(words, done.stderr)


class Words(Case):
    def test_a_wrong_password_reads_like_an_unknown_user(self):
        lines = ("login password ada wrong", "login password mallory wrong")
        self.printer(*LAB)
        self.learn((self.ada, "password"))
        home = [self.login(line, "denied", source="home")["text"] for line in lines]
        self.lose_server()
        self.login(self.ada.login_line("password"), "granted")  # a wrong one takes nothing away
        alone = [self.login(line)["text"] for line in lines]
        self.assertEqual(home[0], home[1])
        self.assertEqual(alone[0], alone[1])
        self.assertNotEqual(home[0], alone[0])
        status = self.mfp.ask("status", "status", 5)["text"]
        self.assertIn("cache on flash, key of tier soc_bound, 1 user", status)

    def test_home_hears_what_happened(self):
        self.printer(*LAB)
        self.learn((self.ada, "card"))
        self.lose_server()
        since = self.mfp.mark()
        self.login(self.ada.login_line("card"), "granted")
        self.login("login card 0BADCAFE", "unknown", "not-cached")
        told = [self.mfp.expect("audit", 5, since, lambda e, k=kind: e["kind"] == k)
                for kind in ("login_granted", "login_refused")]
        self.restart(kill=True)
        self.server.start()
        self.route_is("home")
        end = time.monotonic() + 15
        while self.offline()["audit_waiting"]:
            self.assertLess(time.monotonic(), end, "home never took the events")
            time.sleep(0.1)
        heard = {event["sequence"]: event["kind"]
                 for event in self.server.admin("GET", "/audit")["events"]}
        for event in told:
            self.assertEqual(heard[event["sequence"]], event["kind"])


class KilledInBetween(Case):
    """kill -9 between the counting of an attempt and its verdict: it stays counted."""

    COSTLY = 1000000  # half a second on a PC: time to be killed in

    def prepare(self, **policy):
        self.printer(*LAB, kdf_iterations=self.COSTLY, **policy)
        self.learn((self.bob, "card"), (self.bob, "password"))
        self.lose_server()
        self.restart()

    def written(self):
        path = self.state("cred.db-wal")
        if not path.exists():
            return None
        about = path.stat()
        return about.st_mtime_ns, about.st_size

    def at_rest(self):
        """What is written at the start has been written."""
        last, since = self.written(), time.monotonic()
        while time.monotonic() - since < 0.3:
            time.sleep(0.01)
            if self.written() != last:
                last, since = self.written(), time.monotonic()
        return last

    def attempt_and_kill(self, line, after_s, wait_for_count=True):
        """Was it counted before the kill, and the verdicts that had come by then."""
        before, since = self.at_rest(), self.mfp.mark()
        self.mfp.send(line)
        sent = time.monotonic()
        if wait_for_count:
            while self.written() == before:
                self.assertLess(time.monotonic() - sent, 5, "the attempt was never counted")
            time.sleep(0.02)  # to the end of that commit
        time.sleep(after_s)
        counted = self.written() != before
        self.mfp.kill()
        verdicts = [event for event in self.mfp.events[since:] if event["event"] == "login"]
        self.mfp.start()
        self.mfp.ask("present on", "done", 5)
        self.route_is("none")
        return counted, verdicts

    def check_kept(self, wrong, right, most):
        in_between = 0
        for number in range(most):
            # Before the last one there is room: nothing is counted twice either.
            if number == most - 1:
                self.login(right, "granted")
            counted, verdicts = self.attempt_and_kill(wrong, random.uniform(0, 0.1))
            self.assertTrue(counted)
            in_between += not verdicts
        # A busy machine may kill one too late.
        self.assertGreaterEqual(in_between, (most + 1) // 2, "verdicts were there already")
        for _ in range(2):
            event = self.login(right, "unknown", "locked")
            self.assertGreater(event["retry_after_s"], 0)
            self.restart(kill=True)

    def test_device(self):
        self.prepare(device_failures=4, device_forget_s=86400)
        self.check_kept("login card 0BADCAFE", self.bob.login_line("card"), 4)

    def test_user(self):
        self.prepare(pause_after=1, pause_s=3600)
        self.check_kept("login password bob wrong", self.bob.login_line("password"), 1)

    def test_any_moment(self):
        """Also before the counting and after the verdict: as many are left as were not counted."""
        most = 8
        self.prepare(device_failures=most, device_forget_s=86400)
        seed = int(os.environ.get("HOLDFAST_SEED", random.randrange(1 << 30)))
        print(f"HOLDFAST_SEED={seed}")
        draw = random.Random(seed)
        spent = 0
        for _ in range(most - 1):
            counted, verdicts = self.attempt_and_kill("login card 0BADCAFE", draw.uniform(0, 0.7),
                                                      wait_for_count=False)
            spent += bool(counted or verdicts)
        left = 0
        while self.login("login card 0BADCAFE")["denial"] != "locked":
            left += 1
            self.assertLessEqual(left, most)
        self.assertEqual(left, most - spent)
        self.login(self.bob.login_line("card"), "unknown", "locked")


if __name__ == "__main__":
    SERVER, MFP = sys.argv[1:3]
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]], verbosity=2)
