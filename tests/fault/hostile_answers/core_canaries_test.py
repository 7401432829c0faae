# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""Secrets that are looked for in a core file. usage:
core_canaries_test.py HOLDFAST_MFP MAKE_CERTIFICATES

A card, a PIN and a password go over TLS to a server that asks for the device's certificate, each user
logs out, and the printer is aborted. Its core file may hold the token, which is a part of the
configuration, and none of the others, no receipt, and not the text of the device's key. Half-way another printer is aborted with a login under way: its
core file does hold the PIN, so that the search is known to find one.
"""
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from device import HostileServer, Mfp, check, is_sanitized

CARD = "CA4D0BADCAFE5717"
PIN = "8305719264407716"
PASSWORD = "canary-pass-Zq81vTr5mXw0"
TOKEN = "canary-token-Hk27bNs9dLe4"
RECEIPT = "receipt-canary-Pw83hQz61Lnx"  # answers.py
SECRETS = {"card": CARD, "PIN": PIN, "password": PASSWORD}  # the user's


def kernel_writes_cores():
    pattern = pathlib.Path("/proc/sys/kernel/core_pattern").read_text().strip()
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    return "/" not in pattern and not pattern.startswith("|") and most == resource.RLIM_INFINITY


def dump(mfp, folder):
    """The bytes of a core file: the kernel's where it writes one beside the program, else gcore's."""
    pid = mfp.process.pid
    if kernel_writes_cores():
        os.kill(pid, signal.SIGABRT)
        mfp.process.wait(20)
        found = list(folder.glob("core*"))
    else:
        check(shutil.which("gcore"), "neither the kernel writes a core file here nor gcore does")
        subprocess.run(["gcore", "-o", folder / "core", str(pid)], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
        found = list(folder.glob("core*"))
    check(len(found) == 1, "no core file, or several", found)
    return found[0].read_bytes()


def near(core, secret):
    at = core.find(secret.encode())
    return None if at < 0 else core[max(0, at - 60):at + len(secret) + 30]


def start(binary, folder, certificates, answer, at=()):
    server = HostileServer(answer, at, tls_cert=certificates / "server.pem",
                           tls_key=certificates / "server.key",
                           client_ca=certificates / "ca.pem")
    tls = {"ca_file": str(certificates / "ca.pem"),
           "client_certificate_file": str(certificates / "device.pem"),
           "client_key_file": str(certificates / "device.key")}
    folder.mkdir()
    mfp = Mfp(binary, folder, [{**server.entry("tls", tls=tls), "token": TOKEN}],
              wrapper=["sh", "-c", 'cd "$0"; ulimit -S -c "$(ulimit -H -c)"; exec "$@"', folder])
    return server, mfp


def while_asking(binary, folder, certificates):
    server, mfp = start(binary, folder, certificates, "silent", ("login",))
    try:
        mfp.send(f"login pin {PIN}")
        server.asked_for("login")
        check(near(dump(mfp, folder), PIN), "a PIN in use is not found")
    finally:
        mfp.close()
        server.close()


def after_logout(binary, folder, certificates):
    server, mfp = start(binary, folder, certificates, "good")
    key_line = (certificates / "device.key").read_text().splitlines()[1]
    try:
        for how in (f"card {CARD}", f"pin {PIN}", f"password ada {PASSWORD}"):
            login = mfp.ask("login " + how, "login")
            check(login["verdict"] == "granted", login)
            check(mfp.ask("jobs")["status"]["code"] == "ok", "the list")
            mfp.ask("logout", "session_end")
        time.sleep(1)
        core = dump(mfp, folder)
    finally:
        mfp.close()
        server.close()
    check(near(core, TOKEN), "the search doesn't find what must be there")
    print(f"a core file of {len(core)} bytes; pieces of receipts: {core.count(RECEIPT[:16].encode())}")
    secrets = {**SECRETS, "receipt": RECEIPT, "key's text": key_line}
    found = {what: near(core, secret) for what, secret in secrets.items() if near(core, secret)}
    for what, place in found.items():
        print(f"  the {what} is there: {place!r}")
    return not found


def main():
    binary, make = sys.argv[1:3]
    folder = pathlib.Path(tempfile.mkdtemp(prefix="holdfast-cores-"))
    folder.chmod(0o700)
    try:
        certificates = folder / "certificates"
        certificates.mkdir()
        subprocess.run(["sh", make, certificates], check=True)
        if is_sanitized(binary):
            print("a sanitizer keeps what was freed: nothing to look for")
            return 0
        while_asking(binary, folder / "asking", certificates)
        return 0 if after_logout(binary, folder / "after", certificates) else 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
