# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""The virtual printer and the servers around it, as processes."""
import json
import pathlib
import queue
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).parent


class Broken(AssertionError):
    pass


def check(condition, *what):
    if not condition:
        raise Broken(" ".join(str(part) for part in what))


class HostileServer:
    def __init__(self, answer, at=(), **options):
        arguments = [sys.executable, "-B", str(HERE / "hostile_server.py"), answer]
        for path in at:
            arguments += ["--at", path]
        for name, value in options.items():
            arguments += ["--" + name.replace("_", "-"), str(value)]
        self.process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)
        self.port = json.loads(self.process.stdout.readline())
        self.scheme = "https" if "tls_cert" in options else "http"
        self.requests = []
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.requests.append(json.loads(line))

    def asked_for(self, kind, since=0, most_s=5):
        """The requests of that kind; its log may come a moment after its answer."""
        end = time.monotonic() + most_s
        while True:
            found = [each for each in self.requests[since:] if each["kind"] == kind]
            if found:
                return found
            check(time.monotonic() < end, "the server was never asked for", kind)
            time.sleep(0.02)

    def entry(self, name, **more):
        return {"name": name, "url": f"{self.scheme}://127.0.0.1:{self.port}",
                "cluster_id": "office", "token": "token-1", **more}

    def close(self):
        self.process.kill()
        self.process.wait()
        self.reader.join()
        self.process.stdin.close()
        self.process.stdout.close()


class Mfp:
    """holdfast-mfp --json. Its events are kept; ask() sends a command and waits for its answer."""

    def __init__(self, binary, folder, servers, *options, wrapper=(), **config):
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.config = folder / "mfp.json"
        self.configure(servers, **config)
        self.errors = open(folder / "stderr", "wb")
        self.process = subprocess.Popen(
            [*wrapper, binary, "--json", "--config", self.config, "--state", folder / "state",
             "--engine", f"folder:{folder / 'paper'}", "--log", "debug", *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors)
        self.events = []
        self.fresh = queue.Queue()
        self.output = b""
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        self.next("ready", 20)

    def configure(self, servers, **more):
        self.config.write_text(json.dumps({"device_id": "mfp-1", "servers": servers, **more}))

    def read(self):
        for line in self.process.stdout:
            self.output += line
            event = json.loads(line)  # each line is JSON, whatever the servers said
            self.events.append(event)
            self.fresh.put(event)
        self.fresh.put(None)

    def send(self, command):
        self.process.stdin.write(command.encode() + b"\n")
        self.process.stdin.flush()

    def next(self, name, most_s):
        end = time.monotonic() + most_s
        while True:
            try:
                event = self.fresh.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                raise Broken(f"no event '{name}' within {most_s} s") from None
            check(event is not None, f"the printer ended with {self.process.poll()} before", name,
                  self.tail())
            check(event["event"] not in ("error",), event)
            if event["event"] == name:
                return event

    def ask(self, command, name=None, most_s=12):
        while not self.fresh.empty():
            if self.fresh.get() is None:
                raise Broken(f"the printer ended with {self.process.wait()}: {self.tail()}")
        self.send(command)
        return self.next(name or command.split()[0], most_s)

    def server(self, name):
        return next(each for each in self.ask("servers")["servers"] if each["name"] == name)

    def wait_state(self, name, states, most_s=12):
        end = time.monotonic() + most_s
        while True:
            found = self.server(name)
            if found["state"] in states:
                return found
            check(time.monotonic() < end, f"{name} should become", " or ".join(states), "but is",
                  found["state"], found["cause"])
            time.sleep(0.1)

    def peak_kib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0])

    def tail(self):
        self.errors.flush()
        return (self.folder / "stderr").read_text(errors="replace")[-2000:]

    def quit(self):
        if self.process.poll() is None:
            self.send("quit")
        try:
            code = self.process.wait(20)
        except subprocess.TimeoutExpired:
            raise Broken("the printer doesn't end") from None
        check(code == 0, "the printer ended with", code, self.tail())

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.reader.join()
        self.process.stdin.close()
        self.process.stdout.close()
        self.errors.close()


def is_sanitized(binary):
    text = pathlib.Path(binary).read_bytes()
    return b"__asan_init" in text or b"__tsan_init" in text


def run_all(cases, run, at_once):
    """Runs each case in a thread. Prints a line for each and returns the number that failed."""
    from concurrent.futures import ThreadPoolExecutor

    def guarded(case):
        began = time.monotonic()
        try:
            said, wrong = run(case), None
        except (Broken, OSError, ValueError, KeyError) as error:
            said, wrong = "", f"{type(error).__name__}: {error}"
        return case, said, wrong, time.monotonic() - began

    failed = 0
    with ThreadPoolExecutor(at_once) as pool:
        for case, said, wrong, took in pool.map(guarded, cases):
            failed += wrong is not None
            print(f"{'FAILED' if wrong else 'ok':6} {took:5.1f} s  {case}: {wrong or said}",
                  flush=True)
    return failed


