# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""The servers' side: two print servers of one cluster in this network namespace, and what befalls
the first of them. Obeys a line of JSON on standard input with a line on standard output.

    office.py BINARY FOLDER DEVICES
"""
import json
import pathlib
import signal
import socket
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "real/print_server"))
import print_server  # noqa: E402

PORTS = (8001, 8002)


class Office:
    def __init__(self, binary, folder, devices):
        print_server.BINARY = binary
        tls = ["--tls-cert", f"{folder}/server.pem", "--tls-key", f"{folder}/server.key"]
        self.records = [folder / f"record-{port}" for port in PORTS]
        self.folder = folder
        self.options = [[*tls, "--listen", f"0.0.0.0:{port}", "--allow-faults",
                         "--device-token", f"@{devices}"] for port in PORTS]
        self.trust = print_server.trusting(f"{folder}/ca.pem")
        self.servers = [None, None]
        self.mute = None
        for who in (0, 1):
            self.start(who)

    def start(self, who, *more):
        self.servers[who] = print_server.Server(
            f"{self.folder}/data-{who}", *self.options[who], *more, tls=self.trust)

    def refused(self):
        self.servers[0].kill()

    def hang(self):
        self.servers[0].fault("hang")

    def unavailable(self):
        self.servers[0].fault("status", status=503)

    def stopped(self):
        pid = self.servers[0].process.pid
        self.servers[0].process.send_signal(signal.SIGSTOP)
        tasks = pathlib.Path(f"/proc/{pid}/task")
        while any((task / "stat").read_text().rsplit(")", 1)[1].split()[0] != "T"
                  for task in tasks.iterdir()):
            time.sleep(0.0005)

    def handshake_hangs(self):
        """Something else listens at the address, takes each connection and never says a word."""
        self.servers[0].kill()
        self.mute = socket.socket()
        self.mute.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.mute.bind(("0.0.0.0", PORTS[0]))
        self.mute.listen(512)

    def heal(self):
        if self.mute is not None:
            self.mute.close()
            self.mute = None
        first = self.servers[0]
        if first.process.poll() is not None:
            return self.start(0)
        first.process.send_signal(signal.SIGCONT)
        first.fault("none")

    def record(self):
        """Both servers again, from now on with a record of who asks what."""
        for who in (0, 1):
            self.servers[who].kill()
            self.records[who].unlink(missing_ok=True)
            self.start(who, "--record", str(self.records[who]))

    def stop(self):
        for server in self.servers:
            server.process.send_signal(signal.SIGCONT)
            server.kill()


def main():
    binary, folder, devices = sys.argv[1:]
    office = Office(binary, pathlib.Path(folder), devices)
    print(json.dumps({"pids": [s.process.pid for s in office.servers]}), flush=True)
    for line in sys.stdin:
        getattr(office, json.loads(line)["do"])()
        print("{}", flush=True)
    office.stop()


if __name__ == "__main__":
    main()
