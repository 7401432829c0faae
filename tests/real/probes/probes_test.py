# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""Servers that know nothing of Holdfast, probed as they are. usage: probes_test.py HOLDFAST_MFP

A health page that changes its mind, a bare TCP port, a real IPP printer and a stock CUPS server each
leave and come back, as holdfast-mfp tells it. Nobody logs in or prints. The bounds are generous: a
busy machine is no failure, a state that is never reached is.
"""
import contextlib
import http.server
import json
import pathlib
import queue
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from cupsd import Cupsd, free_port

BINARY = None
PRINTER = pathlib.Path(__file__).resolve().parents[2] / "support/ippeveprinter.py"
SOON = 40  # seconds
POLICY = {
    "probe": {"probe_s": 5, "user_present_probe_ms": 500, "suspect_interval_ms": 500},
    "down": {"backoff_min_ms": 500, "backoff_max_ms": 1500, "preferred_backoff_max_ms": 1500},
    "failback": {"hold_down_s": 0, "spread_s": 0, "grace_spread_s": 0, "good_probes": 1,
                 "good_probe_spacing_ms": 500, "max_switches_per_hour": 60}}


def server(name, port, **probe):
    return {"name": name, "url": f"http://127.0.0.1:{port}", "cluster_id": "office",
            "probe": probe}


class Page(http.server.ThreadingHTTPServer):
    """A health page. Its status code says nothing: 200 also when degraded."""
    daemon_threads = True

    def __init__(self):
        page = self
        self.health = "fine"
        self.status = 200

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                right = self.path == "/monitor/health?verbose=1"
                body = json.dumps({"checks": [{"print": page.health}]}).encode()
                self.send_response(page.status if right else 404)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *words):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def handle_error(self, request, client_address):
        pass  # a probe that was given up

    def end(self):
        self.shutdown()
        self.server_close()


class Device:
    def __init__(self, servers):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="holdfast-probes-"))
        config = self.folder / "mfp.json"
        config.write_text(json.dumps({"device_id": "mfp-1", "servers": servers, **POLICY}))
        self.process = subprocess.Popen(
            [BINARY, "--json", "--config", config, "--state", self.folder / "state", "--engine",
             f"folder:{self.folder / 'paper'}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.told = []  # for the message of a failure
        self.events = queue.Queue()
        self.reader = threading.Thread(target=self.read)
        self.reader.start()
        self.say("present on")

    def read(self):
        for line in self.process.stdout:
            event = json.loads(line)
            self.told.append(event)
            self.events.put(event)

    def say(self, command):
        self.process.stdin.write(command.encode() + b"\n")
        self.process.stdin.flush()

    def ask(self, command, answer):
        self.say(command)
        while True:
            event = self.events.get(timeout=SOON)
            if event["event"] == answer:
                return event

    def servers(self):
        listed = self.ask("servers", "servers")["servers"]
        return {one["name"]: one for one in listed}

    def wait_for(self, what, condition, seconds=SOON):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = self.servers()
            if condition(found):
                return found
            time.sleep(0.1)
        raise AssertionError(f"not within {seconds} s: {what}; states: "
                             f"{json.dumps(self.changes())}; now {json.dumps(found)}")

    def wait_state(self, name, state):
        found = self.wait_for(f"{name} {state}", lambda all: all[name]["state"] == state)
        return found[name]

    def changes(self):
        return [(event["server"], event["to"], event["cause"]) for event in self.told
                if event["event"] == "server_state"]

    def end(self):
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        code = self.process.wait(timeout=20)
        self.reader.join()
        self.process.stdout.close()
        shutil.rmtree(self.folder)
        return code


class Probes(unittest.TestCase):
    def start(self, *servers):
        device = Device(servers)
        self.addCleanup(lambda: self.assertEqual(device.end(), 0))
        return device

    def page(self):
        page = Page()
        self.addCleanup(page.end)
        return page

    def page_server(self, name, page, wanted='"fine"'):
        return server(name, page.port, kind="http", path="/monitor/health?verbose=1",
                      json_pointer="/checks/0/print", json_value=wanted)

    def test_health_page(self):
        """Left when the page says so, and returned to; a status alone is heard as well."""
        first, second = self.page(), self.page()
        device = self.start(self.page_server("first", first), self.page_server("second", second))
        device.wait_for("first in charge", lambda all: all["first"]["in_charge"])
        first.health = "degraded"
        device.wait_for("second in charge", lambda all: all["second"]["in_charge"])
        self.assertNotEqual(device.servers()["first"]["state"], "up")
        first.health = "fine"
        device.wait_for("first again", lambda all: all["first"]["in_charge"])
        first.status = 500
        device.wait_for("second again", lambda all: all["second"]["in_charge"])
        self.assertEqual(device.servers()["second"]["state"], "up")

    def test_page_that_never_fits(self):
        page, other = self.page(), self.page()
        device = self.start(self.page_server("strict", page, wanted="true"),
                            self.page_server("other", other))
        device.wait_for("other in charge", lambda all: all["other"]["in_charge"])
        device.wait_for("strict asked thrice", lambda all: all["strict"]["probes_failed"] >= 3)
        self.assertNotIn("up", [to for name, to, _ in device.changes() if name == "strict"])

    def test_tcp_port(self):
        """A connection is all that is asked: an open port is a server that is up."""
        page = self.page()
        listener = socket.create_server(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        with contextlib.closing(listener):
            device = self.start(server("port", port, kind="tcp"), self.page_server("other", page))
            device.wait_for("port in charge", lambda all: all["port"]["in_charge"])
        device.wait_state("port", "down")
        device.wait_for("other in charge", lambda all: all["other"]["in_charge"])
        with contextlib.closing(socket.create_server(("127.0.0.1", port))):
            device.wait_for("port again", lambda all: all["port"]["in_charge"])

    def test_ipp_printer(self):
        """A real printer that is switched off and on again."""
        folder = pathlib.Path(tempfile.mkdtemp(prefix="holdfast-printer-"))
        self.addCleanup(shutil.rmtree, folder)

        def printer(*words):
            subprocess.run([sys.executable, "-B", PRINTER, *map(str, words)], check=True,
                           stdout=subprocess.DEVNULL, timeout=60)

        printer("start", folder)
        self.addCleanup(printer, "stop", folder, "--kill")
        port = int((folder / "port").read_text())
        one = server("printer", port, kind="ipp", path="/ipp/print")
        device = self.start({**one, "url": f"http://localhost:{port}"})
        device.wait_state("printer", "up")
        printer("stop", folder)
        device.wait_state("printer", "down")
        printer("start", folder)
        found = device.wait_state("printer", "up")
        self.assertGreater(found["probes"], found["probes_failed"])

    def test_cups(self):
        """Frozen it still accepts: who asks for no answer believes it well, who does knows better."""
        cups = Cupsd()
        self.addCleanup(cups.end)
        device = self.start(server("queue", cups.port, kind="ipp", path="/printers/office"),
                            server("port", cups.port, kind="tcp"),
                            server("nothing", cups.port, kind="ipp", path="/printers/none"))
        device.wait_state("queue", "up")
        device.wait_state("port", "up")
        device.wait_for("a refusal of what isn't there",
                        lambda all: all["nothing"]["probes_failed"] >= 3)
        self.assertNotEqual(device.servers()["nothing"]["state"], "up")
        cups.freeze()
        device.wait_state("queue", "down")
        self.assertEqual(device.servers()["port"]["state"], "up")
        seen = [to for name, to, _ in device.changes() if name == "queue"]
        self.assertEqual(seen[-2:], ["suspect", "down"])
        cups.thaw()
        device.wait_state("queue", "up")

    def test_nobody(self):
        """Each kind finds that nobody is there."""
        port = free_port()
        kinds = [{"kind": "http", "path": "/"}, {"kind": "tcp"}, {"kind": "ipp", "path": "/a"}]
        device = self.start(*(server(probe["kind"], port, **probe) for probe in kinds))
        for probe in kinds:
            device.wait_state(probe["kind"], "down")


if __name__ == "__main__":
    BINARY = sys.argv.pop(1)
    unittest.main(verbosity=2)
