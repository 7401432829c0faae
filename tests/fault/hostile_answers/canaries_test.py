# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""Secrets that are looked for where they must not be. usage:
canaries_test.py HOLDFAST_MFP HOLDFAST_PRINT_SERVER

A PIN, a card, a password and a device's token, each of them unique, go through a printer whose first
server answers logins with nonsense, whose second hangs up on them, and whose third is a real one.
Afterwards they are looked for in what the printer printed and logged, in its state, in the third
server's record and, after the logout, in all of the printer's memory: whatever a core dump would
hold. The token is a part of the configuration and stays in memory; so may a receipt, which the logout
has ended.
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

from device import HostileServer, Mfp, check, is_sanitized

CARD = "CA4D0BADCAFE5717"
PIN = "8305719264407716"
PASSWORD = "canary-pass-Zq81vTr5mXw0"
TOKEN = "canary-token-Hk27bNs9dLe4"
USERS = {"users": [{"user_uid": "u-ada", "name": "ada", "cards": [CARD], "pins": [PIN],
                    "password": PASSWORD}]}
SECRETS = {"card": CARD, "PIN": PIN, "password": PASSWORD}


def memory(pid):
    """Each readable part of the process's memory: (its name, its bytes)."""
    maps = pathlib.Path(f"/proc/{pid}/maps").read_text().splitlines()
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as file:
        for line in maps:
            span, rights, _, _, _, *name = line.split(None, 5)
            begin, end = (int(part, 16) for part in span.split("-"))
            if rights[0] != "r" or (name and name[0] in ("[vvar]", "[vsyscall]")):
                continue
            file.seek(begin)
            try:
                yield (name[0] if name else "anonymous"), file.read(end - begin)
            except OSError:
                continue


def found_in_memory(pid, secrets):
    found = {}
    for name, content in memory(pid):
        for what, secret in secrets.items():
            for match in re.finditer(re.escape(secret.encode()), content):
                near = content[max(0, match.start() - 40):match.end() + 24]
                found.setdefault(what, []).append((name, near))
    return found


def visit(mfp, how, verdict="granted"):
    login = mfp.ask("login " + how, "login")
    check(login["verdict"] == verdict, login["verdict"], login.get("status"))
    check(mfp.ask("jobs")["status"]["code"] == "ok", "the list")
    mfp.ask("logout", "session_end")


def search_files(mfp, folder):
    for path in [folder / "stderr", *folder.glob("state/**/*")]:
        if not path.is_file():
            continue
        content = path.read_bytes()
        for what, secret in {**SECRETS, "token": TOKEN}.items():
            check(secret.encode() not in content, f"the {what} is in {path.name}")
    for what, secret in {**SECRETS, "token": TOKEN}.items():
        check(secret.encode() not in mfp.output, f"the {what} is on standard output")


class PrintServer:
    """holdfast-print-server, recording."""

    def __init__(self, binary, folder):
        users = folder / "users.json"
        users.write_text(json.dumps(USERS))
        self.record = folder / "record"
        self.process = subprocess.Popen(
            [binary, "--data", folder / "server", "--cluster-id", "office", "--device-token",
             f"mfp-1:{TOKEN}", "--import-users", users, "--record", self.record,
             "--kdf-iterations", "100"], stdout=subprocess.PIPE, text=True)
        self.port = json.loads(self.process.stdout.readline())["port"]

    def entry(self, name, **more):
        return {"name": name, "url": f"http://127.0.0.1:{self.port}", "cluster_id": "office", **more}

    def close(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


def while_asking(binary, folder):
    """The search finds a secret that is in use: else its silence later says nothing."""
    silent = HostileServer("silent", at=("login",))
    mfp = Mfp(binary, folder, [silent.entry("silent")])
    try:
        mfp.send(f"login pin {PIN}")
        silent.asked_for("login")
        check(found_in_memory(mfp.process.pid, {"PIN": PIN}), "a PIN in use is not found")
    finally:
        mfp.close()
        silent.close()


def play(binary, server, folder):
    first = HostileServer("html", at=("login",))
    second = HostileServer("close", at=("login",))
    good = PrintServer(server, folder)
    servers = [each.entry(name, token=TOKEN) for each, name in
               ((first, "first"), (second, "second"), (good, "good"))]
    mfp = Mfp(binary, folder / "mfp", servers)
    try:
        found = {}
        for how in (f"card {CARD}", f"pin {PIN}", f"password ada {PASSWORD}"):
            visit(mfp, how)
            time.sleep(0.5)  # an attempt that lost its race may be under way
            found.update(found_in_memory(mfp.process.pid, SECRETS))
        first.asked_for("login")
        second.asked_for("login")
        record = good.record.read_text()
        check(record.count("/v1/login") >= 3, "the record lacks logins")
        for what, secret in {**SECRETS, "token": TOKEN}.items():
            check(secret not in record, f"the {what} is in the server's record")
        for _ in range(5):
            mfp.ask("status")  # other words through the same buffers
        time.sleep(2)
        # The token is a part of the configuration: found, or the search finds nothing at all.
        token = found_in_memory(mfp.process.pid, {"token": TOKEN})
        check(token, "the search doesn't find what must be there")
        found.update(found_in_memory(mfp.process.pid, SECRETS))
        for what, places in found.items():
            for name, near in places:
                print(f"  the {what} in {name}: {near!r}")
        mfp.quit()
        mfp.reader.join()
        search_files(mfp, folder / "mfp")
        return found
    finally:
        for process in (mfp, first, second, good):
            process.close()


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="holdfast-canaries-"))
    try:
        while_asking(sys.argv[1], folder / "asking")
        found = play(sys.argv[1], sys.argv[2], folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if is_sanitized(sys.argv[1]):
        return 0  # a sanitizer keeps what was freed
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
