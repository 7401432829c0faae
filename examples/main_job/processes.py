# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""The processes of the main job: two print servers and a virtual printer. Ends only what it began."""
import http.client
import json
import os
import select
import signal
import subprocess
import threading
import time

ADMIN_TOKEN = "main-job-admin"


class Broken(Exception):
    """The job went wrong; the text says how."""


class Process:
    """A child in a session of its own: Ctrl-C reaches the driver alone, which then ends its children."""

    def __init__(self, name, arguments, log_path):
        self.name = name
        self.arguments = arguments
        self.log_path = log_path
        self.child = None

    def spawn(self, **more):
        with open(self.log_path, "ab") as log:
            self.child = subprocess.Popen(self.arguments, stdout=subprocess.PIPE, stderr=log,
                                          start_new_session=True, **more)

    @property
    def pid(self):
        return self.child.pid

    def running(self):
        return self.child is not None and self.child.poll() is None

    def signal(self, number):
        self.child.send_signal(number)

    def kill(self):
        """kill -9; returns when it is gone."""
        if self.running():
            self.child.kill()
        if self.child is not None:
            self.child.wait()
            self.child.stdout.close()

    def end(self, grace_s=5):
        """Asks it to stop, and kills it when it doesn't."""
        if not self.running():
            return
        self.child.send_signal(signal.SIGCONT)
        self.child.terminate()
        try:
            self.child.wait(grace_s)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()

    def log_tail(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return "".join(file.readlines()[-10:]).rstrip()


class Server(Process):
    def __init__(self, name, binary, folder, cluster, *options, tls=None):
        """`tls`: a context to talk to it by https; the options have its certificate."""
        self.tls = tls
        self.folder = os.path.join(folder, name)
        self.record = os.path.join(folder, name + ".ndjson")
        arguments = [binary, "--data", self.folder, "--cluster-id", cluster,
                     "--admin-token", ADMIN_TOKEN, "--record", self.record, *options]
        super().__init__(name, arguments, os.path.join(folder, name + ".log"))
        self.port = 0

    def start(self, timeout_s=15):
        """On a free port the first time, and on the same one after that."""
        base = self.arguments
        self.arguments = base + ["--listen", f"127.0.0.1:{self.port}"]
        self.spawn()
        self.arguments = base
        ready, _, _ = select.select([self.child.stdout], [], [], timeout_s)
        line = self.child.stdout.readline() if ready else b""
        if not line:
            raise Broken(f"{self.name} did not start: {self.log_tail()}")
        self.port = json.loads(line)["port"]

    @property
    def url(self):
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def call(self, method, path, headers, body=None, timeout_s=10):
        connection = (
            http.client.HTTPSConnection("127.0.0.1", self.port, timeout=timeout_s, context=self.tls)
            if self.tls else http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout_s))
        try:
            connection.request(method, path, body=body, headers=headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        if answer.status >= 300:
            raise Broken(f"{self.name}: {method} {path}: {answer.status} {content[:300]!r}")
        return json.loads(content) if content else None

    def admin(self, method, path, value=None):
        body = None if value is None else json.dumps(value)
        return self.call(method, "/admin" + path, {"Authorization": "Bearer " + ADMIN_TOKEN}, body)

    def fault(self, fault):
        self.admin("POST", "/faults", fault)

    def role(self, role):
        self.admin("POST", "/role", {"role": role, "retry_after_s": 2})

    def job_states(self):
        """UUID -> state, of the jobs that are there and those that have ended."""
        return {job["uuid"]: job["state"] for job in self.admin("GET", "/jobs")["jobs"]}

    def recorded(self, operation):
        """What the server itself wrote down: each request of that kind, with its answer."""
        with open(self.record, encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
        return [line for line in lines if line["operation"] == operation]


class Mfp(Process):
    """Commands go in as lines; events come out as JSON and are kept in order."""

    def __init__(self, binary, config, folder, *more):
        self.binary = binary
        self.config = config
        self.state = os.path.join(folder, "mfp-state")
        self.paper = os.path.join(folder, "paper")
        self.options = ["--config", config, "--state", self.state,
                        "--engine", "folder:" + self.paper, *more]
        super().__init__("mfp", [binary, *self.options, "--json"], os.path.join(folder, "mfp.log"))
        self.events = []
        self.changed = threading.Condition()
        self.listener = lambda event: None

    def start(self):
        """Also again, after its end: its events are appended."""
        since = self.mark()
        self.spawn(stdin=subprocess.PIPE)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        return self.expect("ready", 15, since)

    def kill(self):
        if self.running():
            self.child.kill()
        self.child.wait()
        self.reader.join()  # so that "ended" is the last of this life's events
        self.child.stdin.close()
        self.child.stdout.close()

    def _read(self):
        for line in self.child.stdout:
            event = json.loads(line)
            event["at"] = time.monotonic()
            event["wall"] = time.time()
            with self.changed:
                self.events.append(event)
                self.changed.notify_all()
            self.listener(event)
        with self.changed:
            self.events.append({"event": "ended", "at": time.monotonic()})
            self.changed.notify_all()

    def mark(self):
        """A place in the events; pass it to expect() to look from there on."""
        with self.changed:
            return len(self.events)

    def send(self, line):
        try:
            self.child.stdin.write((line + "\n").encode())
            self.child.stdin.flush()
        except BrokenPipeError as error:
            raise Broken(f"the printer has ended: {self.log_tail()}") from error

    def expect(self, name, timeout_s, since=0, where=lambda event: True, command=None):
        """The first such event. An error of `command` ends the wait as well."""
        end = time.monotonic() + timeout_s
        with self.changed:
            while True:
                for event in self.events[since:]:
                    if event["event"] == name and where(event):
                        return event
                    if event["event"] == "error" and event["command"] == command:
                        raise Broken(f"'{command}': {event['what']}")
                    if event["event"] == "ended":
                        raise Broken(f"the printer has ended: {self.log_tail()}")
                left = end - time.monotonic()
                if left <= 0:
                    raise Broken(f"no '{name}' within {timeout_s} s; last: {self.events[-3:]}")
                self.changed.wait(left)

    def ask(self, line, answer, timeout_s, where=lambda event: True):
        """Sends a command and returns its answer."""
        since = self.mark()
        self.send(line)
        return self.expect(answer, timeout_s, since, where, line.split()[0])

    def finish(self, timeout_s=30):
        """End of input: it finishes what is under way. Returns its exit code."""
        self.child.stdin.close()
        try:
            return self.child.wait(timeout_s)
        except subprocess.TimeoutExpired as error:
            raise Broken(f"the printer did not end within {timeout_s} s") from error
