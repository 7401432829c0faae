# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""The benchmark of logins without a server. Started by run.sh."""
import argparse
import json
import os
import pathlib
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time

import report
import users

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "real/print_server"))
import print_server  # noqa: E402

DEVICE = "mfp1"


def options():
    parser = argparse.ArgumentParser(prog="tests/bench/offline/run.sh")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--users", type=int)
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--work", type=pathlib.Path)
    parser.add_argument("--device", required=True)
    parser.add_argument("--server", required=True)
    given = parser.parse_args()
    given.users = given.users or (5000 if given.quick else 100000)
    if not 1000 <= given.users <= 200000:
        parser.error("--users: from 1000 to 200000")
    # So many have secrets that are known; logins; tries of each kind.
    given.known, given.logins, given.tries = (100, 40, 60) if given.quick else (500, 240, 500)
    given.stride = given.users // given.known
    return given


class Office:
    """One server, with TLS and client certificates."""

    def __init__(self, given, folder):
        self.given = given
        self.folder = folder
        subprocess.run(["sh", HERE / "certificates.sh", folder], check=True)
        self.data = folder / "server"
        print_server.BINARY = given.server
        self.port = 0
        self.process = None
        self.start()
        self.stop()

    def start(self, *more):
        self.process = subprocess.Popen(
            [self.given.server, "--data", self.data, "--cluster-id", "home",
             "--listen", f"127.0.0.1:{self.port}", "--device-token", f"{DEVICE}:token-{DEVICE}",
             "--tls-cert", self.folder / "server.pem", "--tls-key", self.folder / "server.key",
             "--tls-client-ca", self.folder / "ca.pem", "--sync-verifiers", "all",
             "--kdf-iterations", str(users.ITERATIONS), *more],
            stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the server didn't start")
        self.port = json.loads(line)["port"]

    def stop(self):
        self.process.kill()  # what it has acknowledged is kept
        self.process.wait()
        self.process.stdout.close()

    def change(self, everybody, known, version, changed):
        database = users.Database(self.data / "server.db")
        database.put(everybody, known, version, changed)
        database.close()


class Device:
    def __init__(self, given, mode, config, folder):
        self.process = subprocess.Popen([given.device, mode, config, folder], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)

    def ask(self, *words):
        print(*words, file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the device failed at '{' '.join(map(str, words))}'")
        return json.loads(line)

    def stop(self):
        self.process.stdin.close()
        if self.process.wait() != 0:
            raise RuntimeError("the device failed at its end")
        self.process.stdout.close()


def write_config(office, path, iterations):
    path.write_text(json.dumps({
        "device_id": DEVICE,
        "servers": [{"name": "home", "cluster_id": "home", "url": f"https://127.0.0.1:{office.port}",
                     "token": f"token-{DEVICE}",
                     "tls": {"ca_file": str(office.folder / "ca.pem"),
                             "client_certificate_file": str(office.folder / "device.pem"),
                             "client_key_file": str(office.folder / "device.key")}}],
        # Logins that home swallows while it hands out its list are no failure of the server's.
        "down": {"gray_percent": 100, "gray_window": 100},
        "login": {"offline_after_ms": 100},
        "offline": {"cache": "automatic", "sync": "all", "kdf_iterations": iterations,
                    # Tries are counted, and a benchmark makes many.
                    "device_failures": 1000, "device_forget_s": 10}}))
    return path


def copy_cache(source, target):
    target.mkdir()
    for file in source.iterdir():
        if file.is_file():
            shutil.copy(file, target / file.name)
    return target


def measured(given, folder, say):
    everybody = range(given.users)
    known = range(0, given.known * given.stride, given.stride)
    limit_s = 120 + given.users // 50
    found = {"users": given.users, "mode": "quick" if given.quick else "full"}
    office = Office(given, folder)
    office.change(everybody, known, 1, False)
    say(f"{given.users} users in the server's database")
    office.start()

    slow = write_config(office, folder / "slow.json", 100000)  # the default
    (folder / "a").mkdir()
    device = Device(given, "worker", slow, folder / "a")
    found["full"] = device.ask("sync", 1, limit_s)
    say(f"full list: {found['full']['seconds']:.1f} s")
    office.stop()
    office.change([n for n in everybody if n % given.stride][:100], [], 2, False)
    office.start()
    found["delta"] = device.ask("sync", 2, limit_s)
    say(f"delta: {found['delta']['seconds']:.2f} s")
    begun = time.monotonic()
    device.ask("rest", limit_s)
    found["tidy_s"] = time.monotonic() - begun
    device.stop()
    say(f"tidied in {found['tidy_s']:.0f} s more")

    office.stop()
    found["cache_bytes"] = (folder / "a/cred.db").stat().st_size
    found["open"] = json.loads(subprocess.run([given.device, "open", slow, folder / "a"], check=True,
                                              stdout=subprocess.PIPE, text=True).stdout)
    for mode, count in (("worker", given.logins), ("inline", 20)):
        bare = copy_cache(folder / "a", folder / f"bare-{mode}")
        device = Device(given, mode, slow, folder / "a")
        device.ask("down", 60)
        found[mode] = device.ask("compare", count, given.known, given.stride, bare / "cred.db")
        device.stop()
        say(f"{count} logins beside bare ones, {mode} executor")

    found.update(switched(given, office, folder, everybody, known, limit_s, say))
    return found


def switched(given, office, folder, everybody, known, limit_s, say):
    """A second device, whose own derivations take the least that is allowed: more logins a second,
    and less noise to hide a difference in."""
    found = {}
    quick = write_config(office, folder / "quick.json", 10000)
    office.start()
    (folder / "b").mkdir()
    device = Device(given, "worker", quick, folder / "b")
    device.ask("sync", 2, limit_s)
    say("full list at the second device")
    office.stop()
    office.change(known, known, 3, True)
    office.start("--new-incarnation")  # nothing can be built upon: the whole list again
    found["watch"] = device.ask("watch", 3, 7, given.stride * (given.known // 7), 2 * limit_s)
    say(f"full list with logins meanwhile: {found['watch']['seconds']:.1f} s")
    device.ask("rest", limit_s)
    device.stop()
    office.stop()
    office.change(known, known, 4, False)
    office.start()
    device = Device(given, "worker", quick, folder / "b")
    device.ask("sync", 4, limit_s)
    device.ask("rest", limit_s)
    office.stop()
    device.ask("down", 60)
    found["blind"] = device.ask("blind", given.tries, given.known, given.stride)
    device.stop()
    say(f"{given.tries} tries of each kind, known and unknown")
    return found


def main():
    given = options()
    begun = time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))

    def say(text):
        print(f"[{time.monotonic() - begun:5.0f} s] {text}", file=sys.stderr, flush=True)

    given.out.mkdir(parents=True, exist_ok=True)
    load = os.getloadavg()[0]
    try:
        with tempfile.TemporaryDirectory(prefix="bench-offline-", dir=given.work) as folder:
            found = measured(given, pathlib.Path(folder), say)
    except (RuntimeError, subprocess.CalledProcessError) as problem:
        print(f"tests/bench/offline/run.sh: {problem}", file=sys.stderr)
        return 2
    found.update(report.machine(), load=load, load_after=os.getloadavg()[0],
                 seconds=round(time.monotonic() - begun))
    (given.out / "measured.json").write_text(json.dumps(found) + "\n")
    return report.told(found, given.out, given.update)


if __name__ == "__main__":
    sys.exit(main())
