# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""What the cases of test_ipp.py work with: a real printer, runs of ipp_print, and a proxy that
breaks connections."""
import contextlib
import json
import os
import pathlib
import select
import signal
import socket
import subprocess
import sys
import threading
import time

SUPPORT = pathlib.Path(__file__).resolve().parents[2] / "support"
sys.path.insert(0, str(SUPPORT))
from make_pdf import make_pdf  # noqa: E402


def check(condition, *what):
    if not condition:
        raise AssertionError(" ".join(str(part) for part in what))


class Printer:
    def __init__(self, directory):
        self.directory = directory
        self.url = None

    def command(self, *words):
        script = [sys.executable, "-B", str(SUPPORT / "ippeveprinter.py"), words[0]]
        done = subprocess.run([*script, str(self.directory), *words[1:]], capture_output=True,
                              text=True, check=False)
        check(done.returncode == 0, done.stderr)
        return done.stdout.strip()

    def start(self, page_ms=150):
        self.url = self.command("start", "--page-ms", str(page_ms))

    def stop(self, kill=False):
        self.command("stop", *(["--kill"] if kill else []))

    def port(self):
        return int((self.directory / "port").read_text())

    def pids(self):
        """Of dbus-daemon and of ippeveprinter."""
        return [int(line.split()[0]) for line in (self.directory / "pids").read_text().splitlines()]

    def signal(self, number):
        """To ippeveprinter. SIGSTOP takes hold a moment later: waits for every thread."""
        pid = self.pids()[1]
        os.kill(pid, number)
        threads = pathlib.Path(f"/proc/{pid}/task")
        while number == signal.SIGSTOP and not all(
                (task / "stat").read_text().rpartition(")")[2].split()[0] == "T"
                for task in threads.iterdir()):
            time.sleep(0.005)

    def marking_engine(self):
        children = pathlib.Path("/proc").glob("[0-9]*/stat")
        for stat in children:
            with contextlib.suppress(OSError):
                if stat.read_text().rpartition(")")[2].split()[1] == str(self.pids()[1]):
                    return int(stat.parent.name)
        raise AssertionError("no marking engine is running")

    def journal(self, attempt=None):
        lines = [line.split() for line in (self.directory / "journal").read_text().splitlines()]
        return [line for line in lines if attempt in (None, line[1])]

    def pages(self, attempt):
        return sum(line[0] == "page" for line in self.journal(attempt))

    def begins(self, attempt):
        return [line for line in self.journal(attempt) if line[0] == "begin"]


class Run:
    """One run of ipp_print; its events as they come."""

    def __init__(self, program, url, attempt, **options):
        words = [str(word) for key, value in options.items()
                 for word in (key.replace("_", "-"), value)]
        self.process = subprocess.Popen([program, url, attempt, *words], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        self.events = []
        self.changed = threading.Condition()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            with self.changed:
                self.events.append(json.loads(line))
                self.changed.notify_all()

    def wait_for(self, wanted, seconds=30):
        with self.changed:
            seen = self.changed.wait_for(lambda: any(map(wanted, self.events)), seconds)
            check(seen, "not seen in", seconds, "s; events:", self.events)

    def end(self, seconds=60):
        """The final event. There is exactly one, and it is the last."""
        self.process.wait(seconds)
        self.reader.join(5)
        errors = self.process.stderr.read()
        check(self.process.returncode == 0, "ipp_print failed:", errors, self.events)
        finals = [event for event in self.events if event["phase"] not in ("accepted", "printing")]
        check(len(finals) == 1 and finals[0] is self.events[-1], self.events)
        return finals[0]

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.reader.join(5)


class Proxy:
    """Stands before the printer. An upload is cut after `cut_after` bytes, loses its answer, or
    stands still for `hold_s` after its first bytes."""

    def __init__(self, port, cut_after=None, lose_answer=False, hold_s=0):
        self.port, self.cut_after, self.lose_answer = port, cut_after, lose_answer
        self.hold_s = hold_s
        self.used = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"ipp://127.0.0.1:{self.listener.getsockname()[1]}/ipp/print"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        with client, socket.create_connection(("127.0.0.1", self.port)) as server:
            passed, head, upload = 0, b"", False
            while True:
                for ready in select.select([client, server], [], [])[0]:
                    data = ready.recv(65536)
                    if not data:
                        return
                    if ready is server:
                        if upload and self.lose_answer and b"100 Continue" not in data:
                            self.used.set()
                            return
                        client.sendall(data)
                        continue
                    head = (head + data)[:4096]
                    upload = upload or b"\r\n\r\n\x02\x00\x00\x06" in head
                    passed += len(data)
                    if upload and self.cut_after is not None and passed > self.cut_after:
                        self.used.set()
                        return
                    server.sendall(data)
                    if upload and self.hold_s and not self.used.is_set():
                        self.used.set()
                        time.sleep(self.hold_s)


class Bench:
    def __init__(self, program, directory):
        self.program = program
        self.directory = directory
        self.printer = Printer(directory / "printer")
        self.printer.directory.mkdir()

    def pdf(self, pages=3, kib=0):
        path = self.directory / f"document-{pages}-{kib}.pdf"
        path.write_bytes(make_pdf(pages, f"Holdfast, {pages} pages", kib * 1024))
        return path

    def run(self, attempt, url=None, **options):
        return Run(self.program, url or self.printer.url, attempt, **options)

    def print(self, attempt, pages=3, **options):
        return self.run(attempt, file=self.pdf(pages), pages=pages, **options)
