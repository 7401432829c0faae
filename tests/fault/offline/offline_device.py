# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""holdfast-offline-device and the servers that it loses, as processes."""
import base64
import hashlib
import http.server
import json
import pathlib
import queue
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "hostile_answers"))
from device import Broken, HostileServer, check, is_sanitized, run_all  # noqa: E402,F401

OFFLINE = {"cache": "automatic", "sync": "all", "kdf_iterations": 10000, "pin_guess_permille": 1000}


class Device:
    """Its state outlives it: start it again on the same folder."""

    def __init__(self, binary, folder, servers, tier="secure_element", wrapper=(), offline=None,
                 **config):
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.state = folder / "state"
        self.state.mkdir(exist_ok=True)
        path = folder / "config.json"
        path.write_text(json.dumps({"device_id": "mfp-1", "servers": servers,
                                    "offline": {**OFFLINE, **(offline or {})}, **config}))
        self.errors = open(folder / "stderr", "ab")
        self.process = subprocess.Popen([*wrapper, binary, path, self.state, tier],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.errors)
        self.events = []
        self.fresh = queue.Queue()
        self.output = b""
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        self.next("ready", 20)

    def read(self):
        for line in self.process.stdout:
            self.output += line
            event = json.loads(line)
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
                raise Broken(f"no event '{name}' within {most_s} s: {self.tail()}") from None
            check(event is not None, f"the device ended before '{name}':", self.tail())
            if event["event"] in (name, "failed"):
                check(event["event"] == name, event)
                return event

    def ask(self, command, name=None, most_s=20):
        while not self.fresh.empty():
            self.fresh.get()
        self.send(command)
        return self.next(name or command.split()[0], most_s)

    def login(self, how):
        return self.ask("login " + how, "login")

    def status(self):
        return self.ask("status")

    def server(self, name):
        return next(each for each in self.status()["servers"] if each["name"] == name)

    def until(self, what, true, most_s=30):
        end = time.monotonic() + most_s
        while not true():
            check(time.monotonic() < end, "waited in vain until", what, self.status(), self.tail())
            time.sleep(0.1)

    def lost(self, *names):
        for name in names:
            self.until(f"{name} is lost",
                       lambda: self.server(name)["state"] not in ("up", "suspect", "initial"))

    def audited(self, kind):
        return [each for each in self.events if each["event"] == "audit" and each["kind"] == kind]

    def peak_kib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0])

    def tail(self):
        self.errors.flush()
        return (self.folder / "stderr").read_text(errors="replace")[-1500:]

    def kill(self):
        self.process.kill()
        self.close()

    def close(self):
        if self.process.poll() is None:
            self.process.stdin.close()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()
        self.reader.join()
        if not self.process.stdin.closed:
            self.process.stdin.close()
        self.process.stdout.close()
        self.errors.close()


class PrintServer:
    """holdfast-print-server over TLS, that hands out its users."""

    def __init__(self, binary, folder, users, certificates, token, port=0):
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "users.json"
        path.write_text(json.dumps({"users": users}))
        self.certificates = certificates
        self.token = token
        self.process = subprocess.Popen(
            [binary, "--data", folder / "data", "--cluster-id", "office", "--device-token",
             f"mfp-1:{token}", "--import-users", path, "--kdf-iterations", "10000",
             "--sync-verifiers", "all", "--listen", f"127.0.0.1:{port}",
             "--tls-cert", certificates / "server.pem", "--tls-key", certificates / "server.key"],
            stdout=subprocess.PIPE, text=True)
        self.port = json.loads(self.process.stdout.readline())["port"]

    def entry(self, name):
        tls = {"ca_file": str(self.certificates / "ca.pem"),
               "client_certificate_file": str(self.certificates / "device.pem"),
               "client_key_file": str(self.certificates / "device.key")}
        return {"name": name, "url": f"https://127.0.0.1:{self.port}", "cluster_id": "office",
                "token": self.token, "tls": tls}

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def make_certificates(script, folder):
    folder.mkdir()
    subprocess.run(["sh", script, folder], check=True)
    return folder


class ListServer:
    """Hands out a list of users made by `chunk(number)`, which returns (lines, entries)."""

    def __init__(self, chunks, chunk, version=5):
        self.made = {}
        self.chunk = chunk
        self.asked = []
        self.manifest = {"version": version, "base_version": 0, "full": True, "chunks": []}
        for number in range(chunks):
            lines, entries = chunk(number)
            self.manifest["chunks"].append(
                {"id": f"c{number}", "sha256": hashlib.sha256(lines).hexdigest(),
                 "bytes": len(lines), "entries": entries})
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                outer.asked.append(self.path)
                if "/users/chunks/c" in self.path:
                    return self.send(outer.chunk(int(self.path.rsplit("c", 1)[1]))[0])
                if "/users" in self.path:
                    return self.send(json.dumps(outer.manifest).encode())
                self.send(json.dumps({
                    "protocol_versions": [1], "cluster_id": "office", "instance_id": "i-1",
                    "incarnation_id": "inc-1", "server_epoch": 1, "role": "active",
                    "accepting": True, "users_version": version, "servers_version": 0,
                    "spread_s": 0, "probe_s": 5, "journal": [],
                    "server_time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}).encode())

            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send(b'{"stable_through":0}')

            def send(self, body):
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def entry(self, name):
        return {"name": name, "url": f"http://127.0.0.1:{self.server.server_port}",
                "cluster_id": "office", "token": "token-of-mfp-1"}

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def user_line(uid, **more):
    return json.dumps({"op": "put", "user_uid": uid, "name": uid, "display_name": uid,
                       "rights": ["print"], "disabled": False, **more}).encode() + b"\n"


def digest_of_fake_key(purpose, label, data):
    """tests/support/fake_device_key.h, device 1: what it wraps with."""
    def mix(z):
        z = (z + 0x9E3779B97F4A7C15) % 2**64
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
        return z ^ (z >> 31)

    state = mix(1)
    for part in (purpose, label, data):
        state = mix(state ^ len(part))
        for byte in part:
            state = mix(state ^ byte)
    out = []
    for i in range(32):
        state = mix((state + i) % 2**64)
        out.append(state >> 56)
    return bytes(out)


def unwrapped(wrapped):
    check(wrapped[40:] == digest_of_fake_key(b"tag", b"", wrapped[:40]), "not what it wrapped")
    mask = digest_of_fake_key(b"mask", wrapped[:8], b"")
    return bytes(a ^ b for a, b in zip(wrapped[8:40], mask))


def base64_of(data):
    return base64.b64encode(data)
