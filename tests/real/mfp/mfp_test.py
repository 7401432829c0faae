# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""The virtual printer's manners: bad input, its console, its ends. usage: mfp_test.py HOLDFAST_MFP

No print server runs here; the main job has those. The two addresses are of ports that nobody listens
on, or of a listener that never answers.
"""
import contextlib
import json
import os
import pathlib
import pty
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

BINARY = None
CONFIG = {"device_id": "mfp-1", "servers": [
    {"name": "main", "url": "http://127.0.0.1:9", "cluster_id": "office", "token": "token-1"}]}


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="holdfast-mfp-"))
        self.config = self.folder / "mfp.json"
        self.config.write_text(json.dumps(CONFIG))
        self.children = []

    def tearDown(self):
        for child in self.children:
            if child.poll() is None:
                child.kill()
            child.wait()
            for stream in (child.stdin, child.stdout, child.stderr):
                if stream:
                    stream.close()
        shutil.rmtree(self.folder)

    def arguments(self, *more, **replaced):
        options = {"config": self.config, "state": self.folder / "state",
                   "engine": f"folder:{self.folder / 'paper'}", **replaced}
        named = [part for name, value in options.items() if value is not None
                 for part in ("--" + name, str(value))]
        return [BINARY, *named, *more]

    def run_it(self, commands="", *more, json_too=True, timeout=30, **replaced):
        """One run to its end: (exit code, events or text, standard error)."""
        arguments = self.arguments(*(["--json"] if json_too else []), *more, **replaced)
        done = subprocess.run(arguments, input=commands.encode(), capture_output=True,
                              timeout=timeout)
        out = done.stdout.decode()
        if json_too:
            out = [json.loads(line) for line in out.splitlines()]
        return done.returncode, out, done.stderr.decode()

    def start(self, *more, **replaced):
        child = subprocess.Popen(self.arguments("--json", *more, **replaced),
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE)
        self.children.append(child)
        self.assertEqual(json.loads(child.stdout.readline())["event"], "ready")
        return child

    def silent_server(self):
        """Accepts and never answers."""
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        server = {**CONFIG["servers"][0], "url": f"http://127.0.0.1:{listener.getsockname()[1]}"}
        self.config.write_text(json.dumps(
            {**CONFIG, "servers": [server], "request": {"deadline_ms": 1500}}))

    def named(self, events, name):
        return [event for event in events if event["event"] == name]


class StartErrors(Case):
    """Each says what is wrong and where, with exit code 2, on standard error and as an event."""

    def refused(self, *words, args=(), **replaced):
        code, events, err = self.run_it("", *args, **replaced)
        self.assertEqual(code, 2, err)
        self.assertEqual([event["event"] for event in events], ["start_failed"])
        for word in words:
            self.assertIn(word, err)
        self.assertTrue(err.startswith("holdfast-mfp: "), err)
        return events[0]

    def test_options(self):
        self.refused("--config", config=None)
        self.refused("--state", state=None)
        self.refused("--engine", engine=None)
        self.refused("--frobnicate", args=["--frobnicate"])
        self.refused("--device-clock", "sometimes", args=["--device-clock", "sometimes"])
        self.refused("--device-page-ms", args=["--device-page-ms", "-1"])
        self.refused("--device-wall-unix-ms", args=["--device-wall-unix-ms", "-1"])
        for network in ("", "wifi", "netlink:", "netlinks", "none:eth0", "netlink:" + "x" * 16):
            self.refused("--device-network", args=["--device-network", network])

    def test_engines(self):
        for engine in ("laser", "folder:", "http://127.0.0.1/", "ipp:", ""):
            self.refused("--engine", "folder:DIR", "ipp://", engine=engine)
        self.refused("ipp://", engine="ipp://user@:70000/ipp/print")
        self.refused("missing/paper", "No such file", engine=f"folder:{self.folder}/missing/paper")
        self.refused("/proc", engine="folder:/proc/holdfast")

    def test_files(self):
        self.refused("missing.json", "No such file", config=self.folder / "missing.json")
        self.refused(str(self.folder), "directory", config=self.folder)
        self.refused("missing/state", "No such file", state=self.folder / "missing/state")
        self.refused("mfp.json", "directory", state=self.config)
        self.refused("/proc", state="/proc/holdfast")

    def test_folders_of_others(self):
        """Root may write everywhere, so it tries as somebody else."""
        self.folder.chmod(0o755)
        closed = self.folder / "closed"
        closed.mkdir(mode=0o555)
        program = shutil.copy(BINARY, self.folder / "holdfast-mfp")
        for named in ({"state": closed}, {"state": closed / "state"},
                      {"state": self.folder / "open", "engine": f"folder:{closed}"}):
            (self.folder / "open").mkdir(mode=0o777, exist_ok=True)
            (self.folder / "open").chmod(0o777)
            arguments = self.arguments("--json", **named)
            done = subprocess.run([str(program), *arguments[1:]], capture_output=True, timeout=10,
                                  user=65534 if os.geteuid() == 0 else None,
                                  stdin=subprocess.DEVNULL)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn("ermission denied", done.stderr.decode())
            self.assertIn(str(closed), done.stderr.decode())

    def test_state_in_use(self):
        first = self.start()
        self.refused(str(self.folder / "state"), "another process", engine="folder:" + str(
            self.folder / "other"))
        first.stdin.write(b"status\n")
        first.stdin.flush()
        self.assertEqual(json.loads(first.stdout.readline())["event"], "status")

    def test_paper_in_use(self):
        self.start()
        self.refused(str(self.folder / "paper"), "another process", state=self.folder / "other")

    def test_configuration(self):
        self.config.write_text("{")
        self.refused("mfp.json", "1 error")
        self.config.write_text(json.dumps({
            **CONFIG, "device_id": "two words", "colour": "blue",
            "probe": {"probe_s": 2}, "down": {"suspect_silence_ms": 4000, "down_silence_ms": 3000},
            "servers": [{"name": "main", "url": "ftp://x", "cluster_id": "office"},
                        {"name": "main", "url": "http://127.0.0.1:1", "cluster_id": "office"},
                        {"name": "third", "cluster_id": "office", "url": "https://print.example",
                         "token": "sec ret"}]}))
        event = self.refused("/probe/probe_s: 2 is not allowed; use 5..900")
        fields = {error["field"]: error for error in event["errors"]}
        self.assertLessEqual({"/device_id", "/colour", "/probe/probe_s", "/down/down_silence_ms",
                              "/servers/0/url", "/servers/1/name", "/servers/2/token"},
                             set(fields))
        self.assertEqual(fields["/device_id"]["value"], "two words")
        self.assertIn("4000", fields["/down/down_silence_ms"]["allowed"])
        self.assertNotIn("sec ret", json.dumps(event))
        self.assertTrue(all(error["allowed"] for error in event["errors"]))

    def test_help_and_version(self):
        for option in ("--help", "--version"):
            done = subprocess.run([BINARY, option], capture_output=True, timeout=10)
            self.assertEqual(done.returncode, 0)
            self.assertTrue(done.stdout)


class Commands(Case):
    def test_wrong_commands_change_nothing(self):
        wrong = ["frobnicate", "login", "login card", "login card a b", "login badge 1",
                 "login password ada", "jobs", "jobs now", "release", "release 1 2", "cancel",
                 "cancel 1", "cancel 6f1c2a90", "resolve 1", "resolve 1 perhaps", "logout",
                 "present", "present maybe", "break-glass", "wipe-credentials now", "rotate-key 2",
                 "link sideways", "wait", "wait -1", "wait 99999999",
                 "wait-for", "wait-for login soon", "servers please", "LOGIN card 1", "\x1b[31m"]
        code, events, _ = self.run_it("\n".join(wrong) + "\nstatus\n")
        errors = self.named(events, "error")
        self.assertEqual(code, 0)
        self.assertEqual(len(errors), len(wrong), errors)
        for line, error in zip(wrong, errors):
            self.assertEqual(error["command"], line.split()[0])
            self.assertTrue(error["what"])
        self.assertEqual(len(self.named(events, "status")), 1)
        self.assertEqual(events[-1]["event"], "bye")

    def test_strange_lines(self):
        lines = b"\n   \n# login card 1\n\tstatus\r\n" + b"x" * 5000 + b"\nstatus\n\xff\xfe\nstatus"
        done = subprocess.run(self.arguments("--json"), input=lines, capture_output=True, timeout=30)
        events = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(done.returncode, 0)
        self.assertEqual(len(self.named(events, "status")), 3)
        self.assertEqual(len(self.named(events, "error")), 2)
        self.assertIn("longer", self.named(events, "error")[0]["what"])

    def test_help_names_each_command(self):
        _, events, _ = self.run_it("help\n")
        listed = {entry["command"] for entry in self.named(events, "help")[0]["commands"]}
        self.assertEqual(listed, {
            "login", "break-glass", "wipe-credentials", "rotate-key",
            "jobs", "release", "cancel", "resolve", "logout", "servers", "status",
            "history", "failback", "present", "link", "reload", "wait", "wait-for", "help", "quit"})

    def test_time_goes_forward(self):
        _, events, _ = self.run_it("status\nwait 200\nstatus\nwait-for nothing 100\nhistory\n")
        times = [event["t_ms"] for event in events]
        self.assertEqual(times, sorted(times))
        first, second = self.named(events, "status")
        self.assertGreaterEqual(second["t_ms"] - first["t_ms"], 200)
        self.assertFalse(self.named(events, "waited")[0]["met"])

    def test_nobody_answers(self):
        """A login has an answer by its deadline, and the text names no wrong culprit."""
        self.config.write_text(json.dumps({**CONFIG, "request": {"deadline_ms": 1000}}))
        _, events, _ = self.run_it("login card 04A2B3C4\nlogin card 1\nwait-for login\nservers\n")
        login = self.named(events, "login")[0]
        self.assertEqual(login["verdict"], "unknown")
        self.assertLess(login["took_ms"], 1500)
        self.assertIn("No print server answers", login["text"])
        self.assertIn("under way", self.named(events, "error")[0]["what"])
        server = self.named(events, "servers")[0]["servers"][0]
        self.assertEqual(server["state"], "down")
        self.assertNotIn("04A2B3C4", json.dumps(events))

    def test_unplugged(self):
        self.silent_server()  # a refusal would be an answer, and overrule the interface
        _, events, _ = self.run_it("link down\nlogin card 1\nwait-for login\nlink up\n")
        login = self.named(events, "login")[0]
        self.assertEqual(login["local"], "network_down")
        self.assertIn("cable", login["text"])

    def test_snapshot_is_json(self):
        _, events, _ = self.run_it("status\n")
        self.assertIsInstance(self.named(events, "status")[0]["snapshot"], dict)

    def test_link(self):
        """The host's own word for a cable, and what a person reads of it."""
        _, events, _ = self.run_it("link down\nwait-for local_health\nstatus\nlogin card 1\n"
                                   "wait-for login\nlink up\nwait-for link\nstatus\n")
        self.assertEqual([event["link"] for event in self.named(events, "link")],
                         ["no_link", "usable"])
        first, last = self.named(events, "status")
        self.assertEqual((first["local"], first["link"]), ("network_down", "no_link"))
        self.assertIn("the cable is out", first["text"])
        self.assertIn("the cable is out", self.named(events, "login")[0]["text"])
        self.assertEqual(last["link"], "usable")

    def test_reload_is_all_or_nothing(self):
        child = self.start()

        def ask(line, answer):
            child.stdin.write(line.encode() + b"\n")
            child.stdin.flush()
            while True:
                event = json.loads(child.stdout.readline())
                if event["event"] == answer:
                    return event

        two = CONFIG["servers"] + [{"name": "second", "url": "http://127.0.0.1:10",
                                    "cluster_id": "office"}]
        self.config.write_text(json.dumps({**CONFIG, "servers": two, "probe": {"probe_s": 1}}))
        errors = ask("reload", "error")["errors"]
        self.assertEqual([error["field"] for error in errors], ["/probe/probe_s"])
        self.assertEqual(len(ask("servers", "servers")["servers"]), 1)
        self.config.write_text(json.dumps({**CONFIG, "servers": two}))
        ask("reload", "done")
        names = [server["name"] for server in ask("servers", "servers")["servers"]]
        self.assertEqual(names, ["main", "second"])
        self.config.unlink()
        self.assertIn("No such file", ask("reload", "error")["what"])


class Ends(Case):
    def test_end_of_input_finishes_what_is_under_way(self):
        self.silent_server()
        code, events, _ = self.run_it("login card 1")
        self.assertEqual(code, 0)
        self.assertEqual(len(self.named(events, "login")), 1)
        self.assertTrue(events[-1]["finished"])

    def test_the_end_is_bounded(self):
        self.silent_server()
        began = time.monotonic()
        code, events, _ = self.run_it("login card 1\nquit\nstatus\n", "--finish-ms", "300")
        self.assertEqual(code, 1)
        self.assertLess(time.monotonic() - began, 5)
        self.assertEqual(events[-1]["event"], "bye")
        self.assertFalse(events[-1]["finished"])
        self.assertEqual(self.named(events, "status"), [])

    def test_signals(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            child = self.start()
            child.send_signal(number)
            self.assertEqual(child.wait(10), 0)

    def test_second_signal_ends_at_once(self):
        self.silent_server()
        child = self.start("--finish-ms", "60000")
        child.stdin.write(b"login card 1\n")
        child.stdin.flush()
        time.sleep(0.3)
        child.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        self.assertIsNone(child.poll())
        child.send_signal(signal.SIGTERM)
        self.assertEqual(child.wait(5), 1)

    def test_reader_that_leaves(self):
        child = self.start()
        child.stdout.close()
        child.stdin.write(b"status\nstatus\n")
        child.stdin.close()
        self.assertEqual(child.wait(10), 0)

    def test_restart_in_the_same_state(self):
        for _ in range(2):
            code, events, err = self.run_it("status\n")
            self.assertEqual((code, err), (0, ""))
            self.assertEqual(self.named(events, "alarm"), [])
        child = self.start()
        child.kill()
        child.wait()
        self.assertEqual(self.run_it("status\n")[0], 0)


class Person(Case):
    """A prompt at a terminal, texts without it."""
    unread = ""

    @contextlib.contextmanager
    def terminal(self):
        master, slave = pty.openpty()
        child = subprocess.Popen(self.arguments(), stdin=slave, stdout=slave,
                                 stderr=subprocess.PIPE, start_new_session=True)
        self.children.append(child)
        os.close(slave)
        try:
            yield master, child
        finally:
            os.close(master)

    def read_until(self, master, text, timeout=10):
        """What was written up to and with `text`; the rest stays for the next call."""
        end = time.monotonic() + timeout
        while text not in self.unread:
            ready, _, _ = select.select([master], [], [], max(0, end - time.monotonic()))
            self.assertTrue(ready, f"no {text!r} in {self.unread!r}")
            self.unread += os.read(master, 4096).decode()
        seen, self.unread = self.unread.split(text, 1)
        return seen

    def test_prompt(self):
        with self.terminal() as (master, child):
            self.read_until(master, "mfp> ")
            os.write(master, b"frobnicate\n")
            self.assertIn("unknown command", self.read_until(master, "mfp> "))
            os.write(master, b"login card 1\n")
            self.read_until(master, "No print server answers", timeout=20)
            self.read_until(master, "mfp> ")
            os.write(master, b"quit\n")
            self.assertEqual(child.wait(10), 0)

    def test_texts_without_terminal(self):
        code, text, _ = self.run_it("help\nservers\n", json_too=False)
        self.assertEqual(code, 0)
        self.assertNotIn("mfp> ", text)
        self.assertIn("main (office)", text)
        self.assertNotIn("{", text)


if __name__ == "__main__":
    BINARY = sys.argv.pop(1)
    unittest.main()
