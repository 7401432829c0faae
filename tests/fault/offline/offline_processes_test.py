# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""Offline logins in real processes. usage:
offline_processes_test.py HOLDFAST_OFFLINE_DEVICE HOLDFAST_PRINT_SERVER MAKE_CERTIFICATES

A device killed at each step of an attempt, on a disk that is full, behind a server that shows a
wrong certificate, answers logins with nonsense, or offers a million users.
"""
import pathlib
import shutil
import sys
import tempfile
import time

from offline_device import (Broken, Device, HostileServer, ListServer, PrintServer, check,
                            is_sanitized, make_certificates, run_all, user_line)

TOKEN = "token-of-mfp-1"
USERS = [{"user_uid": "u-ada", "name": "ada", "cards": ["CAFE5717"], "pins": ["271828"],
          "password": "correct horse"}]
NONSENSE = ("html", "empty", "no_content", "not_http", "truncated", "longer_than_said",
            "negative_length", "two_lengths")


class Bench:
    def __init__(self, binary, print_server, make, folder):
        self.binary, self.print_server, self.folder = binary, print_server, folder
        self.certificates = make_certificates(make, folder / "certificates")

    def server(self, name):
        return PrintServer(self.print_server, self.folder / name / "server", USERS,
                           self.certificates, TOKEN)

    def device(self, name, servers, **more):
        # What the cache doesn't know is hoped for from a server until the deadline.
        more.setdefault("login", {"offline_after_ms": 300})
        more.setdefault("request", {"deadline_ms": 1500})
        return Device(self.binary, self.folder / name / "device", servers, **more)


def known(device):
    device.until("it knows somebody", lambda: device.status()["users"] > 0)


def ended(device):
    """True when there was an answer, false when the process died before."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if any(each["event"] == "login" for each in device.events):
            return True
        if device.process.poll() is not None:
            return False
        time.sleep(0.02)
    raise Broken("neither an answer nor the end")


def killed_at_each_step(bench):
    """Three guesses are counted, the fourth is killed; four lock the device."""
    server = bench.server("killed")
    entry = server.entry("home")
    offline = {"device_failures": 4, "sync": "none"}
    filled = bench.device("killed", [entry], offline=offline)
    check(filled.login("card CAFE5717")["source"] == "home", "the card")
    known(filled)
    server.kill()
    filled.lost("home")
    for guess in range(3):
        check(filled.login(f"card BAD0000{guess}")["verdict"] != "granted", "a guess")
    filled.close()
    seen = []
    for step in range(12):
        name = f"killed-{step}"
        shutil.copytree(bench.folder / "killed" / "device", bench.folder / name / "device")
        device = bench.device(name, [entry], offline=offline)
        time.sleep(0.3)  # what a start writes is written
        device.send(f"arm {step}")
        device.send("login card BAD00003")
        answered = ended(device)
        device.kill()
        after = bench.device(name, [entry], offline=offline)
        login = after.login("card CAFE5717")
        after.kill()
        locked = login["denial"] == "locked"
        seen.append("locked" if locked else login["verdict"])
        check(locked or step == 0, f"killed at step {step} the guess was given back:", login)
        if answered:
            break
    check(answered and len(seen) >= 4, "an attempt of", len(seen), "steps", seen)
    return ", ".join(seen)


def full_disk(bench):
    """On a disk of its own, in a namespace of its own."""
    server = bench.server("full")
    folder = bench.folder / "full" / "device"
    mount = ["unshare", "-rm", "--propagation", "private", "sh", "-c",
             'mount -t tmpfs -o size=256k none "$0" && exec "$@"', folder / "state"]
    device = bench.device("full", [server.entry("home")], wrapper=mount)
    try:
        check(device.login("card CAFE5717")["source"] == "home", "the card")
        known(device)
        inside = pathlib.Path(f"/proc/{device.process.pid}/root{folder}/state")
        check((inside / "cred.db").exists(), "no cred.db in", inside)
        server.kill()
        device.lost("home")
        check(device.login("card CAFE5717")["source"] == "cache", "there is room")
        ballast = inside / "ballast"
        try:
            with open(ballast, "wb", buffering=0) as file:
                while file.write(bytes(1024)):
                    pass
        except OSError:
            pass
        # The log that is there may take some more; then nothing is counted, and nobody gets in.
        granted = 0
        while device.login("card CAFE5717")["verdict"] == "granted":
            granted += 1
            check(granted < 400, "the disk doesn't get full")
        for how in ("card CAFE5717", "pin 271828", "card BAD00000"):
            check(device.login(how)["verdict"] != "granted", how)
        ballast.unlink()
        device.until("there is room again",
                     lambda: device.login("card CAFE5717")["verdict"] == "granted")
        return f"{granted} logins fitted into the log"
    finally:
        server.kill()
        device.kill()


def wrong_certificate(bench):
    """Home has a certificate that isn't to be trusted: it is nobody, as a silent one is."""
    server = bench.server("certificate")
    device = bench.device("certificate", [server.entry("home")])
    check(device.login("card CAFE5717")["source"] == "home", "the card")
    known(device)
    entry = server.entry("home")
    server.kill()
    device.close()
    other = bench.folder / "other-certificates"
    make_certificates(MAKE, other)
    false = HostileServer("good", tls_cert=other / "server.pem", tls_key=other / "server.key")
    entry["url"] = f"https://127.0.0.1:{false.port}"
    device = bench.device("certificate", [entry])
    try:
        device.until("it is quarantined", lambda: device.server("home")["state"] == "quarantined")
        login = device.login("card CAFE5717")
        stranger = device.login("card BAD00000")
        check((login["verdict"], login["source"]) == ("granted", "cache"), login)
        check(stranger["verdict"] != "granted" and stranger["source"] != "home", stranger)
        check(not [each for each in false.requests if each["kind"] == "login"], "it was asked")
        return "quarantined; the cache answers"
    finally:
        device.kill()
        false.close()


def nonsense(bench, answer):
    server = HostileServer(answer, at=("login",))
    name = f"nonsense-{answer}"
    device = bench.device(name, [server.entry("home")], offline={"sync": "none"})
    try:
        for how in ("card CAFE5717", "pin 271828", "password ada correct_horse"):
            login = device.login(how)
            check(login["verdict"] == "unknown", how, login)
        status = device.status()
        check(status["users"] == 0 and status["credentials"] == 0, status)
        return login["status"]
    finally:
        device.kill()
        server.close()


def refused_device(bench):
    """The server no longer takes the device's token: the cache stays shut."""
    server = bench.server("refused")
    device = bench.device("refused", [server.entry("home")])
    check(device.login("card CAFE5717")["source"] == "home", "the card")
    known(device)
    device.close()
    device = bench.device("refused", [{**server.entry("home"), "token": "another-token"}])
    try:
        device.until("it is refused", lambda: device.audited("x") or any(
            each["event"] == "alarm" and each["alarm"] == "device_refused"
            for each in device.events))
        login = device.login("card CAFE5717")
        check(login["verdict"] == "unknown" and login["source"] != "cache", login)
        return login["status"]
    finally:
        device.kill()
        server.kill()


def a_million_users(bench):
    """In 4,000 chunks of 250, for a device that holds 2,000: it stops where it is full."""
    def chunk(number):
        lines = b"".join(user_line(f"u{number}-{i}") for i in range(250))
        return lines, 250

    server = ListServer(4000, chunk)
    device = bench.device("million", [server.entry("home")],
                          offline={"max_users_flash": 2000, "sync": "users"})
    try:
        asked = lambda: sum("/chunks/" in path for path in server.asked)  # noqa: E731
        device.until("it has tried twice", lambda: asked() >= 18, 60)
        before = asked()
        status = device.status()
        check(status["users_version"] == 0 and status["users"] == 0, status)
        check(asked() < 40, "of 4,000 chunks it asked for", asked())
        peak = device.peak_kib()
        check(is_sanitized(bench.binary) or peak < 40 * 1024, "it took", peak, "KiB")
        return f"{before} chunks asked for, {peak} KiB at most"
    finally:
        device.kill()
        server.close()


def copied_to_another_device(bench):
    """With the key file left behind, the directory is nobody's."""
    server = bench.server("copied")
    bare = {"cache": "flash", "sync": "none"}
    device = bench.device("copied", [server.entry("home")], tier="none", offline=bare)
    check(device.login("password ada correct horse")["source"] == "home", "the password")
    known(device)
    device.close()
    entry = server.entry("home")
    server.kill()
    thief = bench.folder / "thief" / "device"
    shutil.copytree(bench.folder / "copied" / "device" / "state", thief / "state")
    results = []
    for name in ("copied", "thief"):
        device = bench.device(name, [entry], tier="none", offline=bare)
        device.lost("home")
        results.append(device.login("password ada correct horse")["verdict"])
        device.kill()
    check(results[0] == "granted" and results[1] != "granted", results)
    return ", ".join(results)


CASES = {"killed_at_each_step": killed_at_each_step, "full_disk": full_disk,
         "wrong_certificate": wrong_certificate, "refused_device": refused_device,
         "a_million_users": a_million_users,
         "copied_to_another_device": copied_to_another_device}


def main():
    global MAKE
    binary, print_server, MAKE = sys.argv[1:4]
    folder = pathlib.Path(tempfile.mkdtemp(prefix="holdfast-offline-"))
    folder.chmod(0o700)
    try:
        bench = Bench(binary, print_server, MAKE, folder)
        only = sys.argv[4:]

        def run(name):
            if name in CASES:
                return CASES[name](bench)
            return nonsense(bench, name.removeprefix("nonsense-"))

        names = [*CASES, *(f"nonsense-{answer}" for answer in NONSENSE)]
        failed = run_all([name for name in names if not only or name in only], run, at_once=3)
        return 1 if failed else 0
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
